// SPDX-License-Identifier: Apache-2.0
/**
 * Sums of many metering points by key and bucket, from the stream's tables (stream/warehouse/README.md).
 *
 * Measured on two cores, partitions at rest (merged, as the tables' settings see to):
 *                                                     353 points × 2 years   10,000 points × 1 year
 *   days, a year, every point its own key             16 ms                  160 ms  (14.6 M rows)
 *   days, a year, 7 keys × 12 months                  17 ms                  210 ms
 *   days, a month, every point its own key             8 ms                   41 ms
 *   slots, a day of the whole site                     9 ms                   24 ms
 * What made the difference:
 *  - FINAL with do_not_merge_across_partitions_select_final: 560 ms → 160 ms where each month is one part;
 *    argMax by the full key instead: 7,000 ms.
 *  - transform() over the LowCardinality column runs once per dictionary entry, then groups by UInt32: 160 ms
 *    against 300 ms for grouping by the id itself.
 *  - The list of ids comes as one text, split by the engine and put into a set by a subquery: 14 ms for 10,000 ids
 *    against 130 ms as an array parameter and 400 ms as literals; has() over an array takes 14 s.
 */
import type { Quantity } from '@wattledger/contracts';
import type { Warehouse } from '@wattledger/platform';

/** Points of one statement. 20,000 ids would pass the engine's max_query_size (256 kB) in its embedded form. */
export const pointsPerStatement = 5_000;

/** One day or slot partition at rest is one part: FINAL then reads it without merging. */
export const finalSettings = { do_not_merge_across_partitions_select_final: 1 } as const;

export interface SumRow {
  readonly key: number;
  /** Start of the bucket as given: day number or seconds. */
  readonly bucket: number;
  readonly consumption: number;
  /** Slots of which something is known, the open one included. */
  readonly present: number;
  /** Of the slots that have ended. */
  readonly measured: number;
  readonly estimated: number;
  readonly edited: number;
}

export interface KeyedPoints {
  readonly projectId: string;
  readonly quantity: Quantity;
  /** Distinct ids, and the key of each. */
  readonly points: readonly string[];
  readonly keys: readonly number[];
}

/** Ids as one text. @throws Error for an id with a comma: no id of ours has one */
export function joinedIds(ids: readonly string[]): string {
  for (const id of ids) if (id.includes(',') || id === '') throw new Error(`"${id}" is no id`);
  return ids.join(',');
}

const keyOfPoint = `transform(e.metering_point_id, splitByChar(',', {points:String}), arrayMap(k -> toUInt32(k), splitByChar(',', {keys:String})), toUInt32(4294967295))`;
const chosenPoints = `e.project_id = {project:String} AND e.quantity = {quantity:String}
  AND e.metering_point_id IN (SELECT arrayJoin(splitByChar(',', {points:String})))`;

const daysSql = `
SELECT ${keyOfPoint} AS key, roundDown(toUInt32(e.local_day), {buckets:Array(UInt32)}) AS bucket, sum(e.consumption) AS consumption,
  sum(e.slots_measured + e.slots_estimated + e.slots_edited) AS present, sum(e.slots_measured) AS measured, sum(e.slots_estimated) AS estimated, sum(e.slots_edited) AS edited
FROM days AS e FINAL
WHERE ${chosenPoints}
  AND e.local_day >= toDate({fromDay:UInt32}) AND e.local_day < toDate({toDay:UInt32}) AND NOT has({without:Array(UInt32)}, toUInt32(e.local_day))
GROUP BY key, bucket`;

/** Up to here (seconds in all) the newest row of each slot is sought by sorting instead of by FINAL. */
const sortedSecondsMax = 3 * 86_400;

/**
 * The rows of `slots` that count. FINAL merges every part of a month for all chosen points, whatever the time asked
 * for: nothing for a month at rest, but 47 ms (353 points) for the running month with its 40 small parts. For a few
 * days it is cheaper to sort just their rows and take the newest of each: 13 ms.
 * @param where conditions on alias e
 */
export function slotsThatCount(where: string, seconds: number): string {
  if (seconds > sortedSecondsMax) {
    return `(SELECT e.metering_point_id AS metering_point_id, e.quantity AS quantity, e.slot_start AS slot_start, e.consumption AS consumption, e.quality AS quality
  FROM slots AS e FINAL WHERE ${where})`;
  }
  return `(SELECT n.metering_point_id AS metering_point_id, n.quantity AS quantity, n.slot_start AS slot_start, n.consumption AS consumption, n.quality AS quality
  FROM (
    SELECT e.metering_point_id, e.quantity, e.slot_start, e.consumption, e.quality, e.is_deleted
    FROM slots AS e WHERE ${where}
    ORDER BY e.segment_id, e.slot_start, e.revision DESC LIMIT 1 BY e.segment_id, e.slot_start
  ) AS n
  WHERE n.is_deleted = 0)`;
}

const slotsSql = (source: string): string => `
SELECT ${keyOfPoint} AS key, roundDown(toUInt32(e.slot_start), {buckets:Array(UInt32)}) AS bucket, sum(e.consumption) AS consumption,
  countIf(e.quality < 3) AS present,
  countIf(e.quality = 0 AND toUInt32(e.slot_start) < {closed:UInt32}) AS measured,
  countIf(e.quality = 1 AND toUInt32(e.slot_start) < {closed:UInt32}) AS estimated,
  countIf(e.quality = 2 AND toUInt32(e.slot_start) < {closed:UInt32}) AS edited
FROM ${source} AS e
GROUP BY key, bucket`;

