// SPDX-License-Identifier: Apache-2.0
import type { Medium, MeteringPointSnapshot } from '@wattledger/contracts';
import type { Queryable, Transaction } from '@wattledger/platform';
import type { ParentLink } from './parent-tree.ts';

/** A point without its links and mountings, which have their own tables. */
export type PointRow = Omit<MeteringPointSnapshot, 'parentLinks' | 'mountings'>;

export async function putPoints(
  transaction: Transaction,
  projectId: string,
  points: readonly PointRow[],
): Promise<void> {
  await transaction.query(
    `insert into registry.metering_points (id, project_id, code, name, medium, role, sub_item, place_id, tenant_id, area_m2, headcount)
     select r."id", $1, r."code", r."name", r."medium", r."role", r."subItem", r."placeId", r."tenantId", r."areaM2", r."headcount"
     from json_to_recordset($2::json) as r("id" text, "code" text, "name" text, "medium" text, "role" text, "subItem" text,
       "placeId" text, "tenantId" text, "areaM2" double precision, "headcount" integer)
     on conflict (id) do update set name = excluded.name, role = excluded.role, sub_item = excluded.sub_item,
       place_id = excluded.place_id, tenant_id = excluded.tenant_id, area_m2 = excluded.area_m2, headcount = excluded.headcount`,
    [projectId, JSON.stringify(points)],
  );
  const tenantIds = [...new Set(points.map((point) => point.tenantId).filter((id) => id !== null))];
  if (tenantIds.length > 0) {
    await transaction.query(
      'update registry.tenants t set ever_at_point = true where t.project_id = $1 and t.id = any ($2) and not t.ever_at_point',
      [projectId, tenantIds],
    );
  }
}

export async function deletePoint(
  transaction: Transaction,
  projectId: string,
  pointId: string,
): Promise<void> {
  await transaction.query('delete from registry.parent_links l where l.project_id = $1 and l.point_id = $2', [
    projectId,
    pointId,
  ]);
  await transaction.query('delete from registry.metering_points p where p.project_id = $1 and p.id = $2', [
    projectId,
    pointId,
  ]);
}

const linkColumns = `l.point_id as "pointId", l.parent_id as "parentId", l.from_ms as "fromMs", l.to_ms as "toMs"`;

export async function readLinks(queryable: Queryable, projectId: string): Promise<readonly ParentLink[]> {
  const { rows } = await queryable.query<ParentLink>(
    `select ${linkColumns} from registry.parent_links l where l.project_id = $1 order by l.point_id, l.from_ms`,
    [projectId],
  );
  return rows;
}

/** Replaces all links of the points named. */
export async function replaceLinks(
  transaction: Transaction,
  projectId: string,
  pointIds: readonly string[],
  links: readonly ParentLink[],
): Promise<void> {
  await transaction.query(
    'delete from registry.parent_links l where l.project_id = $1 and l.point_id = any ($2)',
    [projectId, pointIds],
  );
  await transaction.query(
    `insert into registry.parent_links (project_id, point_id, parent_id, from_ms, to_ms)
     select $1, r."pointId", r."parentId", r."fromMs", r."toMs"
     from json_to_recordset($2::json) as r("pointId" text, "parentId" text, "fromMs" bigint, "toMs" bigint)`,
    [projectId, JSON.stringify(links)],
  );
}

/** What keeps a point from being deleted: segments (past ones too) and points that name it as a parent at any time. */
export async function countReferences(
  queryable: Queryable,
  pointId: string,
): Promise<{ mountings: number; children: number }> {
  const { rows } = await queryable.query<{ mountings: number; children: number }>(
    `select (select count(*) from registry.mountings s where s.point_id = $1) as mountings,
       (select count(*) from registry.parent_links l where l.parent_id = $1) as children`,
    [pointId],
  );
  return rows[0] ?? { mountings: 0, children: 0 };
}

export interface RelatedPoint {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly role: MeteringPointSnapshot['role'];
  readonly relation: 'parent' | 'child';
}

/** Parent and children of a point at an instant. */
export async function readRelatives(
  queryable: Queryable,
  projectId: string,
  pointId: string,
  atMs: number,
): Promise<readonly RelatedPoint[]> {
  const { rows } = await queryable.query<RelatedPoint>(
    `select p.id, p.code, p.name, p.role, case when l.point_id = $2 then 'parent' else 'child' end as relation
     from registry.parent_links l
     join registry.metering_points p on p.id = case when l.point_id = $2 then l.parent_id else l.point_id end
     where l.project_id = $1 and (l.point_id = $2 or l.parent_id = $2) and l.from_ms <= $3 and (l.to_ms is null or l.to_ms > $3)
     order by p.code`,
    [projectId, pointId, atMs],
  );
  return rows;
}

/** Names from the outermost place down to the one asked about. */
export async function readPlacePath(
  queryable: Queryable,
  projectId: string,
  placeId: string,
): Promise<readonly string[]> {
  const { rows } = await queryable.query<{ name: string }>(
    `with recursive up as (
       select p.id, p.parent_id, p.name, 0 as depth from registry.places p where p.project_id = $1 and p.id = $2
       union all
       select p.id, p.parent_id, p.name, up.depth + 1 from registry.places p join up on p.id = up.parent_id where up.depth < 100
     )
     select up.name from up order by up.depth desc`,
    [projectId, placeId],
  );
  return rows.map((row) => row.name);
}

export interface PointPage {
  readonly pattern: string | null;
  readonly after: string | null;
  readonly limit: number;
  readonly medium: Medium | null;
  readonly role: string | null;
  readonly subItem: string | null;
  /** This place or any within it. */
  readonly placeId: string | null;
  readonly tenantId: string | null;
}

/** Ids of points in order of their codes; the snapshots are loaded by id. */
export async function listPointIds(
  queryable: Queryable,
  projectId: string,
  page: PointPage,
): Promise<readonly string[]> {
  const { rows } = await queryable.query<{ id: string }>(
    `with recursive within as (
       select p.id from registry.places p where p.project_id = $1 and p.id = $8
       union
       select p.id from registry.places p join within on p.parent_id = within.id
     )
     select p.id from registry.metering_points p
     where p.project_id = $1
       and ($2::text is null or p.code ilike $2 or p.name ilike $2)
       and ($3::text is null or p.code > $3)
       and ($5::text is null or p.medium = $5)
       and ($6::text is null or p.role = $6)
       and ($7::text is null or p.sub_item = $7)
       and ($8::text is null or p.place_id in (select within.id from within))
       and ($9::text is null or p.tenant_id = $9)
     order by p.code limit $4`,
    [
      projectId,
      page.pattern,
      page.after,
      page.limit,
      page.medium,
      page.role,
      page.subItem,
      page.placeId,
      page.tenantId,
    ],
  );
  return rows.map((row) => row.id);
}
