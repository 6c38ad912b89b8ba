// SPDX-License-Identifier: Apache-2.0
/** Charges everything again the naive way, point by point, and compares with the lines posted and the days summed. */
import type { TariffCalendar } from '@wattledger/contracts';
import type { Queryable } from '@wattledger/platform';
import {
  createNaiveCharge,
  differingKeys,
  type NaiveAccount,
  type NaiveDay,
  type NaiveLines,
  type NaiveVersion,
} from './naive-charges.ts';

/** Points per round, so that memory stays small. */
const pointsMax = 20;

export interface DifferingLine {
  readonly where: 'charge lines' | 'charge days';
  readonly key: string;
}

/** Faults found, at most `faultsMax`, and how many slots were charged again. */
export async function chargeAllAgain(
  queryable: Queryable,
  faultsMax: number,
): Promise<{ readonly slots: number; readonly faults: readonly DifferingLine[] }> {
  const charge = createNaiveCharge(await loadVersions(queryable));
  const faults: DifferingLine[] = [];
  let slots = 0;
  for (let after = ''; faults.length < faultsMax;) {
    const points = await nextPoints(queryable, after);
    if (points.length === 0) break;
    after = points.at(-1) as string;
    const accounts = await loadAccounts(queryable, points);
    const known = await loadDays(queryable, points);
    slots += known.reduce((sum, day) => sum + day.slots.length, 0);
    const naive = charge(known, accounts);
    const compare = (where: DifferingLine['where'], lines: NaiveLines): void => {
      for (const key of differingKeys(naive, lines))
        if (faults.length < faultsMax) faults.push({ where, key });
    };
    compare('charge lines', await sumLines(queryable, chargeLinesSql, points));
    compare('charge days', await sumLines(queryable, chargeDaysSql, points));
  }
  return { slots, faults };
}

async function nextPoints(queryable: Queryable, after: string): Promise<readonly string[]> {
  const { rows } = await queryable.query<{ metering_point_id: string }>(
    `SELECT DISTINCT span.metering_point_id FROM billing.account_points AS span
      WHERE span.metering_point_id > $1 ORDER BY 1 LIMIT ${pointsMax}`,
    [after],
  );
  return rows.map((row) => row.metering_point_id);
}

async function loadVersions(queryable: Queryable): Promise<readonly NaiveVersion[]> {
  const { rows } = await queryable.query<{
    price_version_id: string;
    price_scheme_id: string;
    number: number;
    effective_from_ms: number;
    rates: Record<string, number>;
    calendar: TariffCalendar;
  }>(
    `SELECT version.price_version_id, version.price_scheme_id, version.number, version.effective_from_ms, version.rates, version.calendar
       FROM billing.price_versions AS version WHERE version.state = 'approved'`,
  );
  return rows.map((row) => ({
    priceVersionId: row.price_version_id,
    priceSchemeId: row.price_scheme_id,
    number: row.number,
    effectiveFromMs: row.effective_from_ms,
    rates: row.rates,
    calendar: row.calendar,
  }));
}

async function loadAccounts(
  queryable: Queryable,
  points: readonly string[],
): Promise<readonly NaiveAccount[]> {
  const { rows } = await queryable.query<NaiveAccount>(
    `SELECT span.account_id AS "accountId", span.metering_point_id AS "meteringPointId", span.medium,
            span.price_scheme_id AS "priceSchemeId", span.opened_at_ms AS "openedAtMs", span.closed_at_ms AS "closedAtMs"
       FROM billing.account_points AS span WHERE span.metering_point_id = ANY ($1::text[])`,
    [points],
  );
  return rows;
}

async function loadDays(queryable: Queryable, points: readonly string[]): Promise<readonly NaiveDay[]> {
  const { rows } = await queryable.query<{
    metering_point_id: string;
    segment_id: string;
    local_day: string;
    zone: string;
    quantity: string;
    slot_minutes: number;
    first_slot_ms: number;
    consumption: (number | null)[];
  }>(
    `SELECT day.metering_point_id, day.segment_id, day.local_day, day.zone, day.quantity, day.slot_minutes, day.first_slot_ms,
            day.consumption
       FROM billing.slot_days AS day WHERE day.metering_point_id = ANY ($1::text[])`,
    [points],
  );
  return rows.map((row) => ({
    meteringPointId: row.metering_point_id,
    segmentId: row.segment_id,
    localDay: row.local_day,
    zone: row.zone,
    quantity: row.quantity,
    slots: row.consumption.flatMap((consumption, index) =>
      consumption === null
        ? []
        : [{ startMs: row.first_slot_ms + index * row.slot_minutes * 60_000, consumption }],
    ),
  }));
}

const lineKeySql = `line.account_id || '/' || line.metering_point_id || '/' || line.segment_id || '/' || line.local_day || '/' ||
         coalesce(line.period, '') || '/' || coalesce(line.price_version_id, line.unpriced_reason)`;

const chargeLinesSql = `
  SELECT ${lineKeySql} AS key, sum(line.consumption)::bigint AS consumption, sum(line.amount_micros)::bigint AS "amountMicros"
    FROM billing.charge_lines AS line
    JOIN billing.account_points AS span ON span.account_id = line.account_id AND span.metering_point_id = line.metering_point_id
   WHERE span.metering_point_id = ANY ($1::text[])
   GROUP BY 1`;

const chargeDaysSql = `
  SELECT ${lineKeySql} AS key, sum(line.consumption)::bigint AS consumption, sum(line.amount_micros)::bigint AS "amountMicros"
    FROM (
      SELECT day.account_id, day.metering_point_id, day.segment_id, day.local_day, item.*
        FROM billing.account_points AS span
        JOIN billing.charge_days AS day ON day.account_id = span.account_id AND day.metering_point_id = span.metering_point_id
       CROSS JOIN LATERAL jsonb_to_recordset(day.lines) AS item ("period" text, "priceVersionId" text, "unpricedReason" text,
             "consumption" bigint, "amountMicros" bigint)
       WHERE span.metering_point_id = ANY ($1::text[])
    ) AS found
   CROSS JOIN LATERAL (SELECT found.account_id, found.metering_point_id, found.segment_id, found.local_day, found."period" AS period,
          found."priceVersionId" AS price_version_id, found."unpricedReason" AS unpriced_reason, found.consumption,
          found."amountMicros" AS amount_micros) AS line
   GROUP BY 1`;

async function sumLines(queryable: Queryable, sql: string, points: readonly string[]): Promise<NaiveLines> {
  const { rows } = await queryable.query<{ key: string; consumption: number; amountMicros: number }>(sql, [
    points,
  ]);
  return new Map(rows.map(({ key, consumption, amountMicros }) => [key, { consumption, amountMicros }]));
}
