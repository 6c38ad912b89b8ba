// SPDX-License-Identifier: Apache-2.0
/**
 * SQL of orders. A page goes by key (effective instant, posting) down an index that leaves charges out, so the ten
 * thousandth page costs what the first costs.
 */
import type { OrderList, PaymentMeans, PostingKind } from '@wattledger/contracts/http/billing';
import type { Queryable } from '@wattledger/platform';

export interface OrderQuestion {
  readonly projectId: string;
  /** Instants the local days begin and end with; null: no bound. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly kind: PostingKind | null;
  readonly means: PaymentMeans | null;
  readonly cashierId: string | null;
  readonly accountId: string | null;
  /** Tenants asked for; null: all. */
  readonly tenantIds: readonly string[] | null;
  readonly amountMinMicros: number | null;
  readonly amountMaxMicros: number | null;
  readonly number: number | null;
}
export interface OrderKey {
  readonly effectiveAtMs: number;
  readonly postingId: string;
}
export interface OrderRow {
  readonly posting_id: string;
  readonly kind: PostingKind;
  readonly number: number | null;
  readonly document_id: string | null;
  readonly account_id: string;
  readonly tenant_id: string | null;
  readonly amount_micros: number;
  readonly means: PaymentMeans | null;
  readonly reference: string | null;
  readonly reason: string | null;
  readonly by_id: string;
  readonly by_name: string;
  readonly effective_at_ms: number;
  readonly recorded_at_ms: number;
  readonly reversed: boolean;
}

const ordersSql = `
  SELECT posting.posting_id, posting.kind, coalesce(vend.receipt_number, document.number) AS number, document.document_id,
         posting.account_id, account.tenant_id,
         coalesce(vend.amount_micros, -reversed.amount_micros, -refund.amount_micros, tenant.amount_micros, 0) AS amount_micros,
         coalesce(vend.means, reversed.means, refund.means) AS means, coalesce(vend.reference, reversed.reference) AS reference,
         posting.reason, posting.recorded_by_id AS by_id, posting.recorded_by_name AS by_name, posting.effective_at_ms,
         posting.recorded_at_ms, taken_back.vend_id IS NOT NULL AS reversed
    FROM billing.postings AS posting
    LEFT JOIN billing.accounts AS account ON account.account_id = posting.account_id
    LEFT JOIN billing.vends AS vend ON vend.posting_id = posting.posting_id
    LEFT JOIN billing.vend_reversals AS taken_back ON taken_back.vend_id = vend.vend_id
    LEFT JOIN billing.vend_reversals AS reversal ON reversal.posting_id = posting.posting_id
    LEFT JOIN billing.vends AS reversed ON reversed.vend_id = reversal.vend_id
    LEFT JOIN billing.refunds AS refund ON refund.posting_id = posting.posting_id
    LEFT JOIN billing.documents AS document ON document.posting_id = posting.posting_id
     AND document.kind = CASE posting.kind WHEN 'vend' THEN 'sale' ELSE posting.kind END
    LEFT JOIN LATERAL (
      SELECT sum(entry.amount_micros)::bigint AS amount_micros
        FROM billing.entries AS entry
        JOIN billing.ledger_accounts AS ledger ON ledger.ledger_account_id = entry.ledger_account_id
       WHERE entry.posting_id = posting.posting_id AND ledger.kind = 'tenant-balance') AS tenant
      ON vend.vend_id IS NULL AND reversed.vend_id IS NULL AND refund.posting_id IS NULL
   WHERE posting.project_id = $1 AND posting.kind <> 'charge'
     AND ($2::bigint IS NULL OR posting.effective_at_ms >= $2)
     AND ($3::bigint IS NULL OR posting.effective_at_ms < $3)
     AND ($4::text IS NULL OR posting.kind = $4)
     AND ($5::text IS NULL OR coalesce(vend.means, reversed.means, refund.means) = $5)
     AND ($6::text IS NULL OR posting.recorded_by_id = $6)
     AND ($7::text IS NULL OR posting.account_id = $7)
     AND ($8::text[] IS NULL OR account.tenant_id = ANY ($8))
     AND ($9::bigint IS NULL OR abs(coalesce(vend.amount_micros, reversed.amount_micros, refund.amount_micros, tenant.amount_micros, 0)) >= $9)
     AND ($10::bigint IS NULL OR abs(coalesce(vend.amount_micros, reversed.amount_micros, refund.amount_micros, tenant.amount_micros, 0)) <= $10)
     AND ($11::bigint IS NULL OR coalesce(vend.receipt_number, document.number) = $11)`;

const parametersOf = (question: OrderQuestion): readonly unknown[] => [
  question.projectId,
  question.fromMs,
  question.toMs,
  question.kind,
  question.means,
  question.cashierId,
  question.accountId,
  question.tenantIds,
  question.amountMinMicros,
  question.amountMaxMicros,
  question.number,
];

/** Newest first, before a key. */
export async function loadOrders(
  queryable: Queryable,
  question: OrderQuestion,
  page: { readonly before: OrderKey | null; readonly limit: number },
): Promise<readonly OrderRow[]> {
  const { rows } = await queryable.query<OrderRow>(
    `${ordersSql}
     AND ($12::bigint IS NULL OR (posting.effective_at_ms, posting.posting_id) < ($12, $13))
     ORDER BY posting.effective_at_ms DESC, posting.posting_id DESC
     LIMIT $14`,
    [
      ...parametersOf(question),
      page.before?.effectiveAtMs ?? null,
      page.before?.postingId ?? null,
      page.limit,
    ],
  );
  return rows;
}

export async function loadOrderTotals(
  queryable: Queryable,
  question: OrderQuestion,
): Promise<OrderList['totals']> {
  const { rows } = await queryable.query<OrderList['totals'][number]>(
    `SELECT found.kind, found.means, count(*) AS orders, sum(found.amount_micros)::bigint AS "amountMicros"
       FROM (${ordersSql}) AS found
      GROUP BY found.kind, found.means
      ORDER BY found.kind, found.means NULLS LAST`,
    parametersOf(question),
  );
  return [...rows];
}
