// SPDX-License-Identifier: Apache-2.0
/** Charges everything again the naive way, point by point, and compares with the lines posted and the days summed. */
import { priceTermsShape, type PriceTermsBody } from '@wattledger/contracts/http/billing';
import type { Queryable } from '@wattledger/platform';
import {
  createNaiveCharge,
  differingKeys,
  type NaiveAccount,
  type NaiveDay,
  type NaiveLines,
  type NaiveSeries,
  type NaiveVersion,
} from './naive-charges.ts';
import { naiveItems, type NaiveHolder } from './naive-items.ts';

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
  const versions = await loadVersions(queryable);
  const charge = createNaiveCharge(
    versions.filter((version) => version.approved),
    await loadSeries(queryable),
  );
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
    const items: NaiveLines = new Map();
    for (const holder of await loadHolders(queryable, points, accounts)) {
      const lines = naiveItems(holder, versionsKnownAt(versions, holder.asOfMs), known, naive);
      for (const [key, line] of lines) items.set(key, line);
    }
    for (const [key, line] of items) naive.set(key, line);
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

/** A version with the times at which it came and went. */
interface DatedVersion extends NaiveVersion {
  readonly approved: boolean;
  readonly approvedAtMs: number;
  readonly withdrawnAtMs: number | null;
}

/** Items were rated by what was approved then; what came later for the past was posted by a notice, which rated them again. */
const versionsKnownAt = (versions: readonly DatedVersion[], asOfMs: number): readonly NaiveVersion[] =>
  versions.filter(
    (version) =>
      version.approvedAtMs <= asOfMs && (version.approved || (version.withdrawnAtMs ?? 0) > asOfMs),
  );

async function loadVersions(queryable: Queryable): Promise<readonly DatedVersion[]> {
  const { rows } = await queryable.query<Omit<DatedVersion, 'terms'> & { readonly terms: PriceTermsBody }>(
    `SELECT version.price_version_id AS "priceVersionId", version.price_scheme_id AS "priceSchemeId", version.number,
            version.effective_from_ms AS "effectiveFromMs", version.rates, version.terms, version.calendar,
            version.state = 'approved' AS approved, coalesce(list.decided_at_ms, version.approved_at_ms) AS "approvedAtMs",
            version.withdrawn_at_ms AS "withdrawnAtMs"
       FROM billing.price_versions AS version
       LEFT JOIN billing.price_lists AS list ON list.price_version_id = version.price_version_id
      WHERE version.state = 'approved'
         OR (version.state = 'withdrawn' AND version.approved_at_ms IS NOT NULL
             AND coalesce(list.decision, 'approved') <> 'rejected')`,
  );
  return rows.map((row) => ({ ...row, terms: priceTermsShape.parse(row.terms) }));
}

/** Each price of a series holds from its start for its length. */
async function loadSeries(queryable: Queryable): Promise<NaiveSeries> {
  const { rows } = await queryable.query<{
    readonly id: string;
    readonly startMs: number;
    readonly endMs: number;
    readonly priceMicros: number;
  }>(
    `SELECT point.price_series_id AS id, point.start_ms AS "startMs", point.start_ms + series.minutes * 60000::bigint AS "endMs",
            point.price_micros AS "priceMicros"
       FROM billing.price_series_points AS point
       JOIN billing.price_series AS series ON series.price_series_id = point.price_series_id
      WHERE point.price_series_id IN (SELECT version.terms ->> 'priceSeriesId' FROM billing.price_versions AS version)`,
  );
  const prices = new Map<string, Map<number, number>>();
  const quarterMs = 900_000;
  for (const { id, startMs, endMs, priceMicros } of rows) {
    const quarters = prices.get(id) ?? new Map<number, number>();
    prices.set(id, quarters);
    for (let ms = startMs; ms < endMs; ms += quarterMs) quarters.set(ms, priceMicros);
  }
  return new Map(
    [...prices].map(([id, quarters]) => [
      id,
      (instantMs: number) => quarters.get(Math.floor(instantMs / quarterMs) * quarterMs) ?? null,
    ]),
  );
}

