// SPDX-License-Identifier: Apache-2.0
/**
 * What is told before an account is closed: money announced, agreed or advanced. Whoever adds such a thing adds its
 * question to this list. A payment on its way must be accepted by the caller, because it would arrive on a closed account;
 * arrears and emergency credit are settled by the closing itself.
 */
import type { ClosingObstacle } from '@wattledger/contracts/http/billing';
import type { Queryable } from '@wattledger/platform';

type ObstacleQuestion = (
  queryable: Queryable,
  accountId: string,
  nowMs: number,
) => Promise<readonly ClosingObstacle[]>;

const questions: readonly ObstacleQuestion[] = [pendingPayments, openArrears, openEmergencyCredits];

/** Those that closing goes through with only when the caller says so. */
export const mustBeAccepted = ({ kind }: ClosingObstacle): boolean => kind === 'payment-pending';

/** Of one account, in the order of the questions. */
export async function closingObstacles(
  queryable: Queryable,
  accountId: string,
  nowMs: number,
): Promise<readonly ClosingObstacle[]> {
  const obstacles: ClosingObstacle[] = [];
  // One after the other: inside a transaction there is one connection.
  for (const question of questions) obstacles.push(...(await question(queryable, accountId, nowMs)));
  return obstacles;
}

async function pendingPayments(
  queryable: Queryable,
  accountId: string,
  nowMs: number,
): Promise<readonly ClosingObstacle[]> {
  const { rows } = await queryable.query<{ amount_micros: number; reference: string }>(
    `SELECT payment.amount_micros, payment.reference
       FROM billing.pending_payments AS payment
      WHERE payment.account_id = $1 AND payment.state = 'pending' AND payment.expires_at_ms > $2
      ORDER BY payment.announced_at_ms, payment.pending_payment_id`,
    [accountId, nowMs],
  );
  return rows.map((row) => ({
    kind: 'payment-pending' as const,
    amountMicros: row.amount_micros,
    reference: row.reference,
  }));
}

async function openArrears(queryable: Queryable, accountId: string): Promise<readonly ClosingObstacle[]> {
  const { rows } = await queryable.query<{ owed_micros: number }>(
    `SELECT -ledger.balance_micros AS owed_micros
       FROM billing.ledger_accounts AS ledger
      WHERE ledger.kind = 'tenant-arrears' AND ledger.owner_id = $1 AND ledger.balance_micros < 0`,
    [accountId],
  );
  return rows.map((row) => ({
    kind: 'arrears-agreement' as const,
    amountMicros: row.owed_micros,
    reference: null,
  }));
}

async function openEmergencyCredits(
  queryable: Queryable,
  accountId: string,
): Promise<readonly ClosingObstacle[]> {
  const { rows } = await queryable.query<{ amount_micros: number }>(
    `SELECT credit.amount_micros FROM billing.emergency_credits AS credit
      WHERE credit.account_id = $1 AND credit.repaid_at_ms IS NULL`,
    [accountId],
  );
  return rows.map((row) => ({
    kind: 'emergency-credit' as const,
    amountMicros: row.amount_micros,
    reference: null,
  }));
}
