// SPDX-License-Identifier: Apache-2.0
/** SQL of a month's items: where their accounts stand in time, what stood before, and what the items are made of. */
import type { Queryable, Transaction } from '@wattledger/platform';
import { slotDayColumns, toSlotDay, type SlotDayRow } from './charging-store.ts';
import { monthItemsSegment } from './month-plan.ts';
import type { DayLine } from './rate-slot-day.ts';
import type { ChargedSlotDay } from './slot-day.ts';

export interface AccountAtPoint {
  readonly accountId: string;
  readonly meteringPointId: string;
}
export const accountAtPointText = ({ accountId, meteringPointId }: AccountAtPoint): string =>
  `${accountId}/${meteringPointId}`;

export interface ItemPoint {
  readonly projectId: string;
  readonly zone: string;
}

/** The zone of each point's days: of its slots, before the first of its project. */
export async function loadItemPoints(
  queryable: Queryable,
  meteringPointIds: readonly string[],
): Promise<ReadonlyMap<string, ItemPoint>> {
  const { rows } = await queryable.query<ItemPoint & { readonly meteringPointId: string }>(
    `SELECT point.metering_point_id AS "meteringPointId", point.project_id AS "projectId",
            coalesce(
              (SELECT segment.zone FROM billing.segments AS segment
                WHERE segment.metering_point_id = point.metering_point_id
                ORDER BY segment.grid_revision DESC, segment.segment_id LIMIT 1),
              (SELECT copy.snapshot ->> 'zone' FROM billing.registry_snapshots AS copy
                WHERE copy.entity = 'project' AND copy.id = point.project_id),
              'UTC') AS zone
       FROM billing.points AS point
      WHERE point.metering_point_id = ANY ($1::text[])`,
    [meteringPointIds],
  );
  return new Map(rows.map((row) => [row.meteringPointId, row]));
}

/** As of when the items of each account at the points stand. */
export async function loadItemMarks(
  queryable: Queryable,
  meteringPointIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await queryable.query<AccountAtPoint & { readonly asOfMs: number }>(
    `SELECT mark.account_id AS "accountId", mark.metering_point_id AS "meteringPointId", mark.as_of_ms AS "asOfMs"
       FROM billing.month_item_marks AS mark
      WHERE mark.metering_point_id = ANY ($1::text[])`,
    [meteringPointIds],
  );
  return new Map(rows.map((row) => [accountAtPointText(row), row.asOfMs]));
}

export interface ItemMark extends AccountAtPoint {
  readonly asOfMs: number;
  /** When the clock moves them next; null: never, the account's time is over. */
  readonly dueAtMs: number | null;
}

export async function writeItemMarks(transaction: Transaction, marks: readonly ItemMark[]): Promise<void> {
  if (marks.length === 0) return;
  await transaction.query(
    `INSERT INTO billing.month_item_marks (account_id, metering_point_id, as_of_ms, due_at_ms)
     SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])
         ON CONFLICT (metering_point_id, account_id) DO UPDATE
        SET as_of_ms = excluded.as_of_ms, due_at_ms = excluded.due_at_ms`,
    [
      marks.map((mark) => mark.accountId),
      marks.map((mark) => mark.meteringPointId),
      marks.map((mark) => mark.asOfMs),
      marks.map((mark) => mark.dueAtMs),
    ],
  );
}

/** Items as they stand, of one account's month. */
export interface StoredItems extends AccountAtPoint {
  readonly localDay: string;
  readonly chargeRevision: number;
  readonly lines: readonly DayLine[];
}

type StoredItemLine = Omit<DayLine, 'season' | 'tier'>;

/** Items from a month on. */
export async function loadStoredItems(
  queryable: Queryable,
  from: readonly (AccountAtPoint & { readonly fromDay: string })[],
): Promise<readonly StoredItems[]> {
  const { rows } = await queryable.query<
    Omit<StoredItems, 'lines'> & { readonly lines: readonly StoredItemLine[] }
  >(
    `SELECT day.account_id AS "accountId", day.metering_point_id AS "meteringPointId", day.local_day AS "localDay",
            day.charge_revision AS "chargeRevision", day.lines
       FROM unnest($1::text[], $2::text[], $3::date[]) AS wanted (account_id, metering_point_id, from_day)
       JOIN billing.charge_days AS day
         ON day.account_id = wanted.account_id AND day.metering_point_id = wanted.metering_point_id
        AND day.local_day >= wanted.from_day AND day.segment_id = '${monthItemsSegment}'`,
    [
      from.map((wanted) => wanted.accountId),
      from.map((wanted) => wanted.meteringPointId),
      from.map((wanted) => wanted.fromDay),
    ],
  );
  return rows.map((row) => ({
    ...row,
    lines: row.lines.map((line) => ({ ...line, season: null, tier: null })),
  }));
}

