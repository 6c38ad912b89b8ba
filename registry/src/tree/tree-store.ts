// SPDX-License-Identifier: Apache-2.0
import type { TreePoint } from '@wattledger/contracts/http/registry';
import type { Queryable } from '@wattledger/platform';

type PointRow = Omit<TreePoint, 'parentId' | 'mounting'>;
type MountingRow = NonNullable<TreePoint['mounting']> & { readonly pointId: string };

/**
 * Points of a project with the parent and the mounting in force at an instant. Three plain questions, joined here:
 * independent of the planner's statistics, which are missing just after a large import.
 */
export async function readTreePoints(
  queryable: Queryable,
  projectId: string,
  atMs: number,
): Promise<readonly TreePoint[]> {
  const points = await queryable.query<PointRow>(
    `select p.id, p.code, p.name, p.medium, p.role, p.sub_item as "subItem", p.place_id as "placeId", p.tenant_id as "tenantId",
       p.area_m2 as "areaM2", p.headcount
     from registry.metering_points p where p.project_id = $1 order by p.code`,
    [projectId],
  );
  const links = await queryable.query<{ readonly pointId: string; readonly parentId: string }>(
    `select l.point_id as "pointId", l.parent_id as "parentId"
     from registry.parent_links l
     where l.project_id = $1 and l.from_ms <= $2 and (l.to_ms is null or l.to_ms > $2)`,
    [projectId, atMs],
  );
  const mounted = await queryable.query<MountingRow>(
    `select s.point_id as "pointId", s.segment_id as "segmentId", s.meter_id as "meterId", s.register, s.from_ms as "fromMs"
     from registry.mountings s
     where s.project_id = $1 and s.from_ms <= $2 and (s.to_ms is null or s.to_ms > $2)`,
    [projectId, atMs],
  );
  const parentOf = new Map(links.rows.map(({ pointId, parentId }) => [pointId, parentId]));
  const mountingAt = new Map(mounted.rows.map(({ pointId, ...mounting }) => [pointId, mounting]));
  return points.rows.map((point) => ({
    ...point,
    parentId: parentOf.get(point.id) ?? null,
    mounting: mountingAt.get(point.id) ?? null,
  }));
}
