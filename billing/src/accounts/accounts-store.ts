// SPDX-License-Identifier: Apache-2.0
/** SQL of accounts: writes, and the reads that writes need. The lists of the screens stand in accounts-read.ts. */
import type { Medium } from '@wattledger/contracts';
import type { RegisterEvidence } from '@wattledger/contracts/http/billing';
import type { Queryable, Transaction } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';
import type { PointTime } from './point-times.ts';

export interface AccountToInsert {
  readonly accountId: string;
  readonly projectId: string;
  readonly tenantId: string;
  readonly openedAtMs: number;
  readonly alarm1Micros: number;
  readonly alarm2Micros: number;
  readonly hysteresisMicros: number;
  readonly protectedSupply: boolean;
  readonly openingPostingId: string;
  readonly openedBy: Who;
  readonly recordedAtMs: number;
  /** The account whose tenant this one's followed. */
  readonly previousAccountId: string | null;
  readonly readings: readonly RegisterEvidence[];
  /** A point may be named several times: once for each of its times. */
  readonly points: readonly (PointTime & { readonly meteringPointId: string; readonly medium: Medium })[];
}

/** Accounts, their points and their supply. Throws 23P01 point_serves_one_account when a point is taken. */
export async function insertAccounts(
  transaction: Transaction,
  accounts: readonly AccountToInsert[],
): Promise<void> {
  await transaction.query(
    `INSERT INTO billing.accounts (account_id, project_id, tenant_id, state, opened_at_ms, alarm1_micros, alarm2_micros,
            hysteresis_micros, protected_supply, opening_posting_id, opened_by_id, opened_by_name, opened_recorded_at_ms,
            previous_account_id, opening_readings)
     SELECT added.account_id, added.project_id, added.tenant_id, 'open', added.opened_at_ms, added.alarm1_micros,
            added.alarm2_micros, added.hysteresis_micros, added.protected_supply, added.opening_posting_id,
            added.opened_by_id, added.opened_by_name, added.opened_recorded_at_ms, added.previous_account_id,
            added.opening_readings
       FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
            $8::boolean[], $9::text[], $10::text[], $11::text[], $12::bigint[], $13::text[], $14::jsonb[])
         AS added (account_id, project_id, tenant_id, opened_at_ms, alarm1_micros, alarm2_micros, hysteresis_micros,
            protected_supply, opening_posting_id, opened_by_id, opened_by_name, opened_recorded_at_ms, previous_account_id,
            opening_readings)`,
    [
      accounts.map((account) => account.accountId),
      accounts.map((account) => account.projectId),
      accounts.map((account) => account.tenantId),
      accounts.map((account) => account.openedAtMs),
      accounts.map((account) => account.alarm1Micros),
      accounts.map((account) => account.alarm2Micros),
      accounts.map((account) => account.hysteresisMicros),
      accounts.map((account) => account.protectedSupply),
      accounts.map((account) => account.openingPostingId),
      accounts.map((account) => account.openedBy.id),
      accounts.map((account) => account.openedBy.name),
      accounts.map((account) => account.recordedAtMs),
      accounts.map((account) => account.previousAccountId),
      accounts.map((account) => JSON.stringify(account.readings)),
    ],
  );
  await insertPointTimes(
    transaction,
    accounts.flatMap(({ accountId, projectId, points }) =>
      points.map((point) => ({ ...point, accountId, projectId })),
    ),
  );
  await transaction.query(
    `INSERT INTO billing.supply_states (account_id, project_id, due_at_ms, due_cause)
     SELECT added.account_id, added.project_id, added.due_at_ms, 'opened'
       FROM unnest($1::text[], $2::text[], $3::bigint[]) AS added (account_id, project_id, due_at_ms)`,
    [
      accounts.map((account) => account.accountId),
      accounts.map((account) => account.projectId),
      accounts.map((account) => account.recordedAtMs),
    ],
  );
}

export interface PointTimeRow extends PointTime {
  readonly accountId: string;
  readonly projectId: string;
  readonly meteringPointId: string;
  readonly medium: Medium;
}

/** Throws 23P01 point_serves_one_account when a point is taken. */
export async function insertPointTimes(
  transaction: Transaction,
  times: readonly PointTimeRow[],
): Promise<void> {
  await transaction.query(
    `INSERT INTO billing.account_points (account_id, metering_point_id, project_id, medium, price_scheme_id, opened_at_ms,
            closed_at_ms, contracted_demand_w)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[])`,
    [
      times.map((time) => time.accountId),
      times.map((time) => time.meteringPointId),
      times.map((time) => time.projectId),
      times.map((time) => time.medium),
      times.map((time) => time.priceSchemeId),
      times.map((time) => time.openedAtMs),
      times.map((time) => time.closedAtMs),
      times.map((time) => time.contractedDemandW),
    ],
  );
}

/** Times of an account's points, in order. */
export async function loadPointTimes(
  queryable: Queryable,
  accountId: string,
): Promise<readonly PointTimeRow[]> {
  const { rows } = await queryable.query<PointTimeRow>(
    `SELECT span.account_id AS "accountId", span.metering_point_id AS "meteringPointId", span.project_id AS "projectId",
            span.medium, span.price_scheme_id AS "priceSchemeId", span.contracted_demand_w AS "contractedDemandW",
            span.opened_at_ms AS "openedAtMs", span.closed_at_ms AS "closedAtMs"
       FROM billing.account_points AS span
      WHERE span.account_id = $1
      ORDER BY span.metering_point_id, span.opened_at_ms`,
    [accountId],
  );
  return rows;
}

