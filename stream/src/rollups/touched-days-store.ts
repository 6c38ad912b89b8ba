// SPDX-License-Identifier: Apache-2.0
import type { LocalDay, TariffCalendar, SlotMinutes } from '@wattledger/contracts';
import type { Queryable, Transaction } from '@wattledger/platform';
import { gridKeyOf, type DayGrid } from './day-grid.ts';

export interface TouchedDay {
  readonly meteringPointId: string;
  readonly localDay: LocalDay;
  /** Offset of the mounting that changed zone, slot length or calendar; 0 when only slots changed. */
  readonly calendarRevision: number;
}

/**
 * Marks days whose slots the transaction changes. Call it in the transaction that moves the position; the warehouse
 * rows must have been written before.
 */
export async function markTouchedDays(
  transaction: Transaction,
  projectId: string,
  grid: DayGrid,
  touched: readonly TouchedDay[],
  newestReadingMs: number | null,
): Promise<void> {
  const gridKey = await keepGrid(transaction, grid);
  if (touched.length > 0) {
    await transaction.query(
      `INSERT INTO stream.day_marks AS t (project_id, metering_point_id, local_day, grid_key, calendar_revision)
       SELECT $1, u.metering_point_id, u.local_day, $2, max(u.calendar_revision)
       FROM unnest($3::text[], $4::date[], $5::bigint[]) AS u (metering_point_id, local_day, calendar_revision)
       GROUP BY u.metering_point_id, u.local_day
       -- Always in one order, so that two transactions wait for each other instead of dying together.
       ORDER BY u.metering_point_id, u.local_day
       ON CONFLICT (project_id, metering_point_id, local_day) DO UPDATE
       SET grid_key = EXCLUDED.grid_key, touches = t.touches + 1,
           calendar_revision = greatest(t.calendar_revision, EXCLUDED.calendar_revision)`,
      [
        projectId,
        gridKey,
        touched.map((day) => day.meteringPointId),
        touched.map((day) => day.localDay),
        touched.map((day) => day.calendarRevision),
      ],
    );
  }
  if (newestReadingMs !== null) {
    await transaction.query(
      `INSERT INTO stream.project_heads AS h (project_id, newest_reading_ms, grid_key) VALUES ($1, $2, $3)
       ON CONFLICT (project_id) DO UPDATE
       SET newest_reading_ms = greatest(h.newest_reading_ms, EXCLUDED.newest_reading_ms), grid_key = EXCLUDED.grid_key`,
      [projectId, newestReadingMs, gridKey],
    );
  }
}

async function keepGrid(transaction: Transaction, grid: DayGrid): Promise<string> {
  const gridKey = gridKeyOf(grid);
  await transaction.query(
    `INSERT INTO stream.grids (grid_key, zone, slot_minutes, calendar) VALUES ($1, $2, $3, $4) ON CONFLICT (grid_key) DO NOTHING`,
    [gridKey, grid.zone, grid.slotMinutes, JSON.stringify(grid.calendar)],
  );
  return gridKey;
}

export interface Mark {
  readonly meteringPointId: string;
  readonly localDay: LocalDay;
  readonly touches: number;
  readonly calendarRevision: number;
}

/** Two months of one project on one grid that have marks: bounds what one turn computes, and the length of its parameters. */
export interface MarkedWindow {
  readonly projectId: string;
  readonly gridKey: string;
  /** Days from … to, the latter exclusive. */
  readonly fromDay: LocalDay;
  readonly toDay: LocalDay;
}

