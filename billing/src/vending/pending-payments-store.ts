// SPDX-License-Identifier: Apache-2.0
/** SQL of announced payments: they hold a disconnection back and are no money until they arrive as a vend. */
import type { PaymentMeans } from '@wattledger/contracts/http/billing';
import { RequestError, type Queryable, type Transaction } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';

export interface PendingPayment {
  readonly pendingPaymentId: string;
  readonly projectId: string;
  readonly accountId: string;
  readonly requestId: string;
  readonly contentHash: string;
  readonly amountMicros: number;
  readonly means: PaymentMeans;
  readonly reference: string;
  readonly announcedAtMs: number;
  readonly expiresAtMs: number;
  readonly announcedBy: Who;
}

/** Adds the announcement unless its request id is taken; answers what is stored under that id. */
export async function insertPendingPayment(
  transaction: Transaction,
  payment: PendingPayment,
): Promise<{
  readonly pendingPaymentId: string;
  readonly contentHash: string;
  readonly expiresAtMs: number;
}> {
  await transaction.query(
    `INSERT INTO billing.pending_payments (pending_payment_id, project_id, account_id, request_id, content_hash, amount_micros,
            means, reference, state, announced_at_ms, expires_at_ms, announced_by_id, announced_by_name)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'pending', $9, $10, $11, $12)
     ON CONFLICT (project_id, request_id) DO NOTHING`,
    [
      payment.pendingPaymentId,
      payment.projectId,
      payment.accountId,
      payment.requestId,
      payment.contentHash,
      payment.amountMicros,
      payment.means,
      payment.reference,
      payment.announcedAtMs,
      payment.expiresAtMs,
      payment.announcedBy.id,
      payment.announcedBy.name,
    ],
  );
  const { rows } = await transaction.query<{
    pending_payment_id: string;
    content_hash: string;
    expires_at_ms: number;
  }>(
    `SELECT payment.pending_payment_id, payment.content_hash, payment.expires_at_ms
       FROM billing.pending_payments AS payment
      WHERE payment.project_id = $1 AND payment.request_id = $2`,
    [payment.projectId, payment.requestId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('an announced payment that was just written is there');
  return {
    pendingPaymentId: row.pending_payment_id,
    contentHash: row.content_hash,
    expiresAtMs: row.expires_at_ms,
  };
}

/** Marks announced payments as arrived. @throws RequestError 409 pending-payment-gone */
export async function settlePendingPayments(
  transaction: Transaction,
  arrived: readonly {
    readonly pendingPaymentId: string;
    readonly vend: { readonly vendId: string; readonly accountId: string };
  }[],
): Promise<void> {
  for (const { pendingPaymentId, vend } of arrived) {
    const { rowCount } = await transaction.query(
      `UPDATE billing.pending_payments SET state = 'arrived', vend_id = $2
        WHERE pending_payment_id = $1 AND account_id = $3 AND state = 'pending'`,
      [pendingPaymentId, vend.vendId, vend.accountId],
    );
    if (rowCount === 1) continue;
    throw new RequestError({
      status: 409,
      code: 'pending-payment-gone',
      message: `The account has no waiting payment "${pendingPaymentId}".`,
      hint: 'It has arrived already or was cancelled; look at the account, and top up without it if money did arrive.',
    });
  }
}

export async function cancelPendingPayment(
  queryable: Queryable,
  ids: { readonly projectId: string; readonly accountId: string; readonly pendingPaymentId: string },
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `UPDATE billing.pending_payments SET state = 'cancelled'
      WHERE pending_payment_id = $1 AND project_id = $2 AND account_id = $3 AND state = 'pending'`,
    [ids.pendingPaymentId, ids.projectId, ids.accountId],
  );
  return rowCount === 1;
}

/** Still waiting at the instant, oldest first. */
export async function loadPendingPayments(
  queryable: Queryable,
  accountId: string,
  nowMs: number,
): Promise<readonly Omit<PendingPayment, 'requestId' | 'contentHash' | 'projectId' | 'accountId'>[]> {
  const { rows } = await queryable.query<{
    pending_payment_id: string;
    amount_micros: number;
    means: PaymentMeans;
    reference: string;
    announced_at_ms: number;
    expires_at_ms: number;
    announced_by_id: string;
    announced_by_name: string;
  }>(
    `SELECT payment.pending_payment_id, payment.amount_micros, payment.means, payment.reference, payment.announced_at_ms,
            payment.expires_at_ms, payment.announced_by_id, payment.announced_by_name
       FROM billing.pending_payments AS payment
      WHERE payment.account_id = $1 AND payment.state = 'pending' AND payment.expires_at_ms > $2
      ORDER BY payment.announced_at_ms`,
    [accountId, nowMs],
  );
  return rows.map((row) => ({
    pendingPaymentId: row.pending_payment_id,
    amountMicros: row.amount_micros,
    means: row.means,
    reference: row.reference,
    announcedAtMs: row.announced_at_ms,
    expiresAtMs: row.expires_at_ms,
    announcedBy: { id: row.announced_by_id, name: row.announced_by_name },
  }));
}
