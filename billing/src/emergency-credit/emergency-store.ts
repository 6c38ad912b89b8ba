// SPDX-License-Identifier: Apache-2.0
/** SQL of emergency credit. */
import type { BalanceStage, EmergencyCredit, EmergencyPolicy } from '@wattledger/contracts/http/billing';
import type { Queryable, Transaction } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';

/** Until a project sets its own policy none is offered. */
const noPolicy: EmergencyPolicy = { rules: [] };

export async function loadEmergencyPolicy(queryable: Queryable, projectId: string): Promise<EmergencyPolicy> {
  const { rows } = await queryable.query<{ policy: EmergencyPolicy }>(
    'SELECT policy.policy FROM billing.emergency_credit_policies AS policy WHERE policy.project_id = $1',
    [projectId],
  );
  return rows[0]?.policy ?? noPolicy;
}

export async function writeEmergencyPolicy(
  queryable: Queryable,
  projectId: string,
  policy: EmergencyPolicy,
  by: Who,
  nowMs: number,
): Promise<void> {
  await queryable.query(
    `INSERT INTO billing.emergency_credit_policies (project_id, policy, changed_at_ms, changed_by_id, changed_by_name)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (project_id) DO UPDATE
        SET policy = excluded.policy, changed_at_ms = excluded.changed_at_ms, changed_by_id = excluded.changed_by_id,
            changed_by_name = excluded.changed_by_name`,
    [projectId, JSON.stringify(policy), nowMs, by.id, by.name],
  );
}

export interface CreditHead {
  readonly tenantId: string;
  readonly state: 'open' | 'closed';
  readonly stage: BalanceStage;
  readonly balanceMicros: number;
}

export async function loadCreditHead(
  queryable: Queryable,
  projectId: string,
  accountId: string,
): Promise<CreditHead | undefined> {
  const { rows } = await queryable.query<CreditHead>(
    `SELECT account.tenant_id AS "tenantId", account.state, account.stage, coalesce(ledger.balance_micros, 0) AS "balanceMicros"
       FROM billing.accounts AS account
       LEFT JOIN billing.ledger_accounts AS ledger
         ON ledger.project_id = account.project_id AND ledger.kind = 'tenant-balance' AND ledger.owner_id = account.account_id
      WHERE account.account_id = $1 AND account.project_id = $2`,
    [accountId, projectId],
  );
  return rows[0];
}

export type TakenCredit = EmergencyCredit['history'][number] & { readonly localDay: string };

/** Of one account, newest first. */
export async function loadTaken(queryable: Queryable, accountId: string): Promise<readonly TakenCredit[]> {
  const { rows } = await queryable.query<{
    emergency_credit_id: string;
    amount_micros: number;
    local_day: string;
    taken_at_ms: number;
    taken_by_id: string;
    taken_by_name: string;
    by_tenant: boolean;
    repaid_at_ms: number | null;
  }>(
    `SELECT credit.emergency_credit_id, credit.amount_micros, credit.local_day, credit.taken_at_ms, credit.taken_by_id,
            credit.taken_by_name, credit.by_tenant, credit.repaid_at_ms
       FROM billing.emergency_credits AS credit
      WHERE credit.account_id = $1
      ORDER BY credit.taken_at_ms DESC, credit.emergency_credit_id
      LIMIT 100`,
    [accountId],
  );
  return rows.map((row) => ({
    emergencyCreditId: row.emergency_credit_id,
    amountMicros: row.amount_micros,
    localDay: row.local_day,
    takenAtMs: row.taken_at_ms,
    takenBy: { id: row.taken_by_id, name: row.taken_by_name },
    byTenant: row.by_tenant,
    repaidAtMs: row.repaid_at_ms,
  }));
}

export async function findTaken(
  queryable: Queryable,
  projectId: string,
  requestId: string,
): Promise<{ readonly accountId: string; readonly contentHash: string } | undefined> {
  const { rows } = await queryable.query<{ account_id: string; content_hash: string }>(
    `SELECT credit.account_id, credit.content_hash FROM billing.emergency_credits AS credit
      WHERE credit.project_id = $1 AND credit.request_id = $2`,
    [projectId, requestId],
  );
  return rows[0] && { accountId: rows[0].account_id, contentHash: rows[0].content_hash };
}

export async function insertTaken(
  transaction: Transaction,
  credit: {
    readonly emergencyCreditId: string;
    readonly projectId: string;
    readonly accountId: string;
    readonly requestId: string;
    readonly contentHash: string;
    readonly amountMicros: number;
    readonly localDay: string;
    readonly takenAtMs: number;
    readonly takenBy: Who;
    readonly byTenant: boolean;
  },
): Promise<void> {
  await transaction.query(
    `INSERT INTO billing.emergency_credits (emergency_credit_id, project_id, account_id, request_id, content_hash, amount_micros,
            local_day, taken_at_ms, taken_by_id, taken_by_name, by_tenant)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      credit.emergencyCreditId,
      credit.projectId,
      credit.accountId,
      credit.requestId,
      credit.contentHash,
      credit.amountMicros,
      credit.localDay,
      credit.takenAtMs,
      credit.takenBy.id,
      credit.takenBy.name,
      credit.byTenant,
    ],
  );
}
