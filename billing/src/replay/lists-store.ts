// SPDX-License-Identifier: Apache-2.0
/** SQL of the lists finance decides on: what a retroactive version was expected to change, beside what it posted. */
import type { Queryable, Transaction } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';
import type { AccountFound } from './replay-read.ts';

/**
 * Whether anything that a version would hold for has been charged: a slot that begins since, or items of a month that count
 * days since.
 */
export async function isChargedSince(queryable: Queryable, priceVersionId: string): Promise<boolean> {
  const { rows } = await queryable.query<{ charged: boolean }>(
    `SELECT EXISTS (
       SELECT FROM billing.price_versions AS version
         JOIN billing.account_points AS span ON span.price_scheme_id = version.price_scheme_id
          AND coalesce(span.closed_at_ms > version.effective_from_ms, true)
        WHERE version.price_version_id = $1
          AND (EXISTS (SELECT FROM billing.month_item_marks AS mark
                        WHERE mark.metering_point_id = span.metering_point_id AND mark.account_id = span.account_id
                          AND mark.as_of_ms > greatest(span.opened_at_ms, version.effective_from_ms))
            OR EXISTS (SELECT FROM billing.slot_days AS day
                        CROSS JOIN LATERAL unnest(day.consumption) WITH ORDINALITY AS slot (consumption, place)
                        WHERE day.metering_point_id = span.metering_point_id AND span.account_id = ANY (day.account_ids)
                          AND day.local_day >= (to_timestamp(version.effective_from_ms / 1000) AT TIME ZONE 'UTC')::date - 1
                          AND slot.consumption IS NOT NULL
                          AND day.first_slot_ms + (slot.place - 1) * day.slot_minutes * 60000::bigint >= version.effective_from_ms))
     ) AS charged`,
    [priceVersionId],
  );
  return rows[0]?.charged ?? false;
}

export async function saveList(
  transaction: Transaction,
  list: { readonly priceVersionId: string; readonly projectId: string; readonly replayId: string },
): Promise<void> {
  await transaction.query(
    `INSERT INTO billing.price_lists AS list (price_version_id, project_id, replay_id) VALUES ($1, $2, $3)
         ON CONFLICT (price_version_id) DO UPDATE SET replay_id = excluded.replay_id WHERE list.decision IS NULL`,
    [list.priceVersionId, list.projectId, list.replayId],
  );
}

export interface StoredList {
  readonly replayId: string;
  readonly decision: 'approved' | 'rejected' | null;
  readonly decidedById: string | null;
  readonly decidedByName: string | null;
  readonly decidedAtMs: number | null;
  readonly noticeState: 'running' | 'done' | null;
  readonly noticePointsDone: number;
  readonly noticePointsTotal: number;
}

export async function loadList(queryable: Queryable, priceVersionId: string): Promise<StoredList | null> {
  const { rows } = await queryable.query<StoredList>(
    `SELECT list.replay_id AS "replayId", list.decision, list.decided_by_id AS "decidedById",
            list.decided_by_name AS "decidedByName", list.decided_at_ms AS "decidedAtMs", notice.state AS "noticeState",
            coalesce(notice.points_done, 0) AS "noticePointsDone", coalesce(notice.points_total, 0) AS "noticePointsTotal"
       FROM billing.price_lists AS list
       LEFT JOIN billing.price_notices AS notice ON notice.price_version_id = list.price_version_id
      WHERE list.price_version_id = $1`,
    [priceVersionId],
  );
  return rows[0] ?? null;
}

export async function decideList(
  transaction: Transaction,
  priceVersionId: string,
  decision: 'approved' | 'rejected',
  by: Who,
  atMs: number,
): Promise<void> {
  await transaction.query(
    `UPDATE billing.price_lists SET decision = $2, decided_by_id = $3, decided_by_name = $4, decided_at_ms = $5
      WHERE price_version_id = $1 AND decision IS NULL`,
    [priceVersionId, decision, by.id, by.name, atMs],
  );
}

/**
 * Expected from the replay, posted by the notice; an account may be in one of them alone. Energy that comes for a point whose
 * turn has not come is charged by the new price at once, with all that hangs on its day and its months: that stands beside.
 */
const sidesSql = `
  WITH expected AS (
    SELECT * FROM billing.price_replay_accounts AS found WHERE found.replay_id = $1
  ), posted AS (
    SELECT posting.account_id, sum(line.amount_micros)::bigint AS amount_micros,
           coalesce(sum(line.consumption) FILTER (WHERE line.price_version_id = $2), 0)::bigint AS consumption
      FROM billing.postings AS posting
      JOIN billing.charge_lines AS line ON line.posting_id = posting.posting_id
     WHERE posting.notice_version_id = $2 AND posting.cause = 'price-notice'
     GROUP BY posting.account_id
  ), meanwhile AS (
    SELECT posting.account_id, sum(line.amount_micros)::bigint AS amount_micros
      FROM billing.price_lists AS list
      JOIN billing.price_notices AS notice ON notice.price_version_id = list.price_version_id
      JOIN billing.postings AS posting
        ON posting.recorded_at_ms >= list.decided_at_ms
       AND posting.recorded_at_ms <= coalesce(notice.finished_at_ms, posting.recorded_at_ms)
       AND posting.kind = 'charge' AND posting.notice_version_id IS NULL
       AND posting.account_id = ANY (SELECT expected.account_id FROM expected)
      JOIN billing.charge_lines AS line ON line.posting_id = posting.posting_id
     WHERE list.price_version_id = $2 AND list.decision = 'approved'
       AND (line.price_version_id = $2 OR line.consumption < 0)
     GROUP BY posting.account_id
  ), sides AS (
    SELECT account_id, coalesce(expected.before_micros, 0) AS before_micros, coalesce(expected.after_micros, 0) AS after_micros,
           coalesce(expected.consumption, 0) AS consumption, coalesce(expected.slots_expected, 0) AS slots_expected,
           coalesce(expected.slots_known, 0) AS slots_known, coalesce(expected.slots_estimated, 0) AS slots_estimated,
           coalesce(posted.amount_micros, 0) AS posted_micros, coalesce(posted.consumption, 0) AS posted_consumption,
           coalesce(meanwhile.amount_micros, 0) AS meanwhile_micros
      FROM expected FULL JOIN posted USING (account_id) LEFT JOIN meanwhile USING (account_id)
  )`;

