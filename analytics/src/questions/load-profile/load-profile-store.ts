// SPDX-License-Identifier: Apache-2.0
/**
 * A selection slot by slot. Measured: one point × 1 year of half-hours 14 ms; 353 points × 1 year (6.2 M rows) 75 ms;
 * of 10,000 points the top-most ones × 1 year 20 ms. Answered as three arrays: as rows 17,520 slots take 25 ms more.
 */
import type { Warehouse } from '@wattledger/platform';
import {
  finalSettings,
  joinedIds,
  pointsPerStatement,
  type KeyedPoints,
  type Stretches,
} from '../../sums/sums-store.ts';

export interface SlotSum {
  consumption: number;
  /** Rows of slots of which something is known. */
  present: number;
}

const keyOfPoint = `transform(e.metering_point_id, splitByChar(',', {points:String}), arrayMap(k -> toUInt32(k), splitByChar(',', {keys:String})), toUInt32(4294967295))`;
const chosen = `e.project_id = {project:String} AND e.quantity = {quantity:String}
      AND e.metering_point_id IN (SELECT arrayJoin(splitByChar(',', {points:String})))
      AND e.slot_start >= toDateTime({from:UInt32}, 'UTC') AND e.slot_start < toDateTime({to:UInt32}, 'UTC')`;

// Key 0 adds, key 1 takes away.
const slotsSql = `
SELECT groupArray(start) AS starts, groupArray(consumption) AS consumptions, groupArray(present) AS presents
FROM (
  SELECT toUInt32(e.slot_start) AS start, sum(if(${keyOfPoint} = 0, e.consumption, -e.consumption)) AS consumption, countIf(e.quality < 3) AS present
  FROM slots AS e FINAL
  WHERE ${chosen}
  GROUP BY start
  ORDER BY start
)`;

const slotsByStretchSql = `
SELECT groupArray(start) AS starts, groupArray(consumption) AS consumptions, groupArray(present) AS presents
FROM (
  SELECT d.start AS start, sum(if(s.key = 0, d.consumption, -d.consumption)) AS consumption, countIf(d.quality < 3) AS present
  FROM (
    SELECT e.metering_point_id AS point, toUInt32(e.slot_start) AS start, e.consumption, e.quality
    FROM slots AS e FINAL
    WHERE ${chosen}
  ) AS d
  INNER JOIN (
    SELECT tupleElement(stretch, 1) AS point, toUInt32(tupleElement(stretch, 2)) AS key, toUInt32(tupleElement(stretch, 3)) AS begins, toUInt32(tupleElement(stretch, 4)) AS ends
    FROM (SELECT arrayJoin(arrayZip(splitByChar(',', {points:String}), splitByChar(',', {keys:String}), splitByChar(',', {begins:String}), splitByChar(',', {ends:String}))) AS stretch)
  ) AS s ON s.point = d.point
  WHERE d.start >= s.begins AND d.start < s.ends
  GROUP BY start
  ORDER BY start
)`;

interface Row {
  readonly starts: readonly number[];
  readonly consumptions: readonly number[];
  readonly presents: readonly number[];
}

export interface SlotSpan {
  /** Seconds, half-open. */
  readonly from: number;
  readonly to: number;
}

/** Adds the selection's slots into `into`, by the second they begin. Points beyond one statement are asked in pages. */
export async function addSlotSums(
  warehouse: Warehouse,
  chosenPoints: KeyedPoints,
  span: SlotSpan,
  stretches: Stretches | null,
  into: Map<number, SlotSum>,
): Promise<void> {
  for (let start = 0; start < chosenPoints.points.length; start += pointsPerStatement) {
    const page = <T>(items: readonly T[]): readonly T[] => items.slice(start, start + pointsPerStatement);
    const parameters = {
      project: chosenPoints.projectId,
      quantity: chosenPoints.quantity,
      points: joinedIds(page(chosenPoints.points)),
      keys: page(chosenPoints.keys).join(','),
      ...span,
      ...(stretches === null
        ? {}
        : { begins: page(stretches.begins).join(','), ends: page(stretches.ends).join(',') }),
    };
    const [row] = await warehouse.query<Row>(
      stretches === null ? slotsSql : slotsByStretchSql,
      parameters,
      finalSettings,
    );
    row?.starts.forEach((second, index) => {
      const sum = into.get(second);
      const consumption = row.consumptions[index] ?? 0;
      const present = row.presents[index] ?? 0;
      if (sum === undefined) into.set(second, { consumption, present });
      else {
        sum.consumption += consumption;
        sum.present += present;
      }
    });
  }
}
