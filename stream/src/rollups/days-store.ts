// SPDX-License-Identifier: Apache-2.0
/** Rows of `days`, computed by the warehouse from `slots`. */
import type { Warehouse } from '@wattledger/platform';
import type { WindowParameters } from './day-grid.ts';

/**
 * The slots of the window's days with their local day and period: `slots`, newest revision of each, tombstones included
 * (a day whose last slot vanished must be overwritten). {days}, {firsts}, {codes} are parallel.
 */
const slotsOfWindow = `
  SELECT s.metering_point_id AS metering_point_id, s.quantity AS quantity, s.segment_id AS segment_id, s.slot_start AS slot_start,
         argMax(s.consumption, s.revision) AS consumption, argMax(s.quality, s.revision) AS quality,
         argMax(s.is_deleted, s.revision) = 0 AS alive, max(s.revision) AS revision
  FROM slots AS s
  WHERE s.project_id = {projectId:String} AND s.slot_start >= toDateTime({from:UInt32}, 'UTC') AND s.slot_start < toDateTime({to:UInt32}, 'UTC')
    AND (empty({points:Array(String)}) OR s.metering_point_id IN {points:Array(String)})
  GROUP BY s.metering_point_id, s.quantity, s.segment_id, s.slot_start`;

const slotGrid = `
  SELECT toDateTime(day.2 + slot_index * {slotSeconds:UInt32}, 'UTC') AS slot_start, day.1 AS local_day,
         {periodNames:Array(String)}[toUInt8(substring(day.3, slot_index + 1, 1))] AS period
  FROM (SELECT arrayJoin(arrayZip({days:Array(Date)}, {firsts:Array(UInt32)}, {codes:Array(String)})) AS day,
               arrayJoin(range(length(day.3))) AS slot_index)`;

/**
 * Offset of the mounting that last changed the grid of a segment's meter, 0 where that is no matter. Offsets grow within
 * a partition of the meter log only: a row may never take the offset of another meter, or its own later rows would lose.
 */
const calendarOffset = (table: string): string =>
  `if({calendarRevision:UInt64} = 0, 0, transform(${table}.segment_id, {segments:Array(String)}, {calendarOffsets:Array(UInt64)}, {calendarRevision:UInt64}))`;

// Measured: 353 points × 31 days of half-hours (525,000 slots) in about 0.2 s on two cores; one day of them in 15 ms.
const computeDays = `
INSERT INTO days (project_id, metering_point_id, quantity, segment_id, local_day, period, consumption,
                  slots_measured, slots_estimated, slots_edited, slots_missing, peak_consumption, peak_start, revision, is_deleted)
SELECT {projectId:String}, w.metering_point_id, w.quantity, w.segment_id, g.local_day, g.period,
       sumIf(w.consumption, w.alive),
       countIf(w.alive AND w.quality = 0), countIf(w.alive AND w.quality = 1), countIf(w.alive AND w.quality = 2), countIf(w.alive AND w.quality = 3),
       maxIf(w.consumption, w.alive), argMaxIf(w.slot_start, (w.consumption, -toInt64(toUnixTimestamp(w.slot_start))), w.alive),
       greatest(max(w.revision), ${calendarOffset('w')}), countIf(w.alive) = 0
FROM (${slotsOfWindow}) AS w INNER JOIN (${slotGrid}) AS g ON g.slot_start = w.slot_start
GROUP BY w.metering_point_id, w.quantity, w.segment_id, g.local_day, g.period`;

/** Rows whose period or day the new calendar does not give to any slot of the point: gone. */
const removeStrayDays = `
INSERT INTO days (project_id, metering_point_id, quantity, segment_id, local_day, period, consumption,
                  slots_measured, slots_estimated, slots_edited, slots_missing, peak_consumption, peak_start, revision, is_deleted)
SELECT d.project_id, d.metering_point_id, d.quantity, d.segment_id, d.local_day, d.period, 0, 0, 0, 0, 0, 0, d.peak_start, ${calendarOffset('d')}, 1
FROM days AS d FINAL
WHERE d.project_id = {projectId:String} AND d.local_day IN {days:Array(Date)} AND d.revision < ${calendarOffset('d')}
  AND (empty({points:Array(String)}) OR d.metering_point_id IN {points:Array(String)})`;

export interface ComputeDays {
  readonly projectId: string;
  /** Empty: all points of the project. */
  readonly points: readonly string[];
  readonly window: WindowParameters;
  /** Greater than 0 where zone, slot length or calendar changed: of segments that are in force no more. */
  readonly calendarRevision: number;
  /** Segments in force at the points and the offsets of their meters' calendars. */
  readonly calendarOffsets: ReadonlyMap<string, number>;
}

/** Computes the days of the window anew. Twice gives the same rows. */
export async function computeDayRows(warehouse: Warehouse, options: ComputeDays): Promise<void> {
  const { projectId, points, window, calendarRevision, calendarOffsets } = options;
  // An array must not be empty for `transform`; no segment is called like this.
  const offsets = calendarOffsets.size === 0 ? new Map([['-', 0]]) : calendarOffsets;
  const parameters = {
    ...window,
    projectId,
    points,
    calendarRevision,
    segments: [...offsets.keys()],
    calendarOffsets: [...offsets.values()],
  };
  await warehouse.command(computeDays, parameters);
  if (calendarRevision > 0) await warehouse.command(removeStrayDays, parameters);
}
