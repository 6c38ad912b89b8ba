// SPDX-License-Identifier: Apache-2.0
/** SQL of vends. */
import type { PaymentMeans, ReversalCause, Vend, VendParts } from '@wattledger/contracts/http/billing';
import type { Queryable, Transaction } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';

export interface VendRow {
  readonly vendId: string;
  readonly projectId: string;
  readonly accountId: string;
  readonly tenantId: string;
  readonly postingId: string;
  readonly receiptNumber: number;
  readonly amountMicros: number;
  readonly means: PaymentMeans;
  readonly reference: string | null;
  readonly drawerBank: string | null;
  readonly receivedMicros: number | null;
  readonly parts: VendParts;
  readonly balanceAfterMicros: number;
  readonly cashier: Who;
  readonly effectiveAtMs: number;
  readonly recordedAtMs: number;
  readonly localDay: string;
}

/**
 * Takes the next receipt numbers of a project: the answer is the first of `count`. The counter's row is held until the
 * transaction ends and goes back with it, so numbers have no gaps.
 */
export async function takeReceiptNumbers(
  transaction: Transaction,
  projectId: string,
  count: number,
): Promise<number> {
  const { rows } = await transaction.query<{ last_number: number }>(
    `INSERT INTO billing.receipt_counters AS counter (project_id, last_number) VALUES ($1, $2)
     ON CONFLICT (project_id) DO UPDATE SET last_number = counter.last_number + excluded.last_number
     RETURNING counter.last_number`,
    [projectId, count],
  );
  return (rows[0]?.last_number ?? count) - count + 1;
}

export async function insertVends(transaction: Transaction, vends: readonly VendRow[]): Promise<void> {
  await transaction.query(
    `INSERT INTO billing.vends (vend_id, project_id, account_id, tenant_id, posting_id, receipt_number, amount_micros, means,
            reference, arrears_micros, emergency_micros, credit_micros, balance_after_micros, cashier_id, cashier_name,
            effective_at_ms, recorded_at_ms, local_day, drawer_bank, received_micros)
     SELECT *
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::text[], $9::text[],
            $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::text[], $15::text[], $16::bigint[],
            $17::bigint[], $18::date[], $19::text[], $20::bigint[])`,
    [
      vends.map((vend) => vend.vendId),
      vends.map((vend) => vend.projectId),
      vends.map((vend) => vend.accountId),
      vends.map((vend) => vend.tenantId),
      vends.map((vend) => vend.postingId),
      vends.map((vend) => vend.receiptNumber),
      vends.map((vend) => vend.amountMicros),
      vends.map((vend) => vend.means),
      vends.map((vend) => vend.reference),
      vends.map((vend) => vend.parts.arrearsMicros),
      vends.map((vend) => vend.parts.emergencyMicros),
      vends.map((vend) => vend.parts.balanceMicros),
      vends.map((vend) => vend.balanceAfterMicros),
      vends.map((vend) => vend.cashier.id),
      vends.map((vend) => vend.cashier.name),
      vends.map((vend) => vend.effectiveAtMs),
      vends.map((vend) => vend.recordedAtMs),
      vends.map((vend) => vend.localDay),
      vends.map((vend) => vend.drawerBank),
      vends.map((vend) => vend.receivedMicros),
    ],
  );
}

export interface VendFilter {
  readonly projectId: string;
  readonly accountId?: string | undefined;
  readonly vendId?: string | undefined;
  readonly postingIds?: readonly string[] | undefined;
  readonly fromDay?: string | undefined;
  readonly toDay?: string | undefined;
  readonly means?: PaymentMeans | undefined;
  readonly cashierId?: string | undefined;
  /** Receipts with a smaller number. */
  readonly before?: number | undefined;
  readonly limit: number;
}

const vendsSql = `
  SELECT vend.vend_id, vend.project_id, vend.account_id, vend.tenant_id, vend.posting_id, vend.receipt_number,
         vend.amount_micros, vend.means, vend.reference, vend.arrears_micros, vend.emergency_micros, vend.credit_micros,
         vend.balance_after_micros, vend.cashier_id, vend.cashier_name, vend.effective_at_ms, vend.recorded_at_ms,
         vend.drawer_bank, vend.received_micros, shift.shift_id, whose.shift_number,
         reversal.posting_id AS reversal_posting_id, reversal.cause AS reversal_cause, reversal.reason AS reversal_reason, reversal.by_id AS reversal_by_id,
         reversal.by_name AS reversal_by_name, reversal.recorded_at_ms AS reversal_recorded_at_ms, reversal.overrode AS reversal_overrode
    FROM billing.vends AS vend
    LEFT JOIN billing.vend_reversals AS reversal ON reversal.vend_id = vend.vend_id
    LEFT JOIN billing.shift_postings AS shift ON shift.posting_id = vend.posting_id
    LEFT JOIN billing.cashier_shifts AS whose ON whose.shift_id = shift.shift_id
   WHERE vend.project_id = $1
     AND ($2::text IS NULL OR vend.account_id = $2)
     AND ($3::text IS NULL OR vend.vend_id = $3)
     AND ($4::text[] IS NULL OR vend.posting_id = ANY ($4))
     AND ($5::date IS NULL OR vend.local_day >= $5)
     AND ($6::date IS NULL OR vend.local_day <= $6)
     AND ($7::text IS NULL OR vend.means = $7)
     AND ($8::text IS NULL OR vend.cashier_id = $8)
     AND ($9::bigint IS NULL OR vend.receipt_number < $9)
   ORDER BY vend.receipt_number DESC
   LIMIT $10`;