export interface WantedMonth extends AccountAtPoint {
  readonly fromDay: string;
  readonly toDay: string;
}

export interface EnergySum extends AccountAtPoint {
  readonly month: string;
  readonly priceVersionId: string;
  readonly consumption: number;
  readonly amountMicros: number;
}

/** Σ of the energy lines of each month by price version. */
export async function loadEnergySums(
  queryable: Queryable,
  months: readonly WantedMonth[],
): Promise<readonly EnergySum[]> {
  const { rows } = await queryable.query<EnergySum>(
    `SELECT wanted.account_id AS "accountId", wanted.metering_point_id AS "meteringPointId",
            to_char(wanted.from_day, 'YYYY-MM') AS month, line."priceVersionId",
            sum(line.consumption)::bigint AS consumption, sum(line."amountMicros")::bigint AS "amountMicros"
       FROM unnest($1::text[], $2::text[], $3::date[], $4::date[]) AS wanted (account_id, metering_point_id, from_day, to_day)
       JOIN billing.charge_days AS day
         ON day.account_id = wanted.account_id AND day.metering_point_id = wanted.metering_point_id
        AND day.local_day BETWEEN wanted.from_day AND wanted.to_day AND day.segment_id <> '${monthItemsSegment}'
      CROSS JOIN LATERAL jsonb_to_recordset(day.lines) AS line ("priceVersionId" text, consumption bigint, "amountMicros" bigint)
      WHERE line."priceVersionId" IS NOT NULL
      GROUP BY wanted.account_id, wanted.metering_point_id, wanted.from_day, line."priceVersionId"`,
    columnsOf(months),
  );
  return rows;
}

const columnsOf = (months: readonly WantedMonth[]): readonly (readonly string[])[] => [
  months.map((month) => month.accountId),
  months.map((month) => month.meteringPointId),
  months.map((month) => month.fromDay),
  months.map((month) => month.toDay),
];

/** The slots of points in whole months, for demand. */
export async function loadSlotDaysOfMonths(
  queryable: Queryable,
  months: readonly { readonly meteringPointId: string; readonly fromDay: string; readonly toDay: string }[],
): Promise<readonly ChargedSlotDay[]> {
  if (months.length === 0) return [];
  const { rows } = await queryable.query<SlotDayRow>(
    `SELECT ${slotDayColumns}
       FROM unnest($1::text[], $2::date[], $3::date[]) AS wanted (metering_point_id, from_day, to_day)
       JOIN billing.slot_days AS day
         ON day.metering_point_id = wanted.metering_point_id AND day.local_day BETWEEN wanted.from_day AND wanted.to_day`,
    [
      months.map((month) => month.meteringPointId),
      months.map((month) => month.fromDay),
      months.map((month) => month.toDay),
    ],
  );
  return rows.map(toSlotDay);
}

/**
 * Accounts at points whose items are behind the clock: a local day has ended since they were rated. Only where a version in
 * force asks something of the clock: a fixed charge or a minimum. Points of a notice that runs are left to it, so that its
 * differences stand under its name.
 */
export async function loadItemsBehind(
  queryable: Queryable,
  nowMs: number,
  limit: number,
): Promise<readonly (AccountAtPoint & { readonly projectId: string })[]> {
  const { rows } = await queryable.query<AccountAtPoint & { readonly projectId: string }>(
    `SELECT DISTINCT span.metering_point_id AS "meteringPointId", span.account_id AS "accountId", span.project_id AS "projectId"
       FROM billing.price_versions AS version
       JOIN billing.account_points AS span ON span.price_scheme_id = version.price_scheme_id
       LEFT JOIN billing.month_item_marks AS mark
         ON mark.metering_point_id = span.metering_point_id AND mark.account_id = span.account_id
      WHERE version.state = 'approved' AND version.effective_from_ms <= $1
        AND (jsonb_path_exists(version.terms, '$.fixed[*]')
             OR coalesce((version.terms ->> 'minimumMonthMicros')::numeric, 0) > 0)
        AND span.opened_at_ms < $1 AND coalesce(span.closed_at_ms > greatest(span.opened_at_ms, version.effective_from_ms), true)
        AND (mark.account_id IS NULL OR mark.due_at_ms <= $1)
        AND NOT EXISTS (SELECT FROM billing.price_notices AS notice
                          JOIN billing.price_versions AS noticed ON noticed.price_version_id = notice.price_version_id
                         WHERE notice.state = 'running' AND noticed.price_scheme_id = version.price_scheme_id)
      ORDER BY 1, 2
      LIMIT $2`,
    [nowMs, limit],
  );
  return rows;
}
