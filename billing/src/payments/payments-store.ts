// SPDX-License-Identifier: Apache-2.0
/** SQL of online payments, what providers told of them, and what a person has to look at. */
import { newId } from '@wattledger/contracts';
import type {
  OnlinePayment,
  PaymentItem,
  PaymentProviderName,
  PaymentState,
} from '@wattledger/contracts/http/billing';
import type { Queryable, Transaction } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';
import type { ProviderNotice } from './payment-provider.ts';

export interface PaymentRow extends Omit<OnlinePayment, 'receiptNumber'> {
  readonly projectId: string;
  readonly contentHash: string;
  readonly pendingPaymentId: string | null;
  readonly polls: number;
}

const columns = `payment.payment_id AS "paymentId", payment.project_id AS "projectId", payment.account_id AS "accountId",
         payment.content_hash AS "contentHash", payment.provider, payment.provider_payment_id AS "providerPaymentId",
         payment.amount_micros AS "amountMicros", payment.currency, payment.state, payment.checkout_url AS "checkoutUrl",
         payment.qr_text AS "qrText", payment.created_at_ms AS "createdAtMs",
         json_build_object('id', payment.created_by_id, 'name', payment.created_by_name) AS "createdBy",
         payment.expires_at_ms AS "expiresAtMs", payment.pending_payment_id AS "pendingPaymentId",
         payment.received_micros AS "receivedMicros", payment.received_currency AS "receivedCurrency",
         payment.paid_at_ms AS "paidAtMs", payment.refunded_micros AS "refundedMicros",
         payment.vend_posting_id AS "vendPostingId", payment.credited_day::text AS "creditedDay", payment.polls`;

export async function insertPayment(
  transaction: Transaction,
  payment: Pick<
    PaymentRow,
    | 'paymentId'
    | 'projectId'
    | 'accountId'
    | 'contentHash'
    | 'provider'
    | 'amountMicros'
    | 'currency'
    | 'createdAtMs'
    | 'createdBy'
    | 'expiresAtMs'
    | 'pendingPaymentId'
  > & { readonly requestId: string; readonly pollAtMs: number },
): Promise<void> {
  await transaction.query(
    `INSERT INTO billing.online_payments (payment_id, project_id, account_id, request_id, content_hash, provider, amount_micros,
            currency, state, created_at_ms, created_by_id, created_by_name, expires_at_ms, pending_payment_id, poll_at_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'creating', $9, $10, $11, $12, $13, $14)`,
    [
      payment.paymentId,
      payment.projectId,
      payment.accountId,
      payment.requestId,
      payment.contentHash,
      payment.provider,
      payment.amountMicros,
      payment.currency,
      payment.createdAtMs,
      payment.createdBy.id,
      payment.createdBy.name,
      payment.expiresAtMs,
      payment.pendingPaymentId,
      payment.pollAtMs,
    ],
  );
}

export async function findPayment(
  queryable: Queryable,
  by:
    | { readonly paymentId: string }
    | { readonly provider: string; readonly providerPaymentId: string }
    | { readonly projectId: string; readonly requestId: string },
): Promise<PaymentRow | undefined> {
  const key = (name: string): string | null => (by as Record<string, string>)[name] ?? null;
  const { rows } = await queryable.query<PaymentRow>(
    `SELECT ${columns} FROM billing.online_payments AS payment
      WHERE payment.payment_id = $1
         OR (payment.provider = $2 AND payment.provider_payment_id = $3)
         OR (payment.project_id = $4 AND payment.request_id = $5)
      LIMIT 1`,
    [key('paymentId'), key('provider'), key('providerPaymentId'), key('projectId'), key('requestId')],
  );
  return rows[0];
}

