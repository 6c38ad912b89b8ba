// SPDX-License-Identifier: Apache-2.0
/** Keeps `parent_links` and the marks of losses in step with the registry's tree. */
import type { LocalDay, MeteringPointSnapshot } from '@wattledger/contracts';
import type { Database, Warehouse } from '@wattledger/platform';

const forGoodMs = Number.MAX_SAFE_INTEGER;

export interface ParentLink {
  readonly parentId: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export function linksOf(point: MeteringPointSnapshot | null): readonly ParentLink[] {
  return (point?.parentLinks ?? []).map(({ parentId, fromMs, toMs }) => ({
    parentId,
    fromMs,
    toMs: toMs ?? forGoodMs,
  }));
}

export interface ChangedPoint {
  readonly projectId: string;
  readonly meteringPointId: string;
  readonly links: readonly ParentLink[];
}

/**
 * Writes the links of changed points, takes away those that are gone, and marks the losses of every computed day of the
 * projects whose tree changed. Twice has no further effect.
 */
export async function keepParentLinks(
  database: Database,
  warehouse: Warehouse,
  points: readonly ChangedPoint[],
): Promise<void> {
  for (const [projectId, changed] of Map.groupBy(points, (point) => point.projectId)) {
    const stored = await storedLinks(warehouse, projectId);
    const newestOf = new Map(changed.map((point) => [point.meteringPointId, point.links]));
    const revision = await nextRevision(database);
    const rows: (string | number)[][] = [];
    for (const [childId, links] of newestOf) {
      const before = stored.get(childId) ?? [];
      for (const link of links) {
        const same = before.some(
          (old) => old.fromMs === link.fromMs && old.parentId === link.parentId && old.toMs === link.toMs,
        );
        if (!same) rows.push([projectId, childId, link.fromMs, link.parentId, link.toMs, revision, 0]);
      }
      for (const old of before) {
        if (!links.some((link) => link.fromMs === old.fromMs))
          rows.push([projectId, childId, old.fromMs, old.parentId, old.toMs, revision, 1]);
      }
    }
    if (rows.length === 0) continue;
    await warehouse.insert(
      'parent_links',
      ['project_id', 'child_id', 'from_ms', 'parent_id', 'to_ms', 'revision', 'is_deleted'],
      rows,
    );
    await markAllLosses(database, warehouse, projectId);
  }
}

async function storedLinks(
  warehouse: Warehouse,
  projectId: string,
): Promise<ReadonlyMap<string, readonly ParentLink[]>> {
  const rows = await warehouse.query<{ child_id: string; parent_id: string; from_ms: number; to_ms: number }>(
    'SELECT l.child_id, l.parent_id, l.from_ms, l.to_ms FROM parent_links AS l FINAL WHERE l.project_id = {projectId:String}',
    { projectId },
  );
  const byChild = new Map<string, ParentLink[]>();
  for (const row of rows) {
    const link = { parentId: row.parent_id, fromMs: row.from_ms, toMs: row.to_ms };
    const links = byChild.get(row.child_id);
    if (links === undefined) byChild.set(row.child_id, [link]);
    else links.push(link);
  }
  return byChild;
}

export async function nextRevision(database: Pick<Database, 'query'>): Promise<number> {
  const { rows } = await database.query<{ revision: number }>(
    `SELECT nextval('stream.computed_revisions') AS revision`,
  );
  const revision = rows[0]?.revision;
  if (revision === undefined) throw new Error('a sequence gave no value');
  return revision;
}

async function markAllLosses(database: Database, warehouse: Warehouse, projectId: string): Promise<void> {
  const days = await warehouse.query<{ local_day: LocalDay }>(
    'SELECT DISTINCT toString(d.local_day) AS local_day FROM days AS d WHERE d.project_id = {projectId:String}',
    { projectId },
  );
  if (days.length === 0) return;
  await database.query(
    `INSERT INTO stream.loss_marks AS l (project_id, local_day)
     SELECT $1, u.local_day FROM unnest($2::date[]) AS u (local_day)
     ORDER BY u.local_day
     ON CONFLICT (project_id, local_day) DO UPDATE SET touches = l.touches + 1`,
    [projectId, days.map((row) => row.local_day)],
  );
}
