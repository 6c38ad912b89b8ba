// SPDX-License-Identifier: Apache-2.0
/** SQL of what a replay reads of metering points: slots, what was charged, accounts. Nothing is held. */
import type { Quantity, SlotMinutes } from '@wattledger/contracts';
import type { Queryable } from '@wattledger/platform';
import type { SlotDay } from '../charging/slot-day.ts';
import type { AccountAtPoint } from '../charging/month-items-store.ts';
import type { ReplayQuestion } from './replay-prices.ts';
import type { ChargedSum } from './replay-point.ts';

export interface ReplayDays {
  readonly fromDay: string;
  readonly toDay: string;
}

/** The accounts that are asked for hold the point in the span. */
const touchedSql = `
    FROM billing.account_points AS span
   WHERE span.project_id = $1 AND span.medium = $2
     AND span.opened_at_ms < $4 AND coalesce(span.closed_at_ms > $3, true)
     AND CASE WHEN $6::text[] IS NULL AND $7::text[] IS NULL THEN span.price_scheme_id = $5
              ELSE span.metering_point_id = ANY (coalesce($6, '{}')) OR span.account_id = ANY (coalesce($7, '{}')) END`;

export interface TouchedQuestion extends Omit<ReplayQuestion, 'version'> {
  readonly projectId: string;
  readonly medium: string;
  readonly priceSchemeId: string;
}

const touchedParameters = (question: TouchedQuestion): readonly unknown[] => [
  question.projectId,
  question.medium,
  question.fromMs,
  question.toMs,
  question.priceSchemeId,
  question.chosenPointIds,
  question.chosenAccountIds,
];

export async function countTouchedPoints(queryable: Queryable, question: TouchedQuestion): Promise<number> {
  const { rows } = await queryable.query<{ points: number }>(
    `SELECT count(DISTINCT span.metering_point_id) AS points ${touchedSql}`,
    touchedParameters(question),
  );
  return rows[0]?.points ?? 0;
}

/** The next points in the order of their ids. */
export async function loadTouchedPoints(
  queryable: Queryable,
  question: TouchedQuestion,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly string[]> {
  const { rows } = await queryable.query<{ metering_point_id: string }>(
    `SELECT DISTINCT span.metering_point_id ${touchedSql} AND span.metering_point_id > $8
      ORDER BY span.metering_point_id LIMIT $9`,
    [...touchedParameters(question), page.after, page.limit],
  );
  return rows.map((row) => row.metering_point_id);
}

/** Slots alone, without how they were charged: a year of a point is 365 rows. */
export async function loadSlotsOfDays(
  queryable: Queryable,
  meteringPointIds: readonly string[],
  { fromDay, toDay }: ReplayDays,
): Promise<ReadonlyMap<string, readonly SlotDay[]>> {
  const { rows } = await queryable.query<{
    metering_point_id: string;
    segment_id: string;
    local_day: string;
    project_id: string;
    meter_id: string;
    quantity: Quantity;
    zone: string;
    slot_minutes: SlotMinutes;
    first_slot_ms: number;
    consumption: (number | null)[];
    quality: number[];
  }>(
    `SELECT day.metering_point_id, day.segment_id, day.local_day, day.project_id, day.meter_id, day.quantity, day.zone,
            day.slot_minutes, day.first_slot_ms, day.consumption, day.quality::bigint[] AS quality
       FROM billing.slot_days AS day
      WHERE day.metering_point_id = ANY ($1::text[]) AND day.local_day BETWEEN $2::date AND $3::date
      ORDER BY day.metering_point_id, day.local_day, day.segment_id`,
    [meteringPointIds, fromDay, toDay],
  );
  const byPoint = new Map<string, SlotDay[]>();
  for (const row of rows) {
    const day: SlotDay = {
      meteringPointId: row.metering_point_id,
      segmentId: row.segment_id,
      localDay: row.local_day,
      projectId: row.project_id,
      meterId: row.meter_id,
      quantity: row.quantity,
      zone: row.zone,
      slotMinutes: row.slot_minutes,
      firstSlotMs: row.first_slot_ms,
      consumption: row.consumption,
      revision: [],
      quality: row.quality,
    };
    const days = byPoint.get(row.metering_point_id);
    if (days === undefined) byPoint.set(row.metering_point_id, [day]);
    else days.push(day);
  }
  return byPoint;
}

/** What was charged to accounts at points, energy and items, by month. */
export async function loadChargedSums(
  queryable: Queryable,
  accounts: readonly AccountAtPoint[],
  { fromDay, toDay }: ReplayDays,
): Promise<ReadonlyMap<string, readonly ChargedSum[]>> {
  const { rows } = await queryable.query<ChargedSum & { readonly meteringPointId: string }>(
    `SELECT day.account_id AS "accountId", day.metering_point_id AS "meteringPointId", to_char(day.local_day, 'YYYY-MM') AS month,
            coalesce(line.component, 'energy') AS component, coalesce(line.period, '') AS period, coalesce(line.item, '') AS item,
            sum(line.consumption)::bigint AS consumption, sum(line."amountMicros")::bigint AS "amountMicros"
       FROM unnest($1::text[], $2::text[]) AS wanted (account_id, metering_point_id)
       JOIN billing.charge_days AS day
         ON day.account_id = wanted.account_id AND day.metering_point_id = wanted.metering_point_id
        AND day.local_day BETWEEN $3::date AND $4::date
      CROSS JOIN LATERAL jsonb_to_recordset(day.lines)
        AS line (component text, period text, item text, consumption bigint, "amountMicros" bigint)
      GROUP BY 1, 2, 3, 4, 5, 6
      ORDER BY 1, 2, 3, 4, 5, 6`,
    [
      accounts.map((account) => account.accountId),
      accounts.map((account) => account.meteringPointId),
      fromDay,
      toDay,
    ],
  );
  const byPoint = new Map<string, ChargedSum[]>();
  for (const { meteringPointId, ...sum } of rows) {
    const sums = byPoint.get(meteringPointId);
    if (sums === undefined) byPoint.set(meteringPointId, [sum]);
    else sums.push(sum);
  }
  return byPoint;
}