interface VendSqlRow {
  readonly vend_id: string;
  readonly account_id: string;
  readonly tenant_id: string;
  readonly posting_id: string;
  readonly receipt_number: number;
  readonly amount_micros: number;
  readonly means: PaymentMeans;
  readonly reference: string | null;
  readonly arrears_micros: number;
  readonly emergency_micros: number;
  readonly credit_micros: number;
  readonly balance_after_micros: number;
  readonly cashier_id: string;
  readonly cashier_name: string;
  readonly effective_at_ms: number;
  readonly recorded_at_ms: number;
  readonly drawer_bank: string | null;
  readonly received_micros: number | null;
  readonly shift_id: string | null;
  readonly shift_number: number | null;
  readonly reversal_cause: ReversalCause | null;
  readonly reversal_posting_id: string | null;
  readonly reversal_reason: string | null;
  readonly reversal_by_id: string | null;
  readonly reversal_by_name: string | null;
  readonly reversal_recorded_at_ms: number | null;
  readonly reversal_overrode: string[] | null;
}

/** Newest receipt first. The tenant's name is added by the caller. */
export async function loadVends(
  queryable: Queryable,
  filter: VendFilter,
): Promise<readonly Omit<Vend, 'tenantName'>[]> {
  const { rows } = await queryable.query<VendSqlRow>(vendsSql, [
    filter.projectId,
    filter.accountId ?? null,
    filter.vendId ?? null,
    filter.postingIds ?? null,
    filter.fromDay ?? null,
    filter.toDay ?? null,
    filter.means ?? null,
    filter.cashierId ?? null,
    filter.before ?? null,
    filter.limit,
  ]);
  return rows.map((row) => ({
    vendId: row.vend_id,
    accountId: row.account_id,
    tenantId: row.tenant_id,
    postingId: row.posting_id,
    receiptNumber: row.receipt_number,
    amountMicros: row.amount_micros,
    means: row.means,
    reference: row.reference,
    drawerBank: row.drawer_bank,
    receivedMicros: row.received_micros,
    shiftId: row.shift_id,
    shiftNumber: row.shift_number,
    parts: {
      arrearsMicros: row.arrears_micros,
      emergencyMicros: row.emergency_micros,
      balanceMicros: row.credit_micros,
    },
    balanceAfterMicros: row.balance_after_micros,
    cashier: { id: row.cashier_id, name: row.cashier_name },
    effectiveAtMs: row.effective_at_ms,
    recordedAtMs: row.recorded_at_ms,
    reversal: reversalOf(row),
  }));
}

function reversalOf(row: VendSqlRow): Vend['reversal'] {
  if (row.reversal_posting_id === null) return null;
  return {
    postingId: row.reversal_posting_id,
    cause: row.reversal_cause ?? 'mistake',
    reason: row.reversal_reason ?? '',
    by: { id: row.reversal_by_id ?? '', name: row.reversal_by_name ?? '' },
    recordedAtMs: row.reversal_recorded_at_ms ?? 0,
    overrode: row.reversal_overrode ?? [],
  };
}

export async function insertReversal(
  transaction: Transaction,
  reversal: {
    readonly vendId: string;
    readonly projectId: string;
    readonly postingId: string;
    readonly cause: ReversalCause;
    readonly reason: string;
    readonly by: Who;
    readonly recordedAtMs: number;
    readonly localDay: string;
    readonly overrode: readonly string[];
  },
): Promise<void> {
  await transaction.query(
    `INSERT INTO billing.vend_reversals (vend_id, project_id, posting_id, reason, by_id, by_name, recorded_at_ms, local_day, overrode, cause)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      reversal.vendId,
      reversal.projectId,
      reversal.postingId,
      reversal.reason,
      reversal.by.id,
      reversal.by.name,
      reversal.recordedAtMs,
      reversal.localDay,
      reversal.overrode,
      reversal.cause,
    ],
  );
}
