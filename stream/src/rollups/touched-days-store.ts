// SPDX-License-Identifier: Apache-2.0
import type { LocalDay, TariffCalendar, SlotMinutes } from '@wattledger/contracts';
import type { Queryable, Transaction } from '@wattledger/platform';
import { gridKeyOf, type DayGrid } from './day-grid.ts';

/** A day of a segment. */
export interface TouchedDay {
  readonly meterId: string;
  readonly segmentId: string;
  readonly meteringPointId: string;
  readonly localDay: LocalDay;
}

/** Days of one project whose slots changed, of meters on one grid. */
export interface TouchedDays {
  readonly projectId: string;
  readonly grid: DayGrid;
  readonly days: readonly TouchedDay[];
  /** A meter was told of this grid: it is the project's from now on. */
  readonly isNew: boolean;
  readonly newestReadingMs: number | null;
}

/**
 * Marks days whose slots the transaction changes. Call it in the transaction that moves the position and saves the
 * meters; the warehouse rows must have been written before.
 */
export async function markTouchedDays(transaction: Transaction, touched: TouchedDays): Promise<void> {
  const gridKey = await keepGrid(transaction, touched.grid);
  await markDays(transaction, touched);
  if (touched.newestReadingMs === null) return;
  // A meter that has not been told of the new grid yet does not bring the old one back.
  await transaction.query(
    `INSERT INTO stream.project_heads AS h (project_id, newest_reading_ms, grid_key) VALUES ($1, $2, $3)
     ON CONFLICT (project_id) DO UPDATE
     SET newest_reading_ms = greatest(h.newest_reading_ms, EXCLUDED.newest_reading_ms),
         grid_key = CASE WHEN $4 THEN EXCLUDED.grid_key ELSE h.grid_key END`,
    [touched.projectId, touched.newestReadingMs, gridKey, touched.isNew],
  );
}

async function markDays(transaction: Transaction, { projectId, days }: TouchedDays): Promise<void> {
  if (days.length === 0) return;
  await transaction.query(
    `INSERT INTO stream.day_marks AS t (project_id, metering_point_id, segment_id, local_day, meter_id)
     SELECT DISTINCT ON (u.metering_point_id, u.segment_id, u.local_day) $1, u.metering_point_id, u.segment_id, u.local_day, u.meter_id
     FROM unnest($2::text[], $3::text[], $4::date[], $5::text[]) AS u (metering_point_id, segment_id, local_day, meter_id)
     -- Always in one order, so that two transactions wait for each other instead of dying together.
     ORDER BY u.metering_point_id, u.segment_id, u.local_day
     ON CONFLICT (project_id, metering_point_id, segment_id, local_day) DO UPDATE
     SET meter_id = EXCLUDED.meter_id, touches = t.touches + 1`,
    [
      projectId,
      days.map((day) => day.meteringPointId),
      days.map((day) => day.segmentId),
      days.map((day) => day.localDay),
      days.map((day) => day.meterId),
    ],
  );
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
  readonly segmentId: string;
  readonly localDay: LocalDay;
  readonly touches: number;
}

/** Two months of one project that have marks: bounds what one turn computes, and the length of its parameters. */
export interface MarkedMonths {
  readonly projectId: string;
  /** Days from … to, the latter exclusive. */
  readonly fromDay: LocalDay;
  readonly toDay: LocalDay;
}

/** The segments of meters that are on one grid, told it as often: their days are computed together. */
export interface MarkedDays extends MarkedMonths {
  readonly gridKey: string;
  readonly calendarNumber: number;
}

const monthsOf =
  '(extract(year FROM t.local_day)::integer * 12 + extract(month FROM t.local_day)::integer - 1) / 2 * 2';
const monthsAsDays = `make_date(marked.months / 12, marked.months % 12 + 1, 1)::text AS from_day,
       (make_date(marked.months / 12, marked.months % 12 + 1, 1) + interval '2 months')::date::text AS to_day`;

