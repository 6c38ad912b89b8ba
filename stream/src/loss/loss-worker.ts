// SPDX-License-Identifier: Apache-2.0
/** Computes the marked losses of one project and one window of days. */
import type { LocalDay } from '@wattledger/contracts';
import type { Database, Parts, Transaction, Warehouse } from '@wattledger/platform';
import { windowParameters } from '../rollups/day-grid.ts';
import { readGrid, type MarkedMonths } from '../rollups/touched-days-store.ts';
import { computeLossRows } from './loss-store.ts';
import { nextRevision } from './parent-links.ts';

export type LossesComputed = (
  transaction: Transaction,
  projectId: string,
  days: readonly LocalDay[],
) => Promise<void>;

/** @returns days that were settled */
export async function computeMarkedLosses(
  { warehouse, onLosses }: Pick<Parts, 'warehouse'> & { readonly onLosses?: LossesComputed },
  transaction: Transaction,
  { projectId, fromDay, toDay }: MarkedMonths,
): Promise<number> {
  const { rows } = await transaction.query<{ local_day: LocalDay; touches: number }>(
    `SELECT l.local_day::text AS local_day, l.touches FROM stream.loss_marks l
     WHERE l.project_id = $1 AND l.local_day >= $2::date AND l.local_day < $3::date`,
    [projectId, fromDay, toDay],
  );
  if (rows.length === 0) return 0;
  const days = rows.map((row) => row.local_day);
  const heads = await transaction.query<{ newest_reading_ms: number; grid_key: string }>(
    'SELECT h.newest_reading_ms, h.grid_key FROM stream.project_heads h WHERE h.project_id = $1',
    [projectId],
  );
  const head = heads.rows[0];
  // Without a head no reading of the project ever counted: there is nothing to compare.
  if (head !== undefined) {
    await computeLossRows(warehouse, {
      projectId,
      window: windowParameters(await readGrid(transaction, head.grid_key), days),
      newestReadingMs: head.newest_reading_ms,
      revision: await nextRevision(transaction),
    });
    await onLosses?.(transaction, projectId, days);
  }
  await transaction.query(
    `DELETE FROM stream.loss_marks l USING unnest($2::date[], $3::bigint[]) AS u (local_day, touches)
     WHERE l.project_id = $1 AND l.local_day = u.local_day AND l.touches = u.touches`,
    [projectId, days, rows.map((row) => row.touches)],
  );
  return days.length;
}

/** A project that never had parents has no losses; when it gets some, all its days are marked anew. */
export async function forgetLossesWithoutTree({
  database,
  warehouse,
}: {
  readonly database: Database;
  readonly warehouse: Warehouse;
}): Promise<void> {
  const marked = await database.query<{ project_id: string; local_day: LocalDay; touches: number }>(
    'SELECT l.project_id, l.local_day::text AS local_day, l.touches FROM stream.loss_marks l',
  );
  if (marked.rows.length === 0) return;
  // Without FINAL: the losses of a tree that is gone are still to be taken away.
  const trees = await warehouse.query<{ project_id: string }>(
    'SELECT DISTINCT l.project_id FROM parent_links AS l WHERE l.project_id IN {projects:Array(String)}',
    { projects: [...new Set(marked.rows.map((row) => row.project_id))] },
  );
  const withTree = new Set(trees.map((row) => row.project_id));
  const without = marked.rows.filter((row) => !withTree.has(row.project_id));
  // A mark that was touched since it was read may be that of a tree which came meanwhile.
  await database.query(
    `DELETE FROM stream.loss_marks l USING unnest($1::text[], $2::date[], $3::bigint[]) AS u (project_id, local_day, touches)
     WHERE l.project_id = u.project_id AND l.local_day = u.local_day AND l.touches = u.touches`,
    [
      without.map((row) => row.project_id),
      without.map((row) => row.local_day),
      without.map((row) => row.touches),
    ],
  );
}