/** The payment, held until the transaction ends: whatever is told of it takes effect one after the other. */
export async function holdPayment(transaction: Transaction, paymentId: string): Promise<PaymentRow> {
  const { rows } = await transaction.query<PaymentRow>(
    `SELECT ${columns} FROM billing.online_payments AS payment WHERE payment.payment_id = $1 FOR UPDATE OF payment`,
    [paymentId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('a payment is never removed');
  return row;
}

export async function countOpenPayments(queryable: Queryable, accountId: string): Promise<number> {
  const { rows } = await queryable.query<{ open: number }>(
    `SELECT count(*) AS open FROM billing.online_payments AS payment
      WHERE payment.account_id = $1 AND payment.state IN ('creating', 'open')`,
    [accountId],
  );
  return rows[0]?.open ?? 0;
}

export async function setCreated(
  queryable: Queryable,
  paymentId: string,
  created: {
    readonly providerPaymentId: string;
    readonly checkoutUrl: string | null;
    readonly qrText: string | null;
  },
): Promise<void> {
  await queryable.query(
    `UPDATE billing.online_payments
        SET provider_payment_id = $2, checkout_url = $3, qr_text = $4,
            state = CASE WHEN state = 'creating' THEN 'open' ELSE state END
      WHERE payment_id = $1`,
    [paymentId, created.providerPaymentId, created.checkoutUrl, created.qrText],
  );
}

export async function setState(
  transaction: Transaction,
  paymentId: string,
  changed: Pick<
    PaymentRow,
    | 'state'
    | 'receivedMicros'
    | 'receivedCurrency'
    | 'paidAtMs'
    | 'refundedMicros'
    | 'vendPostingId'
    | 'creditedDay'
  >,
): Promise<void> {
  await transaction.query(
    `UPDATE billing.online_payments
        SET state = $2, received_micros = $3, received_currency = $4, paid_at_ms = $5, refunded_micros = $6,
            vend_posting_id = $7, credited_day = $8,
            poll_at_ms = CASE WHEN $2 IN ('paid', 'expired', 'failed') THEN NULL ELSE poll_at_ms END
      WHERE payment_id = $1`,
    [
      paymentId,
      changed.state,
      changed.receivedMicros,
      changed.receivedCurrency,
      changed.paidAtMs,
      changed.refundedMicros,
      changed.vendPostingId,
      changed.creditedDay,
    ],
  );
}

/** The payment whose turn it is, its next turn already put off: another process takes another one. */
export async function takePaymentToPoll(
  queryable: Queryable,
  nowMs: number,
  firstPauseMs: number,
  pauseMsMax: number,
): Promise<string | undefined> {
  const { rows } = await queryable.query<{ payment_id: string }>(
    `UPDATE billing.online_payments AS payment
        SET polls = payment.polls + 1,
            poll_at_ms = $1::bigint + least($3::bigint, $2::bigint * (2 ^ least(payment.polls, 20))::bigint)
      WHERE payment.payment_id = (SELECT due.payment_id FROM billing.online_payments AS due
                                   WHERE due.poll_at_ms <= $1::bigint
                                   ORDER BY due.poll_at_ms LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING payment.payment_id`,
    [nowMs, firstPauseMs, pauseMsMax],
  );
  return rows[0]?.payment_id;
}

export interface PaymentFilter {
  readonly projectId: string;
  readonly paymentId?: string | undefined;
  readonly accountId?: string | undefined;
  readonly provider?: PaymentProviderName | undefined;
  readonly state?: PaymentState | undefined;
  /** Credited on this local day. */
  readonly creditedDay?: string | undefined;
  readonly beforeMs?: number | undefined;
  readonly limit: number;
}

/** Newest first, each with the receipt it became. */
export async function loadPayments(
  queryable: Queryable,
  filter: PaymentFilter,
): Promise<readonly OnlinePayment[]> {
  const { rows } = await queryable.query<PaymentRow & { receiptNumber: number | null }>(
    `SELECT ${columns}, vend.receipt_number AS "receiptNumber"
       FROM billing.online_payments AS payment
       LEFT JOIN billing.vends AS vend ON vend.posting_id = payment.vend_posting_id
      WHERE payment.project_id = $1
        AND ($2::text IS NULL OR payment.payment_id = $2)
        AND ($3::text IS NULL OR payment.account_id = $3)
        AND ($4::text IS NULL OR payment.provider = $4)
        AND ($5::text IS NULL OR payment.state = $5)
        AND ($6::date IS NULL OR payment.credited_day = $6)
        AND ($7::bigint IS NULL OR payment.created_at_ms < $7)
      ORDER BY payment.created_at_ms DESC, payment.payment_id
      LIMIT $8`,
    [
      filter.projectId,
      filter.paymentId ?? null,
      filter.accountId ?? null,
      filter.provider ?? null,
      filter.state ?? null,
      filter.creditedDay ?? null,
      filter.beforeMs ?? null,
      filter.limit,
    ],
  );
  return rows.map(
    ({ projectId: _project, contentHash: _hash, pendingPaymentId: _pending, polls: _polls, ...shown }) =>
      shown,
  );
}

/** Keeps what was told, once; false when it has been handled before. */
export async function keepEvent(
  queryable: Queryable,
  provider: PaymentProviderName,
  notice: ProviderNotice,
  nowMs: number,
): Promise<boolean> {
  const { rows } = await queryable.query<{ handled: boolean }>(
    `INSERT INTO billing.payment_events AS event (provider, event_id, type, provider_payment_id, payment_id, received_at_ms)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (provider, event_id) DO UPDATE SET type = event.type
     RETURNING event.handled_at_ms IS NOT NULL AS handled`,
    [provider, notice.eventId, notice.type.slice(0, 200), notice.providerPaymentId, notice.paymentId, nowMs],
  );
  return rows[0]?.handled !== true;
}

export async function setEventHandled(
  queryable: Queryable,
  provider: PaymentProviderName,
  eventId: string,
  nowMs: number,
): Promise<void> {
  await queryable.query(
    `UPDATE billing.payment_events SET handled_at_ms = $3
      WHERE provider = $1 AND event_id = $2 AND handled_at_ms IS NULL`,
    [provider, eventId, nowMs],
  );
}

export interface NewItem {
  readonly provider: PaymentProviderName;
  readonly providerPaymentId: string;
  readonly kind: PaymentItem['kind'];
  readonly projectId: string | null;
  readonly paymentId: string | null;
  readonly askedMicros: number | null;
  readonly receivedMicros: number | null;
  readonly currency: string;
  readonly foundAtMs: number;
}

/** The same trouble of the same payment is one item. */
export async function addItem(queryable: Queryable, item: NewItem): Promise<void> {
  await queryable.query(
    `INSERT INTO billing.payment_items (item_id, provider, provider_payment_id, kind, project_id, payment_id, asked_micros,
            received_micros, currency, found_at_ms, state)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open')
     ON CONFLICT (provider, provider_payment_id, kind) DO NOTHING`,
    [
      newId('paymentItem'),
      item.provider,
      item.providerPaymentId,
      item.kind,
      item.projectId,
      item.paymentId,
      item.askedMicros,
      item.receivedMicros,
      item.currency,
      item.foundAtMs,
    ],
  );
}

const itemsMax = 500;
/** Open items first. @param orphans also those whose project nobody knows */
export async function loadItems(
  queryable: Queryable,
  projectId: string,
  orphans: boolean,
  itemId: string | null = null,
): Promise<readonly PaymentItem[]> {
  const { rows } = await queryable.query<PaymentItem>(
    `SELECT item.item_id AS "itemId", item.provider, item.provider_payment_id AS "providerPaymentId", item.kind,
            item.payment_id AS "paymentId", item.asked_micros AS "askedMicros", item.received_micros AS "receivedMicros",
            item.currency, item.found_at_ms AS "foundAtMs", item.state, item.settled_at_ms AS "settledAtMs",
            CASE WHEN item.settled_by_id IS NULL THEN NULL
                 ELSE json_build_object('id', item.settled_by_id, 'name', item.settled_by_name) END AS "settledBy", item.note
       FROM billing.payment_items AS item
      WHERE (item.project_id = $1 OR (item.project_id IS NULL AND $2)) AND ($3::text IS NULL OR item.item_id = $3)
      ORDER BY item.state, item.found_at_ms DESC
      LIMIT $4`,
    [projectId, orphans, itemId, itemsMax],
  );
  return rows;
}

export async function settleItem(
  queryable: Queryable,
  itemId: string,
  settled: { readonly by: Who; readonly atMs: number; readonly note: string },
): Promise<void> {
  await queryable.query(
    `UPDATE billing.payment_items
        SET state = 'settled', settled_at_ms = $2, settled_by_id = $3, settled_by_name = $4, note = $5
      WHERE item_id = $1 AND state = 'open'`,
    [itemId, settled.atMs, settled.by.id, settled.by.name, settled.note],
  );
}
