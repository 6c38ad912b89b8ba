// SPDX-License-Identifier: Apache-2.0
/** SQL of the journal: entries as recorded, whole postings at a time, and the trial balance. */
import type { ChartOfAccounts, PostingKind } from '@wattledger/contracts/http/billing';
import type { Queryable, Transaction } from '@wattledger/platform';

export interface JournalKey {
  readonly recordedAtMs: number;
  readonly postingId: string;
}
export interface JournalRow {
  readonly posting_id: string;
  readonly kind: PostingKind;
  readonly account_id: string;
  readonly tenant_id: string | null;
  readonly effective_at_ms: number;
  readonly recorded_at_ms: number;
  readonly reason: string | null;
  readonly ledger_kind: string;
  readonly owner_id: string;
  readonly amount_micros: number;
  readonly document_kind: string | null;
  readonly document_number: number | null;
}

/** All entries of the next postings recorded in [fromMs, toMs), oldest first. */
export async function loadJournal(
  queryable: Queryable,
  span: { readonly projectId: string; readonly fromMs: number; readonly toMs: number },
  page: { readonly after: JournalKey | null; readonly postings: number },
): Promise<readonly JournalRow[]> {
  const { rows } = await queryable.query<JournalRow>(
    `WITH next AS (
       SELECT posting.posting_id, posting.kind, posting.account_id, posting.effective_at_ms, posting.recorded_at_ms, posting.reason
         FROM billing.postings AS posting
        WHERE posting.project_id = $1 AND posting.recorded_at_ms >= $2 AND posting.recorded_at_ms < $3
          AND ($4::bigint IS NULL OR (posting.recorded_at_ms, posting.posting_id) > ($4, $5))
          AND EXISTS (SELECT FROM billing.entries AS entry WHERE entry.posting_id = posting.posting_id)
        ORDER BY posting.recorded_at_ms, posting.posting_id
        LIMIT $6)
     SELECT next.posting_id, next.kind, next.account_id, account.tenant_id, next.effective_at_ms, next.recorded_at_ms, next.reason,
            ledger.kind AS ledger_kind, ledger.owner_id, entry.amount_micros, document.kind AS document_kind,
            document.number AS document_number
       FROM next
       JOIN billing.entries AS entry ON entry.posting_id = next.posting_id
       JOIN billing.ledger_accounts AS ledger ON ledger.ledger_account_id = entry.ledger_account_id
       LEFT JOIN billing.accounts AS account ON account.account_id = next.account_id
       LEFT JOIN billing.documents AS document ON document.posting_id = next.posting_id
        AND document.kind = CASE next.kind WHEN 'vend' THEN 'sale' ELSE next.kind END
      ORDER BY next.recorded_at_ms, next.posting_id, entry.amount_micros, ledger.kind, ledger.owner_id`,
    [
      span.projectId,
      span.fromMs,
      span.toMs,
      page.after?.recordedAtMs ?? null,
      page.after?.postingId ?? null,
      page.postings,
    ],
  );
  return rows;
}

export interface LedgerSums {
  readonly kind: string;
  readonly openingMicros: number;
  readonly debitMicros: number;
  readonly creditMicros: number;
}

/** Σ by kind of ledger account of what was recorded before and in [fromMs, toMs). Balances now less what came since: the past is long. */
export async function loadLedgerSums(
  queryable: Queryable,
  span: { readonly projectId: string; readonly fromMs: number; readonly toMs: number },
): Promise<{ readonly sums: readonly LedgerSums[]; readonly postings: number }> {
  const { rows } = await queryable.query<LedgerSums & { readonly postings: number }>(
    `WITH since AS (
       SELECT ledger.kind, entry.amount_micros, posting.recorded_at_ms < $3 AS within
         FROM billing.postings AS posting
         JOIN billing.entries AS entry ON entry.posting_id = posting.posting_id
         JOIN billing.ledger_accounts AS ledger ON ledger.ledger_account_id = entry.ledger_account_id
        WHERE posting.project_id = $1 AND posting.recorded_at_ms >= $2
     ), moved AS (
       SELECT since.kind, sum(since.amount_micros) AS net,
              coalesce(sum(-since.amount_micros) FILTER (WHERE since.within AND since.amount_micros < 0), 0) AS debit,
              coalesce(sum(since.amount_micros) FILTER (WHERE since.within AND since.amount_micros > 0), 0) AS credit
         FROM since GROUP BY since.kind
     ), held AS (
       SELECT ledger.kind, sum(ledger.balance_micros) AS balance FROM billing.ledger_accounts AS ledger
        WHERE ledger.project_id = $1 GROUP BY ledger.kind)
     SELECT held.kind, (held.balance - coalesce(moved.net, 0))::bigint AS "openingMicros",
            coalesce(moved.debit, 0)::bigint AS "debitMicros", coalesce(moved.credit, 0)::bigint AS "creditMicros",
            (SELECT count(*) FROM billing.postings AS posting
              WHERE posting.project_id = $1 AND posting.recorded_at_ms >= $2 AND posting.recorded_at_ms < $3) AS postings
       FROM held LEFT JOIN moved ON moved.kind = held.kind
      ORDER BY held.kind`,
    [span.projectId, span.fromMs, span.toMs],
  );
  return { sums: rows.map(({ postings: _postings, ...sums }) => sums), postings: rows[0]?.postings ?? 0 };
}

export async function loadChart(
  queryable: Queryable,
  projectId: string,
): Promise<ChartOfAccounts['accounts']> {
  const { rows } = await queryable.query<ChartOfAccounts['accounts'][number]>(
    `SELECT chart.ledger_kind AS "ledgerAccount", chart.chart_number AS "chartNumber", chart.chart_name AS "chartName"
       FROM billing.chart_accounts AS chart WHERE chart.project_id = $1 ORDER BY chart.ledger_kind`,
    [projectId],
  );
  return [...rows];
}

export async function saveChart(
  transaction: Transaction,
  projectId: string,
  { accounts }: ChartOfAccounts,
): Promise<void> {
  await transaction.query('DELETE FROM billing.chart_accounts AS chart WHERE chart.project_id = $1', [
    projectId,
  ]);
  await transaction.query(
    `INSERT INTO billing.chart_accounts (project_id, ledger_kind, chart_number, chart_name)
     SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[])`,
    [
      projectId,
      accounts.map((account) => account.ledgerAccount),
      accounts.map((account) => account.chartNumber),
      accounts.map((account) => account.chartName),
    ],
  );
}
