// SPDX-License-Identifier: Apache-2.0
/** SQL of accounts: writes, and the reads that writes need. The lists of the screens stand in accounts-read.ts. */
import type { Medium } from '@wattledger/contracts';
import type { Queryable, Transaction } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';

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
  readonly points: readonly {
    readonly meteringPointId: string;
    readonly priceSchemeId: string;
    readonly medium: Medium;
  }[];
}

/** Accounts, their points and their supply. Throws 23P01 point_serves_one_account when a point is taken. */
export async function insertAccounts(
  transaction: Transaction,
  accounts: readonly AccountToInsert[],
): Promise<void> {
  await transaction.query(
    `INSERT INTO billing.accounts (account_id, project_id, tenant_id, state, opened_at_ms, alarm1_micros, alarm2_micros,
            hysteresis_micros, protected_supply, opening_posting_id, opened_by_id, opened_by_name, opened_recorded_at_ms)
     SELECT added.account_id, added.project_id, added.tenant_id, 'open', added.opened_at_ms, added.alarm1_micros,
            added.alarm2_micros, added.hysteresis_micros, added.protected_supply, added.opening_posting_id,
            added.opened_by_id, added.opened_by_name, added.opened_recorded_at_ms
       FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
            $8::boolean[], $9::text[], $10::text[], $11::text[], $12::bigint[])
         AS added (account_id, project_id, tenant_id, opened_at_ms, alarm1_micros, alarm2_micros, hysteresis_micros,
            protected_supply, opening_posting_id, opened_by_id, opened_by_name, opened_recorded_at_ms)`,
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
    ],
  );
  const points = accounts.flatMap((account) => account.points.map((point) => ({ account, point })));
  await transaction.query(
    `INSERT INTO billing.account_points (account_id, metering_point_id, project_id, medium, price_scheme_id, opened_at_ms)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])`,
    [
      points.map(({ account }) => account.accountId),
      points.map(({ point }) => point.meteringPointId),
      points.map(({ account }) => account.projectId),
      points.map(({ point }) => point.medium),
      points.map(({ point }) => point.priceSchemeId),
      points.map(({ account }) => account.openedAtMs),
    ],
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
            account.hysteresis_micros AS "hysteresisMicros", account.protected_supply AS "protectedSupply"
       FROM billing.accounts AS account
      WHERE account.account_id = $1 AND account.project_id = $2`,
    [accountId, projectId],
  );
  return rows[0];
}

export async function loadPointsOfAccount(
  queryable: Queryable,
  accountId: string,
): Promise<readonly string[]> {
  const { rows } = await queryable.query<{ metering_point_id: string }>(
    'SELECT point.metering_point_id FROM billing.account_points AS point WHERE point.account_id = $1 ORDER BY 1',
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
  },
): Promise<void> {
  await transaction.query(
    `UPDATE billing.accounts
        SET state = 'closed', closed_at_ms = $2, closing_posting_id = $3, closed_by_id = $4, closed_by_name = $5,
            closed_recorded_at_ms = $6
      WHERE account_id = $1`,
    [
      closing.accountId,
      closing.closedAtMs,
      closing.postingId,
      closing.by.id,
      closing.by.name,
      closing.recordedAtMs,
    ],
  );
  await transaction.query('UPDATE billing.account_points SET closed_at_ms = $2 WHERE account_id = $1', [
    closing.accountId,
    closing.closedAtMs,
  ]);
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
