// SPDX-License-Identifier: Apache-2.0
/** Consumption of metering points by local day and night, and how long they have stood still, from the warehouse's slots. */
import { slotsOfLocalDay, type LocalDay, type Quantity, type SlotMinutes } from '@wattledger/contracts';
import type { Warehouse } from '@wattledger/platform';
import type { PointDay, PointDays } from './judge-days.ts';

export interface PointDaysQuestion {
  readonly projectId: string;
  readonly zone: string;
  readonly slotMinutes: SlotMinutes;
  /** Oldest first; the last is under way. */
  readonly days: readonly LocalDay[];
  readonly points: readonly string[];
  readonly quantity: Quantity;
  /** Minutes of the local day; over midnight where the first is the later. */
  readonly night: { readonly fromMinute: number; readonly toMinute: number };
}

interface Row {
  readonly point: string;
  readonly day: number;
  readonly consumption: number;
  readonly night: number;
  readonly nightSlots: number;
  readonly nightMoved: number;
  readonly slots: number;
  readonly newest: number;
  readonly moved: number;
}

// Only what was measured (or edited) counts: of an estimated slot the total is known and not the day.
// Measured: 500 points × 29 days of half-hours in about 0.1 s on two cores.
const question = `
SELECT s.metering_point_id AS point, arrayFirstIndex(bound -> s.slot_start < toDateTime(bound, 'UTC'), {ends:Array(UInt32)}) AS day,
       sumIf(s.consumption, known) AS consumption,
       sumIf(s.consumption, known AND dark) AS night,
       uniqExactIf(s.slot_start, known AND dark) AS nightSlots,
       uniqExactIf(s.slot_start, known AND dark AND s.consumption > 0) AS nightMoved,
       uniqExactIf(s.slot_start, known) AS slots,
       toUnixTimestamp(maxIf(s.slot_start, known)) AS newest,
       toUnixTimestamp(maxIf(s.slot_start, s.consumption > 0 OR s.quality != 0)) AS moved
FROM (SELECT *, quality IN (0, 2) AS known, toHour(toTimeZone(slot_start, {zone:String})) * 60 + toMinute(toTimeZone(slot_start, {zone:String})) AS minute,
        if({nightFrom:UInt32} < {nightTo:UInt32}, minute >= {nightFrom:UInt32} AND minute < {nightTo:UInt32},
          minute >= {nightFrom:UInt32} OR minute < {nightTo:UInt32}) AS dark
      FROM slots FINAL
      WHERE project_id = {projectId:String} AND metering_point_id IN {points:Array(String)} AND quantity = {quantity:String}
        AND slot_start >= toDateTime({from:UInt32}, 'UTC') AND slot_start < toDateTime({to:UInt32}, 'UTC')) AS s
GROUP BY point, day`;

export async function readPointDays(
  warehouse: Warehouse,
  { projectId, zone, slotMinutes, days, points, quantity, night }: PointDaysQuestion,
): Promise<ReadonlyMap<string, PointDays>> {
  const spans = days.map((day) => slotsOfLocalDay(zone, day, slotMinutes));
  const ends = spans.map(({ firstSlotMs, slotCount }) => firstSlotMs / 1000 + slotCount * slotMinutes * 60);
  const rows = await warehouse.query<Row>(question, {
    ...{ projectId, points, quantity, zone, ends },
    from: (spans[0]?.firstSlotMs ?? 0) / 1000,
    to: ends.at(-1) ?? 0,
    nightFrom: night.fromMinute,
    nightTo: night.toMinute,
  });
  const byPoint = Map.groupBy(rows, (row) => row.point);
  return new Map(
    [...byPoint].map(([point, own]) => [
      point,
      pointDaysOf(
        own,
        days,
        spans.map((span) => span.slotCount),
        nightSlotsOf(night, slotMinutes),
      ),
    ]),
  );
}

function nightSlotsOf({ fromMinute, toMinute }: PointDaysQuestion['night'], slotMinutes: number): number {
  const minutes = fromMinute < toMinute ? toMinute - fromMinute : 1440 - fromMinute + toMinute;
  return Math.floor(minutes / slotMinutes);
}

function pointDaysOf(
  rows: readonly Row[],
  days: readonly LocalDay[],
  slotCounts: readonly number[],
  nightSlotsOfDay: number,
): PointDays {
  const byDay = new Map(rows.map((row) => [row.day, row]));
  const newest = Math.max(...rows.map((row) => row.newest));
  // A point that has not moved in all the days stood still since the first of them that is known.
  const moved = Math.max(...rows.map((row) => row.moved));
  const first = Math.min(...rows.filter((row) => row.newest > 0).map((row) => row.newest));
  return {
    days: days.map((localDay, index): PointDay => {
      const row = byDay.get(index + 1);
      return {
        localDay,
        consumption: row?.consumption ?? 0,
        nightConsumption: row?.night ?? 0,
        nightSlots: row?.nightSlots ?? 0,
        nightMovedSlots: row?.nightMoved ?? 0,
        nightSlotsOfDay,
        slots: row?.slots ?? 0,
        slotsOfDay: slotCounts[index] ?? 0,
      };
    }),
    standingHours: Math.max(0, newest - (moved > 0 ? moved : first)) / 3600,
  };
}