// Few points change their place in the tree inside a span; their stretches of time are joined to their rows.
const stretches = `(SELECT tupleElement(stretch, 1) AS point, toUInt32(tupleElement(stretch, 2)) AS key, toUInt32(tupleElement(stretch, 3)) AS begins, toUInt32(tupleElement(stretch, 4)) AS ends
  FROM (SELECT arrayJoin(arrayZip(splitByChar(',', {points:String}), splitByChar(',', {keys:String}), splitByChar(',', {begins:String}), splitByChar(',', {ends:String}))) AS stretch))`;

const daysByStretchSql = `
SELECT s.key AS key, roundDown(d.day, {buckets:Array(UInt32)}) AS bucket, sum(d.consumption) AS consumption,
  sum(d.slots_measured + d.slots_estimated + d.slots_edited) AS present, sum(d.slots_measured) AS measured, sum(d.slots_estimated) AS estimated, sum(d.slots_edited) AS edited
FROM (
  SELECT e.metering_point_id AS point, toUInt32(e.local_day) AS day, e.consumption, e.slots_measured, e.slots_estimated, e.slots_edited
  FROM days AS e FINAL
  WHERE ${chosenPoints}
    AND e.local_day >= toDate({fromDay:UInt32}) AND e.local_day < toDate({toDay:UInt32}) AND NOT has({without:Array(UInt32)}, toUInt32(e.local_day))
) AS d
INNER JOIN ${stretches} AS s ON s.point = d.point
WHERE d.day >= s.begins AND d.day < s.ends
GROUP BY key, bucket`;

const slotsByStretchSql = (source: string): string => `
SELECT s.key AS key, roundDown(d.start, {buckets:Array(UInt32)}) AS bucket, sum(d.consumption) AS consumption,
  countIf(d.quality < 3) AS present,
  countIf(d.quality = 0 AND d.start < {closed:UInt32}) AS measured,
  countIf(d.quality = 1 AND d.start < {closed:UInt32}) AS estimated,
  countIf(d.quality = 2 AND d.start < {closed:UInt32}) AS edited
FROM (
  SELECT e.metering_point_id AS point, toUInt32(e.slot_start) AS start, e.consumption, e.quality
  FROM ${source} AS e
) AS d
INNER JOIN ${stretches} AS s ON s.point = d.point
WHERE d.start >= s.begins AND d.start < s.ends
GROUP BY key, bucket`;

export interface DayRange {
  /** Days since 1970-01-01, half-open. */
  readonly fromDay: number;
  readonly toDay: number;
  /** Days inside that are left to the slots because a bucket ends within them. */
  readonly without: readonly number[];
  /** Day numbers at which buckets begin. */
  readonly buckets: readonly number[];
}
export interface SlotRange {
  /** Stretches of time in seconds, half-open, apart from one another; one statement reads them all. */
  readonly ranges: readonly { readonly from: number; readonly to: number }[];
  /** Slots from here on have not ended: their energy counts, their quality does not yet. */
  readonly closed: number;
  /** Seconds at which buckets begin. */
  readonly buckets: readonly number[];
}
/** Parallel to points: [begins, ends) in the unit of the range. */
export interface Stretches {
  readonly begins: readonly number[];
  readonly ends: readonly number[];
}

function parametersOf(
  { projectId, quantity, points, keys }: KeyedPoints,
  stretches?: Stretches,
): Record<string, unknown> {
  const parameters = { project: projectId, quantity, points: joinedIds(points), keys: keys.join(',') };
  return stretches === undefined
    ? parameters
    : { ...parameters, begins: stretches.begins.join(','), ends: stretches.ends.join(',') };
}

/** Whole local days. With `stretches` a point may stand several times, each time for its own days and key. */
export async function sumDays(
  warehouse: Warehouse,
  chosen: KeyedPoints,
  range: DayRange,
  stretches?: Stretches,
): Promise<readonly SumRow[]> {
  return await warehouse.query<SumRow>(
    stretches === undefined ? daysSql : daysByStretchSql,
    { ...parametersOf(chosen, stretches), ...range },
    finalSettings,
  );
}

export async function sumSlots(
  warehouse: Warehouse,
  chosen: KeyedPoints,
  { ranges, closed, buckets }: SlotRange,
  stretches?: Stretches,
): Promise<readonly SumRow[]> {
  const edges: Record<string, number> = {};
  ranges.forEach(({ from, to }, index) => {
    edges[`from${index}`] = from;
    edges[`to${index}`] = to;
  });
  const within = ranges
    .map(
      (_range, index) =>
        `e.slot_start >= toDateTime({from${index}:UInt32}, 'UTC') AND e.slot_start < toDateTime({to${index}:UInt32}, 'UTC')`,
    )
    .join(' OR ');
  const seconds = ranges.reduce((sum, { from, to }) => sum + to - from, 0);
  const source = slotsThatCount(`${chosenPoints} AND (${within})`, seconds);
  const sql = stretches === undefined ? slotsSql(source) : slotsByStretchSql(source);
  return await warehouse.query<SumRow>(
    sql,
    { ...parametersOf(chosen, stretches), ...edges, closed, buckets },
    finalSettings,
  );
}
