// SPDX-License-Identifier: Apache-2.0
/**
 * What follows from a changed balance, in the transaction that changed it: the account's stage, the alarms a change of
 * stage raises or clears, the event for live screens, and a new look at the supply.
 */
import assert from 'node:assert/strict';
import type { AccountEvent } from '@wattledger/contracts';
import type { BalanceStage, DesiredRelay } from '@wattledger/contracts/http/billing';
import type { Transaction } from '@wattledger/platform';
import type { Announcements } from './announcements.ts';
import { alarmsOfChange, stageOf } from './stage.ts';

export interface BalanceChange {
  readonly accountId: string;
  /** After the change; the caller holds its ledger account. */
  readonly balanceMicros: number;
}

interface AccountRow {
  readonly account_id: string;
  readonly project_id: string;
  readonly tenant_id: string;
  readonly state: 'open' | 'closed';
  readonly alarm1_micros: number;
  readonly alarm2_micros: number;
  readonly hysteresis_micros: number;
  readonly stage: BalanceStage;
  readonly suspended: boolean;
  readonly desired: DesiredRelay;
  readonly reported: AccountEvent['reportedRelay'];
}

/** Reported over the account's switches: open when any is open, unknown when any is unknown or there is none, else closed. */
export const reportedRelaySql = `
  CASE WHEN bool_or(meter.reported = 'open') THEN 'open'
       WHEN bool_and(meter.reported = 'closed') THEN 'closed'
       ELSE 'unknown' END`;

const accountsSql = `
  SELECT account.account_id, account.project_id, account.tenant_id, account.state, account.alarm1_micros,
         account.alarm2_micros, account.hysteresis_micros, account.stage,
         account.suspended_since_ms IS NOT NULL AS suspended, supply.desired,
         (SELECT ${reportedRelaySql} FROM billing.supply_meters AS meter WHERE meter.account_id = account.account_id) AS reported
    FROM billing.accounts AS account
    JOIN billing.supply_states AS supply ON supply.account_id = account.account_id
   WHERE account.account_id = ANY ($1::text[])
   ORDER BY account.account_id`;

/** Adds events and alarms to `announcements`. An account whose balance did not move may be named too. */
export async function followBalances(
  transaction: Transaction,
  changes: readonly BalanceChange[],
  options: {
    readonly cause: AccountEvent['cause'];
    readonly supplyCause: string;
    readonly nowMs: number;
    readonly announcements: Announcements;
  },
): Promise<void> {
  if (changes.length === 0) return;
  const { cause, supplyCause, nowMs, announcements } = options;
  const balances = new Map(changes.map((change) => [change.accountId, change.balanceMicros]));
  const ids = [...balances.keys()].sort();
  const { rows } = await transaction.query<AccountRow>(accountsSql, [ids]);
  assert.equal(rows.length, ids.length, 'every account whose balance changes exists');
  const restaged: { accountId: string; stage: BalanceStage }[] = [];
  for (const row of rows) {
    const balanceMicros = balances.get(row.account_id) as number;
    const stage = stageAfter(row, balanceMicros);
    if (stage !== row.stage) restaged.push({ accountId: row.account_id, stage });
    // Of a suspended account nothing is raised, so nothing is cleared either; see suspend-account.ts.
    for (const { kind, state } of row.suspended ? [] : alarmsOfChange(row.stage, stage)) {
      announcements.alarmSignals.push({
        projectId: row.project_id,
        kind,
        subjectKind: 'account',
        subjectId: row.account_id,
        state,
        at: nowMs,
        facts: { balanceMicros: String(balanceMicros), tenantId: row.tenant_id },
      });
    }
    announcements.accountEvents.push({
      projectId: row.project_id,
      accountId: row.account_id,
      at: nowMs,
      balanceMicros,
      stage,
      desiredRelay: row.desired,
      reportedRelay: row.reported,
      cause,
    });
  }
  if (restaged.length > 0) {
    await transaction.query(
      `UPDATE billing.accounts AS account SET stage = changed.stage
         FROM unnest($1::text[], $2::text[]) AS changed (account_id, stage)
        WHERE account.account_id = changed.account_id`,
      [restaged.map((change) => change.accountId), restaged.map((change) => change.stage)],
    );
  }
  await lookAtSupply(transaction, ids, supplyCause, nowMs);
}

/** A closed account warns of nothing; it can only still owe. */
function stageAfter(row: AccountRow, balanceMicros: number): BalanceStage {
  if (row.state === 'closed') return balanceMicros < 0 ? 'arrears' : 'normal';
  const {
    alarm1_micros: alarm1Micros,
    alarm2_micros: alarm2Micros,
    hysteresis_micros: hysteresisMicros,
  } = row;
  return stageOf(balanceMicros, { alarm1Micros, alarm2Micros, hysteresisMicros }, row.stage);
}

/** Puts the accounts' supply at the head of the queue; held in id order, as everywhere. */
export async function lookAtSupply(
  transaction: Transaction,
  accountIds: readonly string[],
  cause: string,
  nowMs: number,
): Promise<void> {
  await transaction.query(
    `WITH held AS (
       SELECT supply.account_id FROM billing.supply_states AS supply
        WHERE supply.account_id = ANY ($1::text[]) ORDER BY supply.account_id FOR UPDATE
     )
     UPDATE billing.supply_states AS supply
        SET due_at_ms = least(supply.due_at_ms, $2::bigint),
            due_cause = CASE WHEN supply.due_at_ms <= $2::bigint AND supply.due_cause <> 'timer' THEN supply.due_cause ELSE $3 END
       FROM held
      WHERE supply.account_id = held.account_id AND (supply.due_at_ms > $2::bigint OR supply.due_cause = 'timer')`,
    [accountIds, nowMs, cause],
  );
}