/** The times of one point at the account are now these. What they were stands in the record of the change. */
export async function replacePointTimes(
  transaction: Transaction,
  accountId: string,
  meteringPointId: string,
  times: readonly PointTimeRow[],
): Promise<void> {
  await transaction.query(
    'DELETE FROM billing.account_points WHERE account_id = $1 AND metering_point_id = $2',
    [accountId, meteringPointId],
  );
  await insertPointTimes(transaction, times);
}

/**
 * Of `span` (account_points) and `account`: the time at the scheme the account has the point at now, or had it at when it
 * was closed. At most one per account and point.
 */
export const presentTimeSql =
  'span.closed_at_ms IS NOT DISTINCT FROM account.closed_at_ms AND (span.closed_at_ms IS NULL OR span.closed_at_ms > span.opened_at_ms)';

export interface AccountHead {
  readonly accountId: string;
  readonly tenantId: string;
  readonly state: 'open' | 'closed';
  readonly openedAtMs: number;
  readonly closedAtMs: number | null;
  readonly alarm1Micros: number;
  readonly alarm2Micros: number;
  readonly hysteresisMicros: number;
  readonly protectedSupply: boolean;
  readonly suspendedSinceMs: number | null;
}

/** The account, or undefined when the project has none of that id. */
export async function loadAccountHead(
  queryable: Queryable,
  projectId: string,
  accountId: string,
): Promise<AccountHead | undefined> {
  const { rows } = await queryable.query<AccountHead>(
    `SELECT account.account_id AS "accountId", account.tenant_id AS "tenantId", account.state,
            account.opened_at_ms AS "openedAtMs", account.closed_at_ms AS "closedAtMs",
            account.alarm1_micros AS "alarm1Micros", account.alarm2_micros AS "alarm2Micros",
            account.hysteresis_micros AS "hysteresisMicros", account.protected_supply AS "protectedSupply",
            account.suspended_since_ms AS "suspendedSinceMs"
       FROM billing.accounts AS account
      WHERE account.account_id = $1 AND account.project_id = $2`,
    [accountId, projectId],
  );
  return rows[0];
}

/** Every point the account has or ever had. */
export async function loadPointsOfAccount(
  queryable: Queryable,
  accountId: string,
): Promise<readonly string[]> {
  const { rows } = await queryable.query<{ metering_point_id: string }>(
    'SELECT DISTINCT point.metering_point_id FROM billing.account_points AS point WHERE point.account_id = $1 ORDER BY 1',
    [accountId],
  );
  return rows.map((row) => row.metering_point_id);
}

export async function closeAccountRows(
  transaction: Transaction,
  closing: {
    readonly accountId: string;
    readonly closedAtMs: number;
    readonly postingId: string;
    readonly by: Who;
    readonly recordedAtMs: number;
    readonly readings: readonly RegisterEvidence[];
  },
): Promise<void> {
  await transaction.query(
    `UPDATE billing.accounts
        SET state = 'closed', closed_at_ms = $2, closing_posting_id = $3, closed_by_id = $4, closed_by_name = $5,
            closed_recorded_at_ms = $6, suspended_since_ms = NULL, closing_readings = $7
      WHERE account_id = $1`,
    [
      closing.accountId,
      closing.closedAtMs,
      closing.postingId,
      closing.by.id,
      closing.by.name,
      closing.recordedAtMs,
      JSON.stringify(closing.readings),
    ],
  );
  // Times that begin after the instant stay without length: charges may name their point.
  await transaction.query(
    `UPDATE billing.account_points SET closed_at_ms = greatest(opened_at_ms, $2)
      WHERE account_id = $1 AND (closed_at_ms IS NULL OR closed_at_ms > $2)`,
    [closing.accountId, closing.closedAtMs],
  );
  await transaction.query(
    `UPDATE billing.supply_states
        SET mode = 'automatic', forced_by_id = NULL, forced_by_name = NULL, forced_reason = NULL
      WHERE account_id = $1`,
    [closing.accountId],
  );
}

export async function insertRefund(
  transaction: Transaction,
  refund: {
    readonly postingId: string;
    readonly projectId: string;
    readonly accountId: string;
    readonly amountMicros: number;
    readonly means: string;
    readonly localDay: string;
  },
): Promise<void> {
  await transaction.query(
    `INSERT INTO billing.refunds (posting_id, project_id, account_id, amount_micros, means, local_day)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      refund.postingId,
      refund.projectId,
      refund.accountId,
      refund.amountMicros,
      refund.means,
      refund.localDay,
    ],
  );
}

export async function updateThresholds(
  transaction: Transaction,
  accountId: string,
  thresholds: {
    readonly alarm1Micros: number;
    readonly alarm2Micros: number;
    readonly hysteresisMicros: number;
    readonly protectedSupply: boolean;
  },
): Promise<void> {
  await transaction.query(
    `UPDATE billing.accounts
        SET alarm1_micros = $2, alarm2_micros = $3, hysteresis_micros = $4, protected_supply = $5
      WHERE account_id = $1`,
    [
      accountId,
      thresholds.alarm1Micros,
      thresholds.alarm2Micros,
      thresholds.hysteresisMicros,
      thresholds.protectedSupply,
    ],
  );
}
