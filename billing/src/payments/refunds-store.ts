// SPDX-License-Identifier: Apache-2.0
/** SQL of refunds asked of providers. */
import type { Queryable, Transaction } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';

export interface AskedRefund {
  readonly refundId: string;
  readonly contentHash: string;
  readonly amountMicros: number;
  readonly state: 'asked' | 'accepted' | 'refused';
}

/** Adds the refund unless its request id is taken; answers what stands under that id. */
export async function insertPaymentRefund(
  transaction: Transaction,
  refund: {
    readonly refundId: string;
    readonly paymentId: string;
    readonly projectId: string;
    readonly requestId: string;
    readonly contentHash: string;
    readonly amountMicros: number;
    readonly reason: string;
    readonly askedAtMs: number;
    readonly askedBy: Who;
  },
): Promise<AskedRefund> {
  await transaction.query(
    `INSERT INTO billing.payment_refunds (refund_id, payment_id, project_id, request_id, content_hash, amount_micros, reason,
            state, asked_at_ms, asked_by_id, asked_by_name)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 'asked', $8, $9, $10)
     ON CONFLICT (project_id, request_id) DO NOTHING`,
    [
      refund.refundId,
      refund.paymentId,
      refund.projectId,
      refund.requestId,
      refund.contentHash,
      refund.amountMicros,
      refund.reason,
      refund.askedAtMs,
      refund.askedBy.id,
      refund.askedBy.name,
    ],
  );
  const found = await findPaymentRefund(transaction, refund.projectId, refund.requestId);
  if (found === undefined) throw new Error('a refund that was just written is there');
  return found;
}

export async function findPaymentRefund(
  queryable: Queryable,
  projectId: string,
  requestId: string,
): Promise<AskedRefund | undefined> {
  const { rows } = await queryable.query<AskedRefund>(
    `SELECT refund.refund_id AS "refundId", refund.content_hash AS "contentHash", refund.amount_micros AS "amountMicros", refund.state
       FROM billing.payment_refunds AS refund
      WHERE refund.project_id = $1 AND refund.request_id = $2`,
    [projectId, requestId],
  );
  return rows[0];
}

export async function setRefundState(
  queryable: Queryable,
  refundId: string,
  state: 'accepted' | 'refused',
): Promise<void> {
  await queryable.query(
    `UPDATE billing.payment_refunds SET state = $2 WHERE refund_id = $1 AND state = 'asked'`,
    [refundId, state],
  );
}

/** Refunds of a payment that were not refused, oldest first. */
export async function loadPaymentRefunds(
  queryable: Queryable,
  paymentId: string,
): Promise<readonly AskedRefund[]> {
  const { rows } = await queryable.query<AskedRefund>(
    `SELECT refund.refund_id AS "refundId", refund.content_hash AS "contentHash", refund.amount_micros AS "amountMicros", refund.state
       FROM billing.payment_refunds AS refund
      WHERE refund.payment_id = $1 AND refund.state <> 'refused'
      ORDER BY refund.asked_at_ms, refund.refund_id`,
    [paymentId],
  );
  return rows;
}
