// SPDX-License-Identifier: Apache-2.0
/** SQL of supply control: evidence, decisions, policy. Relays stand in relays-store.ts. */
import type { Medium } from '@wattledger/contracts';
import type { DesiredRelay, SupplyGate, SupplyMode, SupplyPolicy } from '@wattledger/contracts/http/billing';
import type { Queryable, Transaction } from '@wattledger/platform';
import { presentTimeSql } from '../accounts/accounts-store.ts';
import type { Who } from '../ledger/posting.ts';

export interface EvidenceRow {
  readonly account_id: string;
  readonly project_id: string;
  readonly tenant_id: string;
  readonly state: 'open' | 'closed';
  readonly protected_supply: boolean;
  readonly mode: SupplyMode;
  readonly forced_by_name: string | null;
  readonly forced_reason: string | null;
  readonly desired: DesiredRelay;
  readonly below_since_ms: number | null;
  readonly due_cause: string;
  readonly balance_micros: number;
  readonly arrears_micros: number;
  readonly emergency_credit_micros: number;
  readonly payments_pending: number;
  readonly points: readonly {
    readonly meteringPointId: string;
    readonly medium: Medium;
    readonly lastReadingMs: number | null;
    readonly lastReadingQuality: number | null;
    /** Its meter keeps the credit and switches by itself. */
    readonly meterSide: boolean;
  }[];
}

const evidenceColumns = `
  SELECT account.account_id, account.project_id, account.tenant_id, account.state, account.protected_supply, supply.mode,
         supply.forced_by_name, supply.forced_reason, supply.desired, supply.below_since_ms, supply.due_cause,
         coalesce(ledger.balance_micros, 0) AS balance_micros,
         coalesce((SELECT -arrears.balance_micros FROM billing.ledger_accounts AS arrears
           WHERE arrears.project_id = account.project_id AND arrears.kind = 'tenant-arrears'
             AND arrears.owner_id = account.account_id), 0) AS arrears_micros,
         coalesce((SELECT credit.amount_micros FROM billing.emergency_credits AS credit
           WHERE credit.account_id = account.account_id AND credit.repaid_at_ms IS NULL), 0) AS emergency_credit_micros,
         (SELECT count(*) FROM billing.pending_payments AS payment
           WHERE payment.account_id = account.account_id AND payment.state = 'pending' AND payment.expires_at_ms > $1) AS payments_pending,
         (SELECT coalesce(json_agg(json_build_object(
                   'meteringPointId', span.metering_point_id, 'medium', span.medium,
                   'lastReadingMs', point.last_reading_ms, 'lastReadingQuality', point.last_reading_quality,
                   'meterSide', EXISTS (SELECT FROM billing.meter_side_points AS side
                                         WHERE side.account_id = account.account_id AND side.terms IS NOT NULL
                                           AND side.metering_point_id = span.metering_point_id))
                   ORDER BY span.metering_point_id), '[]')
            FROM billing.account_points AS span
            LEFT JOIN billing.points AS point ON point.metering_point_id = span.metering_point_id
           WHERE span.account_id = account.account_id AND ${presentTimeSql}) AS points
    FROM billing.supply_states AS supply
    JOIN billing.accounts AS account ON account.account_id = supply.account_id
    LEFT JOIN billing.ledger_accounts AS ledger
      ON ledger.project_id = account.project_id AND ledger.kind = 'tenant-balance' AND ledger.owner_id = account.account_id`;

/** Holds accounts whose time has come, oldest first; those another process is looking at are passed over. */
export async function holdDueAccounts(
  transaction: Transaction,
  nowMs: number,
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await transaction.query<{ account_id: string }>(
    `SELECT supply.account_id
       FROM billing.supply_states AS supply
      WHERE supply.due_at_ms <= $1
      ORDER BY supply.due_at_ms, supply.account_id
      LIMIT $2
        FOR UPDATE SKIP LOCKED`,
    [nowMs, limit],
  );
  return rows.map((row) => row.account_id);
}

/** Evidence of the named accounts, read after they are held. */
export async function loadEvidence(
  queryable: Queryable,
  accountIds: readonly string[],
  nowMs: number,
): Promise<readonly EvidenceRow[]> {
  const { rows } = await queryable.query<EvidenceRow>(
    `${evidenceColumns} WHERE supply.account_id = ANY ($2::text[]) ORDER BY supply.account_id`,
    [nowMs, accountIds],
  );
  return rows;
}

/** Evidence of a project's open accounts, for a dry run. */
export async function loadProjectEvidence(
  queryable: Queryable,
  projectId: string,
  nowMs: number,
): Promise<readonly EvidenceRow[]> {
  const { rows } = await queryable.query<EvidenceRow>(
    `${evidenceColumns} WHERE account.project_id = $2 AND account.state = 'open' ORDER BY supply.account_id`,
    [nowMs, projectId],
  );
  return rows;
}

export interface SupplyStateChange {
  readonly accountId: string;
  readonly desired: DesiredRelay;
  readonly belowSinceMs: number | null;
  readonly dueAtMs: number;
}

