// SPDX-License-Identifier: Apache-2.0
/** Reads of the ledger for the screens: an account's statement and one posting with both sides. */
import type { Medium, TouPeriod } from '@wattledger/contracts';
import type {
  ChargeCause,
  ChargeLine,
  LedgerEntry,
  PaymentMeans,
  PostingDetail,
  PostingKind,
  UnpricedReason,
} from '@wattledger/contracts/http/billing';
import type { Queryable } from '@wattledger/platform';

interface EntryRow {
  readonly sequence: number;
  readonly posting_id: string;
  readonly kind: PostingKind;
  readonly amount_micros: number;
  readonly balance_after_micros: number;
  readonly effective_at_ms: number;
  readonly recorded_at_ms: number;
  readonly recorded_by_id: string;
  readonly recorded_by_name: string;
  readonly reason: string | null;
  readonly cause: ChargeCause | null;
  readonly from_day: string | null;
  readonly to_day: string | null;
  readonly lines: number;
  readonly electricity_consumption: number;
  readonly water_consumption: number;
  readonly gas_consumption: number;
  readonly vend_id: string | null;
  readonly receipt_number: number | null;
  readonly means: PaymentMeans | null;
}

const entriesSql = `
  SELECT entry.sequence, entry.posting_id, posting.kind, entry.amount_micros, entry.balance_after_micros,
         posting.effective_at_ms, posting.recorded_at_ms, posting.recorded_by_id, posting.recorded_by_name, posting.reason,
         posting.cause, posting.from_day, posting.to_day, posting.lines, posting.electricity_consumption,
         posting.water_consumption, posting.gas_consumption,
         coalesce(vend.vend_id, reversed.vend_id) AS vend_id,
         coalesce(vend.receipt_number, reversed.receipt_number) AS receipt_number,
         coalesce(vend.means, reversed.means, refund.means) AS means
    FROM billing.ledger_accounts AS ledger
    JOIN billing.entries AS entry ON entry.ledger_account_id = ledger.ledger_account_id
    JOIN billing.postings AS posting ON posting.posting_id = entry.posting_id
    LEFT JOIN billing.vends AS vend ON vend.posting_id = posting.posting_id
    LEFT JOIN billing.vend_reversals AS reversal ON reversal.posting_id = posting.posting_id
    LEFT JOIN billing.vends AS reversed ON reversed.vend_id = reversal.vend_id
    LEFT JOIN billing.refunds AS refund ON refund.posting_id = posting.posting_id
   WHERE ledger.project_id = $1 AND ledger.kind = 'tenant-balance' AND ledger.owner_id = $2
     AND ($3::bigint IS NULL OR entry.sequence < $3)
     AND ($4::text IS NULL OR posting.kind = $4)
   ORDER BY entry.sequence DESC
   LIMIT $5`;

/** Newest first. */
export async function loadEntries(
  queryable: Queryable,
  question: {
    readonly projectId: string;
    readonly accountId: string;
    readonly before: number | null;
    readonly kind: PostingKind | null;
    readonly limit: number;
  },
): Promise<readonly LedgerEntry[]> {
  const { rows } = await queryable.query<EntryRow>(entriesSql, [
    question.projectId,
    question.accountId,
    question.before,
    question.kind,
    question.limit,
  ]);
  return rows.map(toEntry);
}

function toEntry(row: EntryRow): LedgerEntry {
  return {
    sequence: row.sequence,
    postingId: row.posting_id,
    kind: row.kind,
    amountMicros: row.amount_micros,
    balanceAfterMicros: row.balance_after_micros,
    effectiveAtMs: row.effective_at_ms,
    recordedAtMs: row.recorded_at_ms,
    recordedBy: { id: row.recorded_by_id, name: row.recorded_by_name },
    vendId: row.vend_id,
    receiptNumber: row.receipt_number,
    means: row.means,
    charge:
      row.cause === null || row.from_day === null || row.to_day === null
        ? null
        : {
            cause: row.cause,
            fromDay: row.from_day,
            toDay: row.to_day,
            lines: row.lines,
            consumption: consumptionOf(row),
          },
    reason: row.reason,
  };
}

