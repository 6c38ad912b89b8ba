// SPDX-License-Identifier: Apache-2.0
import type { PlaceSnapshot } from '@wattledger/contracts';
import type { Queryable, Transaction } from '@wattledger/platform';
import type { PlaceNode } from './place-tree.ts';

/**
 * Inserts or replaces places. The order does not matter: parents are linked in a second step, so that a child may
 * stand before its parent.
 */
export async function putPlaces(
  transaction: Transaction,
  projectId: string,
  places: readonly PlaceSnapshot[],
): Promise<void> {
  const json = JSON.stringify(places);
  await transaction.query(
    `insert into registry.places (id, project_id, kind, code, name, use, area_m2, sort_order)
     select r."id", $1, r."kind", r."code", r."name", r."use", r."areaM2", r."sortOrder"
     from json_to_recordset($2::json) as r("id" text, "kind" text, "code" text, "name" text, "use" text,
       "areaM2" double precision, "sortOrder" integer)
     on conflict (id) do update set kind = excluded.kind, name = excluded.name, use = excluded.use,
       area_m2 = excluded.area_m2, sort_order = excluded.sort_order`,
    [projectId, json],
  );
  await transaction.query(
    `update registry.places p set parent_id = r."parentId"
     from json_to_recordset($2::json) as r("id" text, "parentId" text)
     where p.project_id = $1 and p.id = r."id" and p.parent_id is distinct from r."parentId"`,
    [projectId, json],
  );
}

export async function deletePlace(
  transaction: Transaction,
  projectId: string,
  placeId: string,
): Promise<void> {
  await transaction.query('delete from registry.places p where p.project_id = $1 and p.id = $2', [
    projectId,
    placeId,
  ]);
}

export async function readPlaceNodes(queryable: Queryable, projectId: string): Promise<readonly PlaceNode[]> {
  const { rows } = await queryable.query<PlaceNode>(
    'select p.id, p.parent_id as "parentId", p.kind, p.code from registry.places p where p.project_id = $1',
    [projectId],
  );
  return rows;
}

/** What keeps a place from being deleted. */
export async function countInPlace(
  queryable: Queryable,
  placeId: string,
): Promise<{ places: number; points: number }> {
  const { rows } = await queryable.query<{ places: number; points: number }>(
    `select (select count(*) from registry.places p where p.parent_id = $1) as places,
       (select count(*) from registry.metering_points m where m.place_id = $1) as points`,
    [placeId],
  );
  return rows[0] ?? { places: 0, points: 0 };
}

/** Places whose code or name contains the text, in order of their codes, after a code. */
export async function listPlaces(
  queryable: Queryable,
  projectId: string,
  page: { readonly pattern: string | null; readonly after: string | null; readonly limit: number },
): Promise<readonly PlaceSnapshot[]> {
  const { rows } = await queryable.query<PlaceSnapshot>(
    `select p.id, p.project_id as "projectId", p.parent_id as "parentId", p.kind, p.code, p.name, p.use,
       p.area_m2 as "areaM2", p.sort_order as "sortOrder"
     from registry.places p
     where p.project_id = $1 and ($2::text is null or p.code ilike $2 or p.name ilike $2) and ($3::text is null or p.code > $3)
     order by p.code limit $4`,
    [projectId, page.pattern, page.after, page.limit],
  );
  return rows;
}
