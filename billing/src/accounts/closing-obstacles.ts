// SPDX-License-Identifier: Apache-2.0
/**
 * What stands in the way of closing an account: money announced, agreed or advanced that would be left hanging. Whoever
 * adds such a thing adds its question to this list; closing goes through only when the caller has accepted all of them.
 */
import type { ClosingObstacle } from '@wattledger/contracts/http/billing';
import type { Queryable } from '@wattledger/platform';

type ObstacleQuestion = (
  queryable: Queryable,
  accountId: string,
  nowMs: number,
) => Promise<readonly ClosingObstacle[]>;

const questions: readonly ObstacleQuestion[] = [pendingPayments];

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