const consumptionOf = (row: EntryRow): { medium: Medium; consumption: number }[] =>
  (
    [
      { medium: 'electricity', consumption: row.electricity_consumption },
      { medium: 'water', consumption: row.water_consumption },
      { medium: 'gas', consumption: row.gas_consumption },
    ] as const
  ).filter(({ consumption }) => consumption !== 0);

/** Cached balance of an account; 0 when it has no entries yet. */
export async function loadBalance(
  queryable: Queryable,
  projectId: string,
  accountId: string,
): Promise<number> {
  const { rows } = await queryable.query<{ balance_micros: number }>(
    `SELECT ledger.balance_micros FROM billing.ledger_accounts AS ledger
      WHERE ledger.project_id = $1 AND ledger.kind = 'tenant-balance' AND ledger.owner_id = $2`,
    [projectId, accountId],
  );
  return rows[0]?.balance_micros ?? 0;
}

/** Lines of one posting at most; a posting of a whole back-fill batch can have more, and says so in `lines` of the ledger. */
const linesMax = 10_000;

export async function loadPosting(
  queryable: Queryable,
  ids: { readonly projectId: string; readonly accountId: string; readonly postingId: string },
): Promise<PostingDetail | undefined> {
  const { rows } = await queryable.query<{
    kind: PostingKind;
    request_id: string;
    effective_at_ms: number;
    recorded_at_ms: number;
    recorded_by_id: string;
    recorded_by_name: string;
  }>(
    `SELECT posting.kind, posting.request_id, posting.effective_at_ms, posting.recorded_at_ms, posting.recorded_by_id,
            posting.recorded_by_name
       FROM billing.postings AS posting
      WHERE posting.posting_id = $1 AND posting.project_id = $2 AND posting.account_id = $3`,
    [ids.postingId, ids.projectId, ids.accountId],
  );
  const [posting] = rows;
  if (posting === undefined) return undefined;
  return {
    postingId: ids.postingId,
    kind: posting.kind,
    requestId: posting.request_id,
    effectiveAtMs: posting.effective_at_ms,
    recordedAtMs: posting.recorded_at_ms,
    recordedBy: { id: posting.recorded_by_id, name: posting.recorded_by_name },
    entries: await loadSides(queryable, ids.postingId),
    lines: await loadLines(queryable, ids.postingId),
  };
}

async function loadSides(queryable: Queryable, postingId: string): Promise<PostingDetail['entries']> {
  const { rows } = await queryable.query<{ kind: string; amount_micros: number }>(
    `SELECT ledger.kind, entry.amount_micros
       FROM billing.entries AS entry
       JOIN billing.ledger_accounts AS ledger ON ledger.ledger_account_id = entry.ledger_account_id
      WHERE entry.posting_id = $1
      ORDER BY entry.amount_micros`,
    [postingId],
  );
  return rows.map((row) => ({
    ledgerAccount: row.kind,
    debitMicros: Math.max(0, -row.amount_micros),
    creditMicros: Math.max(0, row.amount_micros),
  }));
}

async function loadLines(queryable: Queryable, postingId: string): Promise<ChargeLine[]> {
  const { rows } = await queryable.query<{
    metering_point_id: string;
    segment_id: string;
    local_day: string;
    component: ChargeLine['component'];
    item: string | null;
    season: string | null;
    tier: number | null;
    period: TouPeriod | null;
    price_version_id: string | null;
    unpriced_reason: UnpricedReason | null;
    consumption: number;
    amount_micros: number;
  }>(
    `SELECT line.metering_point_id, line.segment_id, line.local_day, line.component, line.item, line.season, line.tier,
            line.period, line.price_version_id, line.unpriced_reason, line.consumption, line.amount_micros
       FROM billing.charge_lines AS line
      WHERE line.posting_id = $1
      ORDER BY line.line
      LIMIT ${linesMax}`,
    [postingId],
  );
  return rows.map((row) => ({
    meteringPointId: row.metering_point_id,
    segmentId: row.segment_id,
    localDay: row.local_day,
    component: row.component,
    item: row.item,
    season: row.season,
    tier: row.tier,
    period: row.period,
    priceVersionId: row.price_version_id,
    unpricedReason: row.unpriced_reason,
    consumption: row.consumption,
    amountMicros: row.amount_micros,
  }));
}
