// SPDX-License-Identifier: Apache-2.0
/** SQL of cashiers' shifts. */
import type { CashCount, CounterMeans, Shift } from '@wattledger/contracts/http/billing';
import type { Queryable, Transaction } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';

interface ShiftSqlRow {
  readonly shift_id: string;
  readonly shift_number: number;
  readonly state: 'open' | 'closed';
  readonly cashier_id: string;
  readonly cashier_name: string;
  readonly opened_at_ms: number;
  readonly local_day: string;
  readonly float_micros: number;
  readonly float_counts: CashCount[] | null;
  readonly closed_at_ms: number | null;
  readonly closed_by_id: string | null;
  readonly closed_by_name: string | null;
  readonly counted_micros: number | null;
  readonly counted_counts: CashCount[] | null;
  readonly counted_slips: NonNullable<Shift['closing']>['slips'] | null;
  readonly expected_micros: number | null;
  readonly difference_micros: number | null;
  readonly difference_reason: string | null;
  readonly difference_posting_id: string | null;
}

export interface ShiftFilter {
  readonly projectId: string;
  readonly shiftId?: string | undefined;
  readonly cashierId?: string | undefined;
  readonly state?: 'open' | 'closed' | undefined;
  readonly fromDay?: string | undefined;
  readonly toDay?: string | undefined;
  /** Shifts with a smaller number. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Newest first, with what passed the counter in each. */
export async function loadShifts(queryable: Queryable, filter: ShiftFilter): Promise<readonly Shift[]> {
  const { rows } = await queryable.query<ShiftSqlRow>(
    `SELECT shift.shift_id, shift.shift_number, shift.state, shift.cashier_id, shift.cashier_name, shift.opened_at_ms,
            shift.local_day::text AS local_day, shift.float_micros, shift.float_counts, shift.closed_at_ms, shift.closed_by_id,
            shift.closed_by_name, shift.counted_micros, shift.counted_counts, shift.counted_slips, shift.expected_micros,
            shift.difference_micros, shift.difference_reason, shift.difference_posting_id
       FROM billing.cashier_shifts AS shift
      WHERE shift.project_id = $1
        AND ($2::text IS NULL OR shift.shift_id = $2)
        AND ($3::text IS NULL OR shift.cashier_id = $3)
        AND ($4::text IS NULL OR shift.state = $4)
        AND ($5::date IS NULL OR shift.local_day >= $5)
        AND ($6::date IS NULL OR shift.local_day <= $6)
        AND ($7::bigint IS NULL OR shift.shift_number < $7)
      ORDER BY shift.shift_number DESC
      LIMIT $8`,
    [
      filter.projectId,
      filter.shiftId ?? null,
      filter.cashierId ?? null,
      filter.state ?? null,
      filter.fromDay ?? null,
      filter.toDay ?? null,
      filter.before ?? null,
      filter.limit,
    ],
  );
  const ids = rows.map((row) => row.shift_id);
  const means = await loadMeans(queryable, ids);
  const handIns = await loadHandIns(queryable, ids);
  return rows.map((row) => toShift(row, means.get(row.shift_id) ?? [], handIns.get(row.shift_id) ?? []));
}

/** What a drawer holds when nothing was lost. */
export function expectedCashMicros(shift: Pick<Shift, 'float' | 'means' | 'handIns'>): number {
  const cash = shift.means.find(({ means }) => means === 'cash');
  const moved = cash === undefined ? 0 : cash.receivedMicros - cash.reversedMicros - cash.refundedMicros;
  const handedIn = shift.handIns.reduce((sum, { amountMicros }) => sum + amountMicros, 0);
  return shift.float.amountMicros + moved - handedIn;
}

function toShift(row: ShiftSqlRow, means: Shift['means'], handIns: Shift['handIns']): Shift {
  const float = { amountMicros: row.float_micros, counts: row.float_counts };
  return {
    shiftId: row.shift_id,
    shiftNumber: row.shift_number,
    state: row.state,
    cashier: { id: row.cashier_id, name: row.cashier_name },
    openedAtMs: row.opened_at_ms,
    localDay: row.local_day,
    float,
    means,
    handIns,
    expectedCashMicros: row.expected_micros ?? expectedCashMicros({ float, means, handIns }),
    closing: closingOf(row),
  };
}

function closingOf(row: ShiftSqlRow): Shift['closing'] {
  if (row.closed_at_ms === null) return null;
  return {
    closedAtMs: row.closed_at_ms,
    closedBy: { id: row.closed_by_id ?? '', name: row.closed_by_name ?? '' },
    countedMicros: row.counted_micros ?? 0,
    counts: row.counted_counts,
    slips: row.counted_slips ?? [],
    differenceMicros: row.difference_micros ?? 0,
    differenceReason: row.difference_reason,
    differencePostingId: row.difference_posting_id,
  };
}

async function loadMeans(
  queryable: Queryable,
  shiftIds: readonly string[],
): Promise<ReadonlyMap<string, Shift['means']>> {
  const { rows } = await queryable.query<Shift['means'][number] & { shiftId: string; means: CounterMeans }>(
    `SELECT posting.shift_id AS "shiftId", posting.means,
            count(*) FILTER (WHERE posting.kind = 'vend') AS vends,
            coalesce(sum(posting.amount_micros) FILTER (WHERE posting.kind = 'vend'), 0)::bigint AS "receivedMicros",
            count(*) FILTER (WHERE posting.kind = 'reversal') AS reversals,
            coalesce(-sum(posting.amount_micros) FILTER (WHERE posting.kind = 'reversal'), 0)::bigint AS "reversedMicros",
            count(*) FILTER (WHERE posting.kind = 'refund') AS refunds,
            coalesce(-sum(posting.amount_micros) FILTER (WHERE posting.kind = 'refund'), 0)::bigint AS "refundedMicros"
       FROM billing.shift_postings AS posting
      WHERE posting.shift_id = ANY ($1::text[])
      GROUP BY posting.shift_id, posting.means
      ORDER BY posting.means`,
    [shiftIds],
  );
  return grouped(rows.map(({ shiftId, ...means }) => ({ shiftId, item: means })));
}

async function loadHandIns(
  queryable: Queryable,
  shiftIds: readonly string[],
): Promise<ReadonlyMap<string, Shift['handIns']>> {
  const { rows } = await queryable.query<{
    shift_id: string;
    hand_in_id: string;
    amount_micros: number;
    note: string;
    recorded_at_ms: number;
    recorded_by_id: string;
    recorded_by_name: string;
  }>(
    `SELECT hand_in.shift_id, hand_in.hand_in_id, hand_in.amount_micros, hand_in.note, hand_in.recorded_at_ms,
            hand_in.recorded_by_id, hand_in.recorded_by_name
       FROM billing.shift_hand_ins AS hand_in
      WHERE hand_in.shift_id = ANY ($1::text[])
      ORDER BY hand_in.recorded_at_ms, hand_in.hand_in_id`,
    [shiftIds],
  );
  return grouped(
    rows.map((row) => ({
      shiftId: row.shift_id,
      item: {
        handInId: row.hand_in_id,
        amountMicros: row.amount_micros,
        note: row.note,
        recordedAtMs: row.recorded_at_ms,
        recordedBy: { id: row.recorded_by_id, name: row.recorded_by_name },
      },
    })),
  );
}

function grouped<T>(
  rows: readonly { readonly shiftId: string; readonly item: T }[],
): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const { shiftId, item } of rows) groups.set(shiftId, [...(groups.get(shiftId) ?? []), item]);
  return groups;
}