/** Accounts whose items have been rated, with the times in order. */
async function loadHolders(
  queryable: Queryable,
  points: readonly string[],
  accounts: readonly NaiveAccount[],
): Promise<readonly NaiveHolder[]> {
  const { rows } = await queryable.query<Omit<NaiveHolder, 'spans'>>(
    `SELECT mark.account_id AS "accountId", mark.metering_point_id AS "meteringPointId", mark.as_of_ms AS "asOfMs",
            coalesce(newest.zone, project.snapshot ->> 'zone', 'UTC') AS zone
       FROM billing.month_item_marks AS mark
       JOIN billing.accounts AS account ON account.account_id = mark.account_id
       LEFT JOIN billing.registry_snapshots AS project ON project.entity = 'project' AND project.id = account.project_id
       LEFT JOIN (SELECT DISTINCT ON (metering_point_id) metering_point_id, zone FROM billing.segments
                   ORDER BY metering_point_id, grid_revision DESC, segment_id) AS newest
         ON newest.metering_point_id = mark.metering_point_id
      WHERE mark.metering_point_id = ANY ($1::text[])`,
    [points],
  );
  return rows.map((row) => ({
    ...row,
    spans: accounts
      .filter((span) => span.accountId === row.accountId && span.meteringPointId === row.meteringPointId)
      .sort((a, b) => a.openedAtMs - b.openedAtMs),
  }));
}

async function loadAccounts(
  queryable: Queryable,
  points: readonly string[],
): Promise<readonly NaiveAccount[]> {
  const { rows } = await queryable.query<NaiveAccount>(
    `SELECT span.account_id AS "accountId", span.metering_point_id AS "meteringPointId", span.medium,
            span.price_scheme_id AS "priceSchemeId", span.opened_at_ms AS "openedAtMs", span.closed_at_ms AS "closedAtMs",
            span.contracted_demand_w AS "contractedDemandW"
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
    slotMinutes: row.slot_minutes,
    firstSlotMs: row.first_slot_ms,
    slots: row.consumption.flatMap((consumption, index) =>
      consumption === null
        ? []
        : [{ startMs: row.first_slot_ms + index * row.slot_minutes * 60_000, consumption }],
    ),
  }));
}

const lineKeySql = `line.account_id || '/' || line.metering_point_id || '/' || line.segment_id || '/' || line.local_day || '/' ||
         coalesce(line.period, '') || '/' || coalesce(line.price_version_id, line.unpriced_reason) || '/' ||
         coalesce(line.tier::text, '') || '/' || coalesce(line.season, '') || '/' || line.component || '/' || coalesce(line.item, '')`;

const chargeLinesSql = `
  SELECT ${lineKeySql} AS key, sum(line.consumption)::bigint AS consumption, sum(line.amount_micros)::bigint AS "amountMicros"
    FROM billing.charge_lines AS line
    JOIN (SELECT DISTINCT span.account_id, span.metering_point_id FROM billing.account_points AS span
           WHERE span.metering_point_id = ANY ($1::text[])) AS held
      ON held.account_id = line.account_id AND held.metering_point_id = line.metering_point_id
   GROUP BY 1`;

const chargeDaysSql = `
  SELECT ${lineKeySql} AS key, sum(line.consumption)::bigint AS consumption, sum(line.amount_micros)::bigint AS "amountMicros"
    FROM (
      SELECT day.account_id, day.metering_point_id, day.segment_id, day.local_day, item."period" AS period,
             item."priceVersionId" AS price_version_id, item."unpricedReason" AS unpriced_reason, item.tier, item.season,
             coalesce(item.component, 'energy') AS component, item.item, item.consumption, item."amountMicros" AS amount_micros
        FROM (SELECT DISTINCT span.account_id, span.metering_point_id FROM billing.account_points AS span
               WHERE span.metering_point_id = ANY ($1::text[])) AS held
        JOIN billing.charge_days AS day ON day.account_id = held.account_id AND day.metering_point_id = held.metering_point_id
       CROSS JOIN LATERAL jsonb_to_recordset(day.lines) AS item ("period" text, "priceVersionId" text, "unpricedReason" text,
             "tier" smallint, "season" text, "component" text, "item" text, "consumption" bigint, "amountMicros" bigint)
    ) AS line
   GROUP BY 1`;

async function sumLines(queryable: Queryable, sql: string, points: readonly string[]): Promise<NaiveLines> {
  const { rows } = await queryable.query<{ key: string; consumption: number; amountMicros: number }>(sql, [
    points,
  ]);
  return new Map(rows.map(({ key, consumption, amountMicros }) => [key, { consumption, amountMicros }]));
}