export interface SidesFound extends AccountFound {
  readonly postedMicros: number;
  readonly postedConsumption: number;
  /** Charged with news of energy between the decision and the point's turn. */
  readonly meanwhileMicros: number;
  readonly toSettleMicros: number;
}

/** Largest differences first, whichever way. */
export async function loadSides(
  queryable: Queryable,
  of: { readonly replayId: string; readonly priceVersionId: string },
  page: { readonly limit: number; readonly offset: number },
): Promise<readonly SidesFound[]> {
  const { rows } = await queryable.query<SidesFound>(
    `${sidesSql}
     SELECT sides.account_id AS "accountId", account.tenant_id AS "tenantId", account.state,
            sides.before_micros AS "beforeMicros", sides.after_micros AS "afterMicros", sides.consumption,
            sides.slots_expected AS "slotsExpected", sides.slots_known AS "slotsKnown", sides.slots_estimated AS "slotsEstimated",
            sides.posted_micros AS "postedMicros", sides.posted_consumption AS "postedConsumption",
            sides.meanwhile_micros AS "meanwhileMicros",
            CASE WHEN account.state = 'closed' THEN coalesce(balance.balance_micros, 0) ELSE 0 END AS "toSettleMicros"
       FROM sides
       JOIN billing.accounts AS account ON account.account_id = sides.account_id
       LEFT JOIN billing.ledger_accounts AS balance
         ON balance.project_id = account.project_id AND balance.kind = 'tenant-balance' AND balance.owner_id = sides.account_id
      ORDER BY abs(sides.after_micros - sides.before_micros) DESC, sides.account_id
      LIMIT $3 OFFSET $4`,
    [of.replayId, of.priceVersionId, page.limit, page.offset],
  );
  return rows;
}

export interface SideTotals {
  readonly accounts: number;
  readonly expectedMicros: number;
  readonly postedMicros: number;
  readonly expectedConsumption: number;
  readonly postedConsumption: number;
  /** Charged with news of energy between the decision and the point's turn. */
  readonly meanwhileMicros: number;
}

export async function loadSideTotals(
  queryable: Queryable,
  of: { readonly replayId: string; readonly priceVersionId: string },
): Promise<SideTotals> {
  const { rows } = await queryable.query<SideTotals>(
    `${sidesSql}
     SELECT count(*) AS accounts, coalesce(sum(sides.after_micros - sides.before_micros), 0)::bigint AS "expectedMicros",
            coalesce(sum(sides.posted_micros), 0)::bigint AS "postedMicros",
            coalesce(sum(sides.meanwhile_micros), 0)::bigint AS "meanwhileMicros",
            coalesce(sum(sides.consumption), 0)::bigint AS "expectedConsumption",
            coalesce(sum(sides.posted_consumption), 0)::bigint AS "postedConsumption"
       FROM sides`,
    [of.replayId, of.priceVersionId],
  );
  const [totals] = rows;
  if (totals === undefined) throw new Error('an aggregate without GROUP BY has one row');
  return totals;
}

export interface CompensationLine {
  readonly priceSchemeId: string;
  readonly schemeName: string;
  readonly priceVersionId: string;
  readonly versionNumber: number;
  readonly cause: 'price-notice' | 'price-withdrawn';
  readonly month: string;
  readonly amountMicros: number;
  readonly recordedAtMs: number;
  readonly postingIds: string[];
}

/** What notices posted to an account, by version and month; the newest first. */
export async function loadCompensations(
  queryable: Queryable,
  accountId: string,
): Promise<readonly CompensationLine[]> {
  const { rows } = await queryable.query<CompensationLine>(
    `SELECT version.price_scheme_id AS "priceSchemeId", scheme.name AS "schemeName",
            version.price_version_id AS "priceVersionId", version.number AS "versionNumber", posting.cause,
            to_char(line.local_day, 'YYYY-MM') AS month, sum(line.amount_micros)::bigint AS "amountMicros",
            max(posting.recorded_at_ms) AS "recordedAtMs",
            array_agg(DISTINCT posting.posting_id ORDER BY posting.posting_id) AS "postingIds"
       FROM billing.postings AS posting
       JOIN billing.charge_lines AS line ON line.posting_id = posting.posting_id
       JOIN billing.price_versions AS version ON version.price_version_id = posting.notice_version_id
       JOIN billing.price_schemes AS scheme ON scheme.price_scheme_id = version.price_scheme_id
      WHERE posting.account_id = $1 AND posting.notice_version_id IS NOT NULL
      GROUP BY version.price_version_id, scheme.name, posting.cause, month
     HAVING sum(line.amount_micros) <> 0
      ORDER BY max(posting.recorded_at_ms) DESC, month DESC, version.price_version_id, posting.cause`,
    [accountId],
  );
  return rows;
}