/** Newest first; every window that has marks now, so that none waits behind one that is touched again and again. */
export async function readMarkedWindows(
  database: Queryable,
  table: 'day_marks' | 'loss_marks',
): Promise<readonly MarkedWindow[]> {
  const found = await database.query<{
    project_id: string;
    grid_key: string;
    from_day: string;
    to_day: string;
  }>(
    `SELECT marked.project_id, marked.grid_key,
       make_date(marked.months / 12, marked.months % 12 + 1, 1)::text AS from_day,
       (make_date(marked.months / 12, marked.months % 12 + 1, 1) + interval '2 months')::date::text AS to_day
     FROM (
       SELECT DISTINCT t.project_id, t.grid_key,
         (extract(year FROM t.local_day)::integer * 12 + extract(month FROM t.local_day)::integer - 1) / 2 * 2 AS months
       FROM stream.${table} t
     ) AS marked
     ORDER BY marked.months DESC, marked.project_id, marked.grid_key`,
  );
  return found.rows.map((row) => ({
    projectId: row.project_id,
    gridKey: row.grid_key,
    fromDay: row.from_day,
    toDay: row.to_day,
  }));
}

/** The marks of a window, at most so many; by metering point, so that a point's days come together. */
export async function readMarks(
  database: Queryable,
  { projectId, gridKey, fromDay, toDay }: MarkedWindow,
  marksMax: number,
): Promise<readonly Mark[]> {
  const marks = await database.query<{
    metering_point_id: string;
    local_day: string;
    touches: number;
    calendar_revision: number;
  }>(
    `SELECT t.metering_point_id, t.local_day::text AS local_day, t.touches, t.calendar_revision FROM stream.day_marks t
     WHERE t.project_id = $1 AND t.grid_key = $2 AND t.local_day >= $3::date AND t.local_day < $4::date
     ORDER BY t.metering_point_id, t.local_day LIMIT $5`,
    [projectId, gridKey, fromDay, toDay, marksMax],
  );
  return marks.rows.map((row) => ({
    meteringPointId: row.metering_point_id,
    localDay: row.local_day,
    touches: row.touches,
    calendarRevision: row.calendar_revision,
  }));
}

/** Segments in force at some points → offset of the mounting that last changed their meter's zone, slot length or calendar. */
export async function readCalendarOffsets(
  database: Queryable,
  projectId: string,
  points: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const found = await database.query<{ segment_id: string; calendar_offset: number }>(
    `SELECT segment.segment_id, meter.calendar_offset
     FROM stream.segments segment JOIN stream.meters meter USING (project_id, meter_id)
     WHERE segment.project_id = $1 AND segment.metering_point_id = ANY ($2)`,
    [projectId, points],
  );
  return new Map(found.rows.map((row) => [row.segment_id, row.calendar_offset]));
}

export async function readGrid(database: Queryable, gridKey: string): Promise<DayGrid> {
  const { rows } = await database.query<{
    zone: string;
    slot_minutes: SlotMinutes;
    calendar: TariffCalendar;
  }>('SELECT g.zone, g.slot_minutes, g.calendar FROM stream.grids g WHERE g.grid_key = $1', [gridKey]);
  const row = rows[0];
  if (row === undefined) throw new Error(`a touched day names grid ${gridKey}, which is not kept`);
  return { zone: row.zone, slotMinutes: row.slot_minutes, calendar: row.calendar };
}

/** Takes off the marks that were not touched again since they were read, and marks the days' losses instead. */
export async function settleMarks(
  transaction: Transaction,
  { projectId, gridKey }: MarkedWindow,
  marks: readonly Mark[],
): Promise<void> {
  await transaction.query(
    `DELETE FROM stream.day_marks t
     USING unnest($2::text[], $3::date[], $4::bigint[]) AS u (metering_point_id, local_day, touches)
     WHERE t.project_id = $1 AND t.metering_point_id = u.metering_point_id AND t.local_day = u.local_day AND t.touches = u.touches`,
    [
      projectId,
      marks.map((mark) => mark.meteringPointId),
      marks.map((mark) => mark.localDay),
      marks.map((mark) => mark.touches),
    ],
  );
  await transaction.query(
    `INSERT INTO stream.loss_marks AS l (project_id, local_day, grid_key)
     SELECT DISTINCT $1, u.local_day, $2 FROM unnest($3::date[]) AS u (local_day) ORDER BY u.local_day
     ON CONFLICT (project_id, local_day) DO UPDATE SET touches = l.touches + 1, grid_key = EXCLUDED.grid_key`,
    [projectId, gridKey, marks.map((mark) => mark.localDay)],
  );
}
