// SPDX-License-Identifier: Apache-2.0
/** SQL of the daily close. */
import type { CloseFigures, CloseItem, DayClose, PaymentMeans } from '@wattledger/contracts/http/billing';
import type { Queryable, Transaction } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';
import type { DayFacts, LedgerMovement, ProviderLine } from './close-items.ts';
import type { ProviderPaymentLine } from './provider-payments.ts';

export interface RecordedSpan {
  readonly projectId: string;
  readonly zone: string;
  readonly localDay: string;
  /** Postings recorded at or after this … */
  readonly fromMs: number;
  /** … and before that. */
  readonly toMs: number;
  /** What the close sees, and what the one before saw: a posting that committed after it is this one's. */
  readonly snapshot: string;
  readonly snapshotBefore: string | null;
}

/** Postings of a span: $1 project, $2 from, $3 to, $4 snapshot, $5 the one before. Whoever notes an instant commits within a day. */
const inSpan = `posting.project_id = $1 AND posting.recorded_at_ms >= $2::bigint - 86400000 AND posting.recorded_at_ms < $3::bigint
        AND pg_visible_in_snapshot(posting.recorded_xid, $4::text::pg_snapshot)
        AND (posting.recorded_at_ms >= $2::bigint OR NOT coalesce(pg_visible_in_snapshot(posting.recorded_xid, $5::text::pg_snapshot), true))`;
const spanParameters = (span: RecordedSpan): readonly unknown[] => [
  span.projectId,
  span.fromMs,
  span.toMs,
  span.snapshot,
  span.snapshotBefore,
];

export async function loadSnapshot(queryable: Queryable): Promise<string> {
  const { rows } = await queryable.query<{ snapshot: string }>(
    'SELECT pg_current_snapshot()::text AS snapshot',
  );
  return rows[0]?.snapshot ?? '';
}

export async function loadMovements(
  queryable: Queryable,
  span: RecordedSpan,
): Promise<readonly LedgerMovement[]> {
  const { rows } = await queryable.query<LedgerMovement>(
    `SELECT posting.posting_id AS "postingId", vend.receipt_number AS "receiptNumber", vend.means,
            (CASE posting.kind WHEN 'reversal' THEN -vend.amount_micros ELSE vend.amount_micros END) AS "amountMicros",
            CASE posting.kind WHEN 'vend' THEN coalesce(payment.provider_payment_id, vend.reference) END AS reference,
            coalesce(shift.state = 'closed', false) AS "inClosedShift"
       FROM billing.postings AS posting
       LEFT JOIN billing.vend_reversals AS reversal ON reversal.posting_id = posting.posting_id
       JOIN billing.vends AS vend ON vend.posting_id = posting.posting_id OR vend.vend_id = reversal.vend_id
       LEFT JOIN billing.online_payments AS payment ON payment.vend_posting_id = posting.posting_id
       LEFT JOIN billing.shift_postings AS counted ON counted.posting_id = posting.posting_id
       LEFT JOIN billing.cashier_shifts AS shift ON shift.shift_id = counted.shift_id
      WHERE ${inSpan}
        AND posting.kind IN ('vend', 'reversal')
      ORDER BY vend.receipt_number, posting.kind`,
    spanParameters(span),
  );
  return rows;
}

/** Refunds of the span by means, for the figures. */
export async function loadRefunds(
  queryable: Queryable,
  span: RecordedSpan,
): Promise<
  readonly { readonly means: PaymentMeans; readonly refunds: number; readonly amountMicros: number }[]
> {
  const { rows } = await queryable.query<{ means: PaymentMeans; refunds: number; amountMicros: number }>(
    `SELECT refund.means, count(*) AS refunds, sum(refund.amount_micros)::bigint AS "amountMicros"
       FROM billing.refunds AS refund
       JOIN billing.postings AS posting ON posting.posting_id = refund.posting_id
      WHERE ${inSpan}
      GROUP BY refund.means ORDER BY refund.means`,
    spanParameters(span),
  );
  return rows;
}

