// SPDX-License-Identifier: Apache-2.0
import type { TreePoint } from '@wattledger/contracts/http/registry';
import type { Queryable } from '@wattledger/platform';

/** Points of a project with the parent and the mounting in force at an instant: hash joins, one row per point. */
export async function readTreePoints(
  queryable: Queryable,
  projectId: string,
  atMs: number,
): Promise<readonly TreePoint[]> {
  const { rows } = await queryable.query<TreePoint>(
    `select p.id, p.code, p.name, p.medium, p.role, p.sub_item as "subItem", p.place_id as "placeId", p.tenant_id as "tenantId",
       p.area_m2 as "areaM2", p.headcount, l.parent_id as "parentId",
       case when s.segment_id is null then null else
         json_build_object('segmentId', s.segment_id, 'meterId', s.meter_id, 'register', s.register, 'fromMs', s.from_ms) end as mounting
     from registry.metering_points p
     left join registry.parent_links l
       on l.project_id = $1 and l.point_id = p.id and l.from_ms <= $2 and (l.to_ms is null or l.to_ms > $2)
     left join registry.mountings s
       on s.project_id = $1 and s.point_id = p.id and s.from_ms <= $2 and (s.to_ms is null or s.to_ms > $2)
     where p.project_id = $1
     order by p.code`,
    [projectId, atMs],
  );
  return rows;
}