/** Openings of one project queue here, and find each other: held until the transaction ends. */
export async function holdShiftNumbers(transaction: Transaction, projectId: string): Promise<void> {
  await transaction.query(
    `INSERT INTO billing.shift_counters AS counter (project_id, last_number) VALUES ($1, 0)
     ON CONFLICT (project_id) DO UPDATE SET last_number = counter.last_number`,
    [projectId],
  );
}

/** The next number of the project's shifts; given back when the transaction is, so numbers have no gaps. */
export async function takeShiftNumber(transaction: Transaction, projectId: string): Promise<number> {
  const { rows } = await transaction.query<{ last_number: number }>(
    `UPDATE billing.shift_counters AS counter SET last_number = counter.last_number + 1
      WHERE counter.project_id = $1
     RETURNING counter.last_number`,
    [projectId],
  );
  return rows[0]?.last_number as number;
}

export interface NewShift {
  readonly shiftId: string;
  readonly projectId: string;
  readonly cashier: Who;
  readonly shiftNumber: number;
  readonly requestId: string;
  readonly contentHash: string;
  readonly openedAtMs: number;
  readonly localDay: string;
  readonly floatMicros: number;
  readonly floatCounts: readonly CashCount[] | null;
}

export async function insertShift(transaction: Transaction, shift: NewShift): Promise<void> {
  await transaction.query(
    `INSERT INTO billing.cashier_shifts (shift_id, project_id, cashier_id, cashier_name, shift_number, request_id, content_hash,
            opened_at_ms, local_day, float_micros, float_counts)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::jsonb)`,
    [
      shift.shiftId,
      shift.projectId,
      shift.cashier.id,
      shift.cashier.name,
      shift.shiftNumber,
      shift.requestId,
      shift.contentHash,
      shift.openedAtMs,
      shift.localDay,
      shift.floatMicros,
      shift.floatCounts === null ? null : JSON.stringify(shift.floatCounts),
    ],
  );
}