/** By kind what the postings did to tenants' balances, in all and of days before. A charge concerns the days its energy flowed. */
export async function loadKinds(
  queryable: Queryable,
  span: RecordedSpan,
): Promise<Pick<CloseFigures, 'kinds' | 'earlier'>> {
  const { rows } = await queryable.query<{
    kind: string;
    earlier: boolean;
    postings: number;
    amountMicros: number;
  }>(
    `SELECT found.kind, found.earlier, count(*) AS postings, coalesce(sum(found.amount), 0)::bigint AS "amountMicros"
       FROM (SELECT posting.kind,
                    coalesce(posting.to_day, (to_timestamp(posting.effective_at_ms / 1000.0) AT TIME ZONE $6)::date) < $7::date AS earlier,
                    (SELECT sum(entry.amount_micros) FROM billing.entries AS entry
                       JOIN billing.ledger_accounts AS ledger ON ledger.ledger_account_id = entry.ledger_account_id
                      WHERE entry.posting_id = posting.posting_id AND ledger.kind = 'tenant-balance') AS amount
               FROM billing.postings AS posting
              WHERE ${inSpan}) AS found
      GROUP BY found.kind, found.earlier ORDER BY found.kind`,
    [...spanParameters(span), span.zone, span.localDay],
  );
  const sums = new Map<string, { kind: string; postings: number; amountMicros: number }>();
  for (const row of rows) {
    const sum = sums.get(row.kind) ?? { kind: row.kind, postings: 0, amountMicros: 0 };
    sums.set(row.kind, {
      kind: row.kind,
      postings: sum.postings + row.postings,
      amountMicros: sum.amountMicros + row.amountMicros,
    });
  }
  return {
    kinds: [...sums.values()],
    earlier: rows
      .filter(({ earlier }) => earlier)
      .map(({ kind, postings, amountMicros }) => ({ kind, postings, amountMicros })),
  };
}

/** Who took or gave back money in the span: none of them signs it. */
export async function loadCashiers(queryable: Queryable, span: RecordedSpan): Promise<readonly string[]> {
  const { rows } = await queryable.query<{ id: string }>(
    `SELECT posting.recorded_by_id AS id FROM billing.postings AS posting
      WHERE ${inSpan}
        AND posting.kind IN ('vend', 'reversal', 'refund', 'closing')
      UNION SELECT shift.cashier_id FROM billing.cashier_shifts AS shift WHERE shift.project_id = $1 AND shift.local_day = $6::date
      ORDER BY 1`,
    [...spanParameters(span), span.localDay],
  );
  return rows.map(({ id }) => id);
}

export async function loadShifts(
  queryable: Queryable,
  projectId: string,
  localDay: string,
): Promise<CloseFigures['shifts']> {
  const { rows } = await queryable.query<CloseFigures['shifts'][number]>(
    `SELECT shift.shift_number AS "shiftNumber", shift.cashier_name AS "cashierName", shift.state,
            shift.expected_micros AS "expectedMicros", shift.counted_micros AS "countedMicros",
            shift.difference_micros AS "differenceMicros"
       FROM billing.cashier_shifts AS shift WHERE shift.project_id = $1 AND shift.local_day = $2::date ORDER BY shift.shift_number`,
    [projectId, localDay],
  );
  return [...rows];
}

export async function loadEnergy(
  queryable: Queryable,
  projectId: string,
  localDay: string,
): Promise<CloseFigures['energy']> {
  const { rows } = await queryable.query<CloseFigures['energy'][number]>(
    `SELECT day.medium, day.consumption, day.unpriced_consumption AS unpriced, day.amount_micros AS "amountMicros"
       FROM billing.project_charge_days AS day WHERE day.project_id = $1 AND day.local_day = $2::date ORDER BY day.medium`,
    [projectId, localDay],
  );
  return [...rows];
}

export async function loadUnpriced(
  queryable: Queryable,
  projectId: string,
  localDay: string,
): Promise<DayFacts['unpriced']> {
  const { rows } = await queryable.query<DayFacts['unpriced'][number]>(
    `SELECT day.metering_point_id AS "meteringPointId", sum(day.unpriced_consumption)::bigint AS consumption
       FROM billing.charge_days AS day
      WHERE day.project_id = $1 AND day.local_day = $2::date AND day.unpriced_consumption <> 0
      GROUP BY day.metering_point_id ORDER BY 1`,
    [projectId, localDay],
  );
  return rows;
}

