// SPDX-License-Identifier: Apache-2.0
/** SQL: what the books know of postings that are to be documented. */
import type { PaymentMeans, PostingKind } from '@wattledger/contracts/http/billing';
import type { Queryable } from '@wattledger/platform';

export interface PostingFacts {
  readonly posting_id: string;
  readonly kind: PostingKind;
  readonly account_id: string;
  readonly tenant_id: string;
  readonly effective_at_ms: number;
  readonly recorded_at_ms: number;
  readonly recorded_by_id: string;
  readonly recorded_by_name: string;
  readonly reason: string | null;
  readonly receipt_number: number | null;
  readonly vend_amount_micros: number | null;
  readonly arrears_micros: number | null;
  readonly emergency_micros: number | null;
  readonly credit_micros: number | null;
  readonly reference: string | null;
  readonly reversed_number: number | null;
  readonly reversed_micros: number | null;
  readonly refund_micros: number | null;
  /** Arrears that a closing took from the balance. */
  readonly returned_micros: number | null;
  readonly means: PaymentMeans | null;
  readonly tenant_micros: number | null;
  readonly balance_after_micros: number;
}

/** Postings of the account kinds that have no document of theirs yet, in the order given. */
export async function loadPostingFacts(
  queryable: Queryable,
  projectId: string,
  postingIds: readonly string[],
): Promise<readonly PostingFacts[]> {
  const { rows } = await queryable.query<PostingFacts>(
    `SELECT posting.posting_id, posting.kind, posting.account_id, account.tenant_id, posting.effective_at_ms, posting.recorded_at_ms,
            posting.recorded_by_id, posting.recorded_by_name, posting.reason,
            vend.receipt_number, vend.amount_micros AS vend_amount_micros, vend.arrears_micros, vend.emergency_micros,
            vend.credit_micros, coalesce(vend.reference, reversed.reference) AS reference,
            reversed.receipt_number AS reversed_number, reversed.amount_micros AS reversed_micros,
            refund.amount_micros AS refund_micros, returned.amount_micros AS returned_micros, coalesce(vend.means, reversed.means, refund.means) AS means,
            tenant.amount_micros AS tenant_micros,
            coalesce(vend.balance_after_micros, tenant.balance_after_micros, ledger.balance_micros, 0) AS balance_after_micros
       FROM unnest($2::text[]) WITH ORDINALITY AS wanted (posting_id, place)
       JOIN billing.postings AS posting ON posting.posting_id = wanted.posting_id AND posting.project_id = $1
       JOIN billing.accounts AS account ON account.account_id = posting.account_id
       LEFT JOIN billing.vends AS vend ON vend.posting_id = posting.posting_id
       LEFT JOIN billing.vend_reversals AS reversal ON reversal.posting_id = posting.posting_id
       LEFT JOIN billing.vends AS reversed ON reversed.vend_id = reversal.vend_id
       LEFT JOIN billing.refunds AS refund ON refund.posting_id = posting.posting_id
       LEFT JOIN billing.arrears_movements AS returned ON returned.posting_id = posting.posting_id AND returned.kind = 'returned'
       LEFT JOIN billing.ledger_accounts AS ledger
         ON ledger.project_id = $1 AND ledger.kind = 'tenant-balance' AND ledger.owner_id = posting.account_id
       LEFT JOIN LATERAL (
         SELECT entry.amount_micros, entry.balance_after_micros FROM billing.entries AS entry
          WHERE entry.posting_id = posting.posting_id AND entry.ledger_account_id = ledger.ledger_account_id
          ORDER BY entry.sequence DESC LIMIT 1) AS tenant ON true
      ORDER BY wanted.place`,
    [projectId, postingIds],
  );
  return rows;
}

/** Subjects of a kind that have their document. */
export async function loadDocumented(
  queryable: Queryable,
  projectId: string,
  kind: string,
  subjectIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await queryable.query<{ subject_id: string }>(
    `SELECT document.subject_id FROM billing.documents AS document
      WHERE document.project_id = $1 AND document.kind = $2 AND document.subject_id = ANY ($3::text[])`,
    [projectId, kind, subjectIds],
  );
  return new Set(rows.map((row) => row.subject_id));
}

export interface AccountPointFacts {
  readonly account_id: string;
  readonly metering_point_id: string;
  readonly scheme: string;
  readonly rates: Readonly<Record<string, number>> | null;
}
/** The points of accounts with their schemes and the rates in force. */
export async function loadAccountPoints(
  queryable: Queryable,
  accountIds: readonly string[],
  atMs: number,
): Promise<readonly AccountPointFacts[]> {
  const { rows } = await queryable.query<AccountPointFacts>(
    `SELECT DISTINCT ON (point.account_id, point.metering_point_id)
            point.account_id, point.metering_point_id, scheme.name AS scheme,
            (SELECT version.rates FROM billing.price_versions AS version
              WHERE version.price_scheme_id = point.price_scheme_id AND version.state = 'approved' AND version.effective_from_ms <= $2
              ORDER BY version.effective_from_ms DESC, version.number DESC LIMIT 1) AS rates
       FROM billing.account_points AS point
       JOIN billing.price_schemes AS scheme ON scheme.price_scheme_id = point.price_scheme_id
      WHERE point.account_id = ANY ($1::text[])
      ORDER BY point.account_id, point.metering_point_id, point.opened_at_ms DESC`,
    [accountIds, atMs],
  );
  return rows;
}