/** Newest first; every window that has marks now, so that none waits behind one that is touched again and again. */
export async function readMarkedDays(database: Queryable): Promise<readonly MarkedDays[]> {
  const found = await database.query<{
    project_id: string;
    grid_key: string;
    calendar_number: number;
    from_day: string;
    to_day: string;
  }>(
    `SELECT DISTINCT marked.project_id, meter.grid_key, meter.calendar_number, marked.months, ${monthsAsDays}
     FROM (SELECT DISTINCT t.project_id, t.meter_id, ${monthsOf} AS months FROM stream.day_marks t) AS marked
     JOIN stream.meters meter USING (project_id, meter_id)
     ORDER BY marked.months DESC, marked.project_id, meter.grid_key, meter.calendar_number`,
  );
  return found.rows.map((row) => ({
    projectId: row.project_id,
    gridKey: row.grid_key,
    calendarNumber: row.calendar_number,
    fromDay: row.from_day,
    toDay: row.to_day,
  }));
}

/** As {@link readMarkedDays}, of losses. */
export async function readMarkedLosses(database: Queryable): Promise<readonly MarkedMonths[]> {
  const found = await database.query<{ project_id: string; from_day: string; to_day: string }>(
    `SELECT marked.project_id, ${monthsAsDays}
     FROM (SELECT DISTINCT t.project_id, ${monthsOf} AS months FROM stream.loss_marks t) AS marked
     ORDER BY marked.months DESC, marked.project_id`,
  );
  return found.rows.map((row) => ({ projectId: row.project_id, fromDay: row.from_day, toDay: row.to_day }));
}

/**
 * The marks of a window, at most so many; by metering point and segment, so that a segment's days come together. A
 * meter that was told of another grid since the window was read has left it, with all its marks.
 */
export async function readMarks(
  database: Queryable,
  { projectId, gridKey, calendarNumber, fromDay, toDay }: MarkedDays,
  marksMax: number,
): Promise<readonly Mark[]> {
  const marks = await database.query<{
    metering_point_id: string;
    segment_id: string;
    local_day: string;
    touches: number;
  }>(
    `SELECT t.metering_point_id, t.segment_id, t.local_day::text AS local_day, t.touches
     FROM stream.day_marks t JOIN stream.meters meter USING (project_id, meter_id)
     WHERE t.project_id = $1 AND meter.grid_key = $2 AND meter.calendar_number = $3
       AND t.local_day >= $4::date AND t.local_day < $5::date
     ORDER BY t.metering_point_id, t.segment_id, t.local_day LIMIT $6`,
    [projectId, gridKey, calendarNumber, fromDay, toDay, marksMax],
  );
  return marks.rows.map((row) => ({
    meteringPointId: row.metering_point_id,
    segmentId: row.segment_id,
    localDay: row.local_day,
    touches: row.touches,
  }));
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
  projectId: string,
  marks: readonly Mark[],
): Promise<void> {
  await transaction.query(
    `DELETE FROM stream.day_marks t
     USING unnest($2::text[], $3::text[], $4::date[], $5::bigint[]) AS u (metering_point_id, segment_id, local_day, touches)
     WHERE t.project_id = $1 AND t.metering_point_id = u.metering_point_id AND t.segment_id = u.segment_id
       AND t.local_day = u.local_day AND t.touches = u.touches`,
    [
      projectId,
      marks.map((mark) => mark.meteringPointId),
      marks.map((mark) => mark.segmentId),
      marks.map((mark) => mark.localDay),
      marks.map((mark) => mark.touches),
    ],
  );
  await transaction.query(
    `INSERT INTO stream.loss_marks AS l (project_id, local_day)
     SELECT DISTINCT $1, u.local_day FROM unnest($2::date[]) AS u (local_day) ORDER BY u.local_day
     ON CONFLICT (project_id, local_day) DO UPDATE SET touches = l.touches + 1`,
    [projectId, marks.map((mark) => mark.localDay)],
  );
}