/** Meters of accounts that were switched that day, and those of them that are not as they should be. */
export async function loadRelays(
  queryable: Queryable,
  projectId: string,
  day: { readonly startMs: number; readonly endMs: number },
): Promise<{ readonly switched: number; readonly differing: DayFacts['relays'] }> {
  const { rows } = await queryable.query<{ meterId: string; desired: string; reported: string }>(
    `SELECT DISTINCT meter.meter_id AS "meterId", meter.desired, meter.reported
       FROM billing.supply_commands AS command
       JOIN billing.supply_meters AS meter ON meter.meter_id = command.meter_id AND meter.desired IS NOT NULL
      WHERE command.project_id = $1 AND command.requested_at_ms >= $2 AND command.requested_at_ms < $3
      ORDER BY 1`,
    [projectId, day.startMs, day.endMs],
  );
  return { switched: rows.length, differing: rows.filter((row) => row.desired !== row.reported) };
}

export async function loadProviderLines(
  queryable: Queryable,
  projectId: string,
  localDay: string,
): Promise<readonly ProviderLine[]> {
  const { rows } = await queryable.query<ProviderLine>(
    `SELECT payment.provider, payment.payment_ref AS "paymentRef", payment.means, payment.amount_micros AS "amountMicros"
       FROM billing.provider_payments AS payment
      WHERE payment.project_id = $1 AND payment.local_day = $2::date ORDER BY payment.provider, payment.payment_ref`,
    [projectId, localDay],
  );
  return rows;
}

/** What a provider says of a day replaces what it said before of that day. */
export async function replaceProviderLines(
  transaction: Transaction,
  day: {
    readonly projectId: string;
    readonly localDay: string;
    readonly provider: string;
    readonly means: PaymentMeans;
  },
  lines: readonly ProviderPaymentLine[],
): Promise<void> {
  const { projectId, localDay, provider, means } = day;
  await transaction.query(
    `DELETE FROM billing.provider_payments AS payment
      WHERE payment.project_id = $1 AND payment.provider = $2 AND (payment.local_day = $3::date OR payment.payment_ref = ANY ($4::text[]))`,
    [projectId, provider, localDay, lines.map((line) => line.paymentRef)],
  );
  await transaction.query(
    `INSERT INTO billing.provider_payments (project_id, provider, payment_ref, local_day, means, amount_micros, received_at_ms)
     SELECT $1, $2, line.payment_ref, $3::date, $4, line.amount_micros, line.received_at_ms
       FROM unnest($5::text[], $6::bigint[], $7::bigint[]) AS line (payment_ref, amount_micros, received_at_ms)`,
    [
      projectId,
      provider,
      localDay,
      means,
      lines.map((line) => line.paymentRef),
      lines.map((line) => line.amountMicros),
      lines.map((line) => line.receivedAtMs),
    ],
  );
}

export async function loadAnswers(
  queryable: Queryable,
  projectId: string,
  localDay: string,
): Promise<ReadonlyMap<string, NonNullable<CloseItem['answer']>>> {
  const { rows } = await queryable.query<{
    item_key: string;
    answer: string;
    at_ms: number;
    by_id: string;
    by_name: string;
  }>(
    `SELECT answer.item_key, answer.answer, answer.at_ms, answer.by_id, answer.by_name
       FROM billing.day_item_answers AS answer WHERE answer.project_id = $1 AND answer.local_day = $2::date`,
    [projectId, localDay],
  );
  return new Map(
    rows.map((row) => [
      row.item_key,
      { text: row.answer, by: { id: row.by_id, name: row.by_name }, atMs: row.at_ms },
    ]),
  );
}

export async function saveAnswer(
  queryable: Queryable,
  answer: {
    readonly projectId: string;
    readonly localDay: string;
    readonly key: string;
    readonly text: string;
    readonly atMs: number;
    readonly by: Who;
  },
): Promise<void> {
  await queryable.query(
    `INSERT INTO billing.day_item_answers (project_id, local_day, item_key, answer, at_ms, by_id, by_name) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (project_id, local_day, item_key) DO UPDATE
        SET answer = excluded.answer, at_ms = excluded.at_ms, by_id = excluded.by_id, by_name = excluded.by_name`,
    [answer.projectId, answer.localDay, answer.key, answer.text, answer.atMs, answer.by.id, answer.by.name],
  );
}

/** One close at a time per project. */
export async function holdCloses(transaction: Transaction, projectId: string): Promise<void> {
  await transaction.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `day-close/${projectId}`,
  ]);
}

