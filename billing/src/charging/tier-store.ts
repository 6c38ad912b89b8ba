// SPDX-License-Identifier: Apache-2.0
/** SQL of the tier cascade: the days a change reaches, and what had been used before them. */
import type { Queryable } from '@wattledger/platform';
import { slotDayColumns, toSlotDay, type SlotDayRow } from './charging-store.ts';
import { firstDayOf, positionKey, type CascadeRange, type TierSpan, type Used } from './tier-cascade.ts';
import type { ChargedSlotDay, SlotDayKey } from './slot-day.ts';

/** Stored days within the ranges other than those already at hand. Nothing is later than the newest reading's day. */
export async function loadDaysOfRanges(
  queryable: Queryable,
  ranges: readonly CascadeRange[],
  atHand: readonly SlotDayKey[],
): Promise<readonly ChargedSlotDay[]> {
  const { rows } = await queryable.query<SlotDayRow>(
    `SELECT ${slotDayColumns}
       FROM unnest($1::text[], $2::date[], $3::date[]) AS wanted (metering_point_id, from_day, to_day)
       JOIN billing.slot_days AS day
         ON day.metering_point_id = wanted.metering_point_id AND day.local_day BETWEEN wanted.from_day AND wanted.to_day
      WHERE (day.metering_point_id, day.local_day, day.segment_id) NOT IN
            (SELECT known.metering_point_id, known.local_day, known.segment_id
               FROM unnest($4::text[], $5::date[], $6::text[]) AS known (metering_point_id, local_day, segment_id))`,
    [
      ranges.map((range) => range.meteringPointId),
      ranges.map((range) => range.fromDay),
      ranges.map((range) => range.toDay),
      atHand.map((key) => key.meteringPointId),
      atHand.map((key) => key.localDay),
      atHand.map((key) => key.segmentId),
    ],
  );
  return rows.map(toSlotDay);
}

/** What was priced in the ranges' months and years before their first day, from the summed days. */
export async function loadUsed(
  queryable: Queryable,
  ranges: readonly CascadeRange[],
  {
    accountsOf,
    tierSpanOf,
  }: {
    readonly accountsOf: (meteringPointId: string) => readonly string[];
    readonly tierSpanOf: (meteringPointId: string) => TierSpan | null;
  },
): Promise<Used> {
  const wanted = ranges.flatMap(({ meteringPointId, fromDay }) =>
    accountsOf(meteringPointId).map((accountId) => ({
      meteringPointId,
      accountId,
      fromDay,
      spanDay: firstDayOf(tierSpanOf(meteringPointId) ?? 'month', fromDay),
    })),
  );
  const { rows } = await queryable.query<{
    readonly metering_point_id: string;
    readonly account_id: string;
    readonly from_day: string;
    readonly month: number;
    readonly year: number;
  }>(
    `SELECT wanted.metering_point_id, wanted.account_id, wanted.from_day,
            coalesce(sum(day.consumption) FILTER (WHERE day.local_day >= date_trunc('month', wanted.from_day)::date), 0)::bigint AS month,
            sum(day.consumption)::bigint AS year
       FROM unnest($1::text[], $2::text[], $3::date[], $4::date[]) AS wanted (metering_point_id, account_id, from_day, span_day)
       JOIN billing.charge_days AS day
         ON day.account_id = wanted.account_id AND day.metering_point_id = wanted.metering_point_id
        AND day.local_day >= wanted.span_day AND day.local_day < wanted.from_day
      GROUP BY wanted.metering_point_id, wanted.account_id, wanted.from_day`,
    [
      wanted.map((row) => row.meteringPointId),
      wanted.map((row) => row.accountId),
      wanted.map((row) => row.fromDay),
      wanted.map((row) => row.spanDay),
    ],
  );
  const used: Used = new Map();
  for (const row of rows) {
    used.set(positionKey(row.metering_point_id, row.account_id, row.from_day.slice(0, 7)), row.month);
    used.set(positionKey(row.metering_point_id, row.account_id, row.from_day.slice(0, 4)), row.year);
  }
  return used;
}
