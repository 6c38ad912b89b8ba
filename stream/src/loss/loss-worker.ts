// SPDX-License-Identifier: Apache-2.0
/** Computes the marked losses of one project and one window of days. */
import type { LocalDay } from '@wattledger/contracts';
import type { Parts, Transaction } from '@wattledger/platform';
import { newestWindow, windowParameters } from '../rollups/day-grid.ts';
import { readGrid } from '../rollups/touched-days-store.ts';
import { computeLossRows } from './loss-store.ts';
import { nextRevision } from './parent-links.ts';

const daysMax = 400;

/** @returns days that were settled */
export async function computeLossDays({ warehouse }: Pick<Parts, 'warehouse'>, transaction: Transaction): Promise<number> {
  const newest = await transaction.query<{ project_id: string; grid_key: string }>(
    'SELECT l.project_id, l.grid_key FROM stream.loss_marks l ORDER BY l.local_day DESC, l.project_id LIMIT 1',
  );
  const first = newest.rows[0];
  if (first === undefined) return 0;
  const marked = await transaction.query<{ local_day: LocalDay; touches: number }>(
    `SELECT l.local_day::text AS local_day, l.touches FROM stream.loss_marks l
     WHERE l.project_id = $1 AND l.grid_key = $2 ORDER BY l.local_day DESC LIMIT $3`,
    [first.project_id, first.grid_key, daysMax],
  );
  const days = newestWindow(marked.rows.map((row) => row.local_day));
  const wanted = new Set(days);
  const marks = marked.rows.filter((row) => wanted.has(row.local_day));
  const head = await transaction.query<{ newest_reading_ms: number }>('SELECT h.newest_reading_ms FROM stream.project_heads h WHERE h.project_id = $1', [first.project_id]);
  await computeLossRows(warehouse, {
    projectId: first.project_id,
    window: windowParameters(await readGrid(transaction, first.grid_key), days),
    newestReadingMs: head.rows[0]?.newest_reading_ms ?? 0,
    revision: await nextRevision(transaction),
  });
  await transaction.query(
    `DELETE FROM stream.loss_marks l USING unnest($2::date[], $3::bigint[]) AS u (local_day, touches)
     WHERE l.project_id = $1 AND l.local_day = u.local_day AND l.touches = u.touches`,
    [first.project_id, marks.map((mark) => mark.local_day), marks.map((mark) => mark.touches)],
  );
  return marks.length;
}