export interface StoredClose extends Omit<DayClose, 'documentId'> {
  readonly documentId: string | null;
  readonly recordedToMs: number;
  readonly snapshot: string;
  readonly cashierIds: readonly string[];
}
interface CloseRow {
  readonly day_close_id: string;
  readonly local_day: string;
  readonly revision: number;
  readonly chain_number: number;
  readonly figures: CloseFigures;
  readonly hash: string;
  readonly previous_hash: string;
  readonly recorded_to_ms: number;
  readonly snapshot: string;
  readonly cashier_ids: string[];
  readonly closed_at_ms: number;
  readonly closed_by_id: string;
  readonly closed_by_name: string;
  readonly document_id: string | null;
  readonly signed: DayClose['signed'];
  readonly reopened: DayClose['reopened'];
}
const markSql = (kind: string): string =>
  `(SELECT jsonb_build_object('by', jsonb_build_object('id', mark.by_id, 'name', mark.by_name), 'atMs', mark.at_ms, 'reason', mark.reason)
      FROM billing.day_close_marks AS mark WHERE mark.day_close_id = closed.day_close_id AND mark.kind = '${kind}')`;

/** Newest of the chain first. */
export async function loadCloses(
  queryable: Queryable,
  projectId: string,
  options: { readonly localDay?: string; readonly limit: number },
): Promise<readonly StoredClose[]> {
  const { rows } = await queryable.query<CloseRow>(
    `SELECT closed.day_close_id, closed.local_day, closed.revision, closed.chain_number, closed.figures, closed.hash, closed.previous_hash,
            closed.recorded_to_ms, closed.snapshot, closed.cashier_ids, closed.closed_at_ms, closed.closed_by_id, closed.closed_by_name,
            (SELECT document.document_id FROM billing.documents AS document
              WHERE document.project_id = closed.project_id AND document.kind = 'day-close' AND document.subject_id = closed.day_close_id) AS document_id,
            ${markSql('signed')} AS signed, ${markSql('reopened')} AS reopened
       FROM billing.day_closes AS closed
      WHERE closed.project_id = $1 AND ($2::date IS NULL OR closed.local_day = $2)
      ORDER BY closed.chain_number DESC LIMIT $3`,
    [projectId, options.localDay ?? null, options.limit],
  );
  return rows.map((row) => ({
    dayCloseId: row.day_close_id,
    localDay: row.local_day,
    revision: row.revision,
    chainNumber: row.chain_number,
    figures: row.figures,
    hash: row.hash,
    previousHash: row.previous_hash,
    recordedToMs: row.recorded_to_ms,
    snapshot: row.snapshot,
    cashierIds: row.cashier_ids,
    closedAtMs: row.closed_at_ms,
    closedBy: { id: row.closed_by_id, name: row.closed_by_name },
    documentId: row.document_id,
    signed: row.signed,
    reopened: row.reopened,
  }));
}

export async function insertClose(
  transaction: Transaction,
  close: Omit<StoredClose, 'documentId' | 'signed' | 'reopened'> & { readonly projectId: string },
): Promise<void> {
  await transaction.query(
    `INSERT INTO billing.day_closes (day_close_id, project_id, local_day, revision, figures, hash, previous_hash, recorded_to_ms, cashier_ids,
            closed_at_ms, closed_by_id, closed_by_name, chain_number, snapshot)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
    [
      close.dayCloseId,
      close.projectId,
      close.localDay,
      close.revision,
      JSON.stringify(close.figures),
      close.hash,
      close.previousHash,
      close.recordedToMs,
      close.cashierIds,
      close.closedAtMs,
      close.closedBy.id,
      close.closedBy.name,
      close.chainNumber,
      close.snapshot,
    ],
  );
}

export async function insertMark(
  transaction: Transaction,
  mark: {
    readonly dayCloseId: string;
    readonly kind: 'signed' | 'reopened';
    readonly reason: string | null;
    readonly atMs: number;
    readonly by: Who;
  },
): Promise<void> {
  await transaction.query(
    'INSERT INTO billing.day_close_marks (day_close_id, kind, reason, at_ms, by_id, by_name) VALUES ($1, $2, $3, $4, $5, $6)',
    [mark.dayCloseId, mark.kind, mark.reason, mark.atMs, mark.by.id, mark.by.name],
  );
}
