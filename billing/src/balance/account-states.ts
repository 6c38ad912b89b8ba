// SPDX-License-Identifier: Apache-2.0
/** The present state of accounts as live screens know it. */
import type { AccountEvent } from '@wattledger/contracts';
import type { Queryable } from '@wattledger/platform';
import { reportedRelaySql } from './follow-balances.ts';

export type AccountState = Omit<AccountEvent, 'at' | 'cause'>;

export async function accountStates(
  queryable: Queryable,
  accountIds: readonly string[],
): Promise<ReadonlyMap<string, AccountState>> {
  if (accountIds.length === 0) return new Map();
  const { rows } = await queryable.query<AccountState>(
    `SELECT account.project_id AS "projectId", account.account_id AS "accountId", account.stage,
            coalesce(ledger.balance_micros, 0) AS "balanceMicros", supply.desired AS "desiredRelay",
            (SELECT ${reportedRelaySql} FROM billing.supply_meters AS meter
              WHERE meter.account_id = account.account_id) AS "reportedRelay"
       FROM billing.accounts AS account
       JOIN billing.supply_states AS supply ON supply.account_id = account.account_id
       LEFT JOIN billing.ledger_accounts AS ledger
         ON ledger.project_id = account.project_id AND ledger.kind = 'tenant-balance' AND ledger.owner_id = account.account_id
      WHERE account.account_id = ANY ($1::text[])`,
    [accountIds],
  );
  return new Map(rows.map((row) => [row.accountId, row]));
}