export interface ShiftHead {
  readonly shiftId: string;
  readonly cashierId: string;
  readonly state: 'open' | 'closed';
  readonly closeRequestId: string | null;
  readonly closeContentHash: string | null;
}

/** The shift held until the transaction ends: money of the counter waits meanwhile. */
export async function holdShift(
  transaction: Transaction,
  projectId: string,
  shiftId: string,
): Promise<ShiftHead | undefined> {
  const { rows } = await transaction.query<ShiftHead>(
    `SELECT shift.shift_id AS "shiftId", shift.cashier_id AS "cashierId", shift.state, shift.close_request_id AS "closeRequestId",
            shift.close_content_hash AS "closeContentHash"
       FROM billing.cashier_shifts AS shift
      WHERE shift.shift_id = $1 AND shift.project_id = $2
        FOR UPDATE OF shift`,
    [shiftId, projectId],
  );
  return rows[0];
}

/** What was asked under a request id, whatever it was: the opening, the closing of a shift, or a hand-in. */
export async function findShiftRequest(
  transaction: Transaction,
  projectId: string,
  requestId: string,
): Promise<{ readonly shiftId: string; readonly contentHash: string } | undefined> {
  const { rows } = await transaction.query<{ shiftId: string; contentHash: string }>(
    `SELECT shift.shift_id AS "shiftId", shift.content_hash AS "contentHash"
       FROM billing.cashier_shifts AS shift WHERE shift.project_id = $1 AND shift.request_id = $2
     UNION ALL
     SELECT shift.shift_id, shift.close_content_hash
       FROM billing.cashier_shifts AS shift WHERE shift.project_id = $1 AND shift.close_request_id = $2
     UNION ALL
     SELECT hand_in.shift_id, hand_in.content_hash
       FROM billing.shift_hand_ins AS hand_in WHERE hand_in.project_id = $1 AND hand_in.request_id = $2
     LIMIT 1`,
    [projectId, requestId],
  );
  return rows[0];
}

export async function insertHandIn(
  transaction: Transaction,
  handIn: {
    readonly handInId: string;
    readonly shiftId: string;
    readonly projectId: string;
    readonly requestId: string;
    readonly contentHash: string;
    readonly amountMicros: number;
    readonly note: string;
    readonly recordedAtMs: number;
    readonly recordedBy: Who;
  },
): Promise<void> {
  await transaction.query(
    `INSERT INTO billing.shift_hand_ins (hand_in_id, shift_id, project_id, request_id, content_hash, amount_micros, note,
            recorded_at_ms, recorded_by_id, recorded_by_name)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      handIn.handInId,
      handIn.shiftId,
      handIn.projectId,
      handIn.requestId,
      handIn.contentHash,
      handIn.amountMicros,
      handIn.note,
      handIn.recordedAtMs,
      handIn.recordedBy.id,
      handIn.recordedBy.name,
    ],
  );
}

export async function closeShiftRow(
  transaction: Transaction,
  closing: {
    readonly shiftId: string;
    readonly requestId: string;
    readonly contentHash: string;
    readonly closedAtMs: number;
    readonly by: Who;
    readonly countedMicros: number;
    readonly counts: readonly CashCount[] | null;
    readonly slips: readonly unknown[];
    readonly expectedMicros: number;
    readonly differenceReason: string | null;
    readonly differencePostingId: string | null;
  },
): Promise<void> {
  await transaction.query(
    `UPDATE billing.cashier_shifts
        SET state = 'closed', close_request_id = $2, close_content_hash = $3, closed_at_ms = $4, closed_by_id = $5,
            closed_by_name = $6, counted_micros = $7, counted_counts = $8::jsonb, counted_slips = $9::jsonb,
            expected_micros = $10, difference_micros = $7::bigint - $10::bigint, difference_reason = $11, difference_posting_id = $12
      WHERE shift_id = $1`,
    [
      closing.shiftId,
      closing.requestId,
      closing.contentHash,
      closing.closedAtMs,
      closing.by.id,
      closing.by.name,
      closing.countedMicros,
      closing.counts === null ? null : JSON.stringify(closing.counts),
      JSON.stringify(closing.slips),
      closing.expectedMicros,
      closing.differenceReason,
      closing.differencePostingId,
    ],
  );
}