export async function writeSupplyStates(
  transaction: Transaction,
  changes: readonly SupplyStateChange[],
): Promise<void> {
  await transaction.query(
    `UPDATE billing.supply_states AS supply
        SET desired = changed.desired, below_since_ms = changed.below_since_ms, due_at_ms = changed.due_at_ms, due_cause = 'timer'
       FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) AS changed (account_id, desired, below_since_ms, due_at_ms)
      WHERE supply.account_id = changed.account_id`,
    [
      changes.map((change) => change.accountId),
      changes.map((change) => change.desired),
      changes.map((change) => change.belowSinceMs),
      changes.map((change) => change.dueAtMs),
    ],
  );
}

export interface DecisionToInsert {
  readonly decisionId: string;
  readonly projectId: string;
  readonly accountId: string;
  readonly atMs: number;
  readonly action: 'connect' | 'disconnect';
  readonly cause: string;
  readonly desiredBefore: DesiredRelay;
  readonly desiredAfter: DesiredRelay;
  readonly balanceMicros: number;
  readonly evidence: unknown;
  readonly gates: readonly SupplyGate[];
}

export async function insertDecisions(
  transaction: Transaction,
  decisions: readonly DecisionToInsert[],
): Promise<void> {
  if (decisions.length === 0) return;
  await transaction.query(
    `INSERT INTO billing.supply_decisions (decision_id, project_id, account_id, at_ms, action, cause, desired_before,
            desired_after, balance_micros, evidence, gates)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],
            $9::bigint[], $10::jsonb[], $11::jsonb[])`,
    [
      decisions.map((decision) => decision.decisionId),
      decisions.map((decision) => decision.projectId),
      decisions.map((decision) => decision.accountId),
      decisions.map((decision) => decision.atMs),
      decisions.map((decision) => decision.action),
      decisions.map((decision) => decision.cause),
      decisions.map((decision) => decision.desiredBefore),
      decisions.map((decision) => decision.desiredAfter),
      decisions.map((decision) => decision.balanceMicros),
      decisions.map((decision) => JSON.stringify(decision.evidence)),
      decisions.map((decision) => JSON.stringify(decision.gates)),
    ],
  );
}

export async function loadPolicies(
  queryable: Queryable,
  projectIds: readonly string[],
): Promise<ReadonlyMap<string, SupplyPolicy>> {
  const { rows } = await queryable.query<{ project_id: string; policy: SupplyPolicy }>(
    'SELECT policy.project_id, policy.policy FROM billing.supply_policies AS policy WHERE policy.project_id = ANY ($1::text[])',
    [projectIds],
  );
  return new Map(rows.map((row) => [row.project_id, row.policy]));
}

/** Stores the policy and puts every account of the project at the head of the queue. */
export async function writePolicy(
  transaction: Transaction,
  projectId: string,
  policy: SupplyPolicy,
  by: Who,
  nowMs: number,
): Promise<void> {
  await transaction.query(
    `INSERT INTO billing.supply_policies (project_id, policy, changed_at_ms, changed_by_id, changed_by_name)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (project_id) DO UPDATE
        SET policy = excluded.policy, changed_at_ms = excluded.changed_at_ms, changed_by_id = excluded.changed_by_id,
            changed_by_name = excluded.changed_by_name`,
    [projectId, JSON.stringify(policy), nowMs, by.id, by.name],
  );
  await lookAtProject(transaction, projectId, nowMs);
}

/** Puts every account of a project at the head of the queue. */
export async function lookAtProject(
  transaction: Transaction,
  projectId: string,
  nowMs: number,
): Promise<void> {
  await transaction.query(
    `WITH held AS (
       SELECT supply.account_id FROM billing.supply_states AS supply
        WHERE supply.project_id = $1 ORDER BY supply.account_id FOR UPDATE
     )
     UPDATE billing.supply_states AS supply SET due_at_ms = least(supply.due_at_ms, $2::bigint), due_cause = 'policy'
       FROM held WHERE supply.account_id = held.account_id`,
    [projectId, nowMs],
  );
}

/** False when the project has no open account of that id. */
export async function writeMode(
  transaction: Transaction,
  ids: { readonly projectId: string; readonly accountId: string },
  mode: SupplyMode,
  reason: string,
  by: Who,
  nowMs: number,
): Promise<boolean> {
  const forced = mode !== 'automatic';
  const { rowCount } = await transaction.query(
    `UPDATE billing.supply_states AS supply
        SET mode = $3, forced_by_id = $4, forced_by_name = $5, forced_reason = $6, due_at_ms = least(supply.due_at_ms, $7::bigint),
            due_cause = 'mode'
       FROM billing.accounts AS account
      WHERE supply.account_id = $1 AND supply.project_id = $2 AND account.account_id = supply.account_id AND account.state = 'open'`,
    [
      ids.accountId,
      ids.projectId,
      mode,
      forced ? by.id : null,
      forced ? by.name : null,
      forced ? reason : null,
      nowMs,
    ],
  );
  return rowCount === 1;
}
