// SPDX-License-Identifier: Apache-2.0
/** What a step of the meter log leaves in Postgres besides the meters' states. */
import type { Queryable, Transaction } from '@wattledger/platform';
import type { SetAside } from '../interval-energy/meter-effects.ts';
import type { MeterKey } from './meters-store.ts';

export async function loadCursor(queryable: Queryable, partition: number): Promise<number> {
  const found = await queryable.query<{ next_offset: number }>(
    'SELECT next_offset FROM stream.cursors WHERE partition = $1',
    [partition],
  );
  return found.rows[0]?.next_offset ?? 0;
}

/** Counts of a step. */
export interface StepCounts {
  readonly received: number;
  readonly kept: number;
  readonly repeated: number;
  readonly slots: number;
  readonly newestInstantMs: number | null;
}

/** Another consumer has moved the cursor: nothing of this step may happen. */
export class CursorMovedError extends Error {
  readonly code = 'cursor-moved';
  constructor(partition: number, expected: number) {
    super(
      `the cursor of partition ${partition} is no longer ${expected}: another consumer has folded these records`,
    );
    this.name = 'CursorMovedError';
  }
}

/** @throws CursorMovedError */
export async function moveCursor(
  transaction: Transaction,
  partition: number,
  expected: number,
  next: number,
  counts: StepCounts,
): Promise<void> {
  const moved = await transaction.query(
    `INSERT INTO stream.cursors AS kept (partition, next_offset, readings_received, readings_kept, readings_repeated, slots_written, newest_instant_ms)
     VALUES ($1, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (partition) DO UPDATE
       SET next_offset = excluded.next_offset,
           readings_received = kept.readings_received + excluded.readings_received,
           readings_kept = kept.readings_kept + excluded.readings_kept,
           readings_repeated = kept.readings_repeated + excluded.readings_repeated,
           slots_written = kept.slots_written + excluded.slots_written,
           newest_instant_ms = greatest(kept.newest_instant_ms, excluded.newest_instant_ms)
       WHERE kept.next_offset = $2`,
    [
      partition,
      expected,
      next,
      counts.received,
      counts.kept,
      counts.repeated,
      counts.slots,
      counts.newestInstantMs,
    ],
  );
  if (moved.rowCount !== 1) throw new CursorMovedError(partition, expected);
}

export interface HeldChange extends MeterKey {
  readonly register: string;
  readonly reason: string;
  readonly difference: number;
}

export async function countHeld(transaction: Transaction, changes: readonly HeldChange[]): Promise<void> {
  if (changes.length === 0) return;
  const rows = changes.map((change) => ({
    project_id: change.projectId,
    meter_id: change.meterId,
    register: change.register,
    reason: change.reason,
    difference: change.difference,
  }));
  // One statement can touch a row once only; a check of the table refuses counts below zero, so inserts come with zero first.
  await transaction.query(
    `INSERT INTO stream.held_counts (project_id, meter_id, register, reason, readings)
     SELECT project_id, meter_id, register, reason, 0
     FROM json_to_recordset($1::json) AS step (project_id text, meter_id text, register text, reason text)
     ON CONFLICT DO NOTHING`,
    [JSON.stringify(rows)],
  );
  await transaction.query(
    `UPDATE stream.held_counts AS kept SET readings = kept.readings + step.difference
     FROM json_to_recordset($1::json) AS step (project_id text, meter_id text, register text, reason text, difference bigint)
     WHERE kept.project_id = step.project_id AND kept.meter_id = step.meter_id AND kept.register = step.register AND kept.reason = step.reason`,
    [JSON.stringify(rows)],
  );
}

export type SetAsideOf = SetAside & MeterKey;

export async function keepSetAside(transaction: Transaction, readings: readonly SetAsideOf[]): Promise<void> {
  if (readings.length === 0) return;
  const rows = readings.map((reading) => ({
    project_id: reading.projectId,
    meter_id: reading.meterId,
    register: reading.register,
    instant_ms: reading.instantMs,
    value: reading.value,
    scaler: reading.scaler,
    reason: reading.reason,
    quality: reading.quality,
    source: reading.source,
    received_at_ms: reading.receivedAt,
    log_offset: reading.logOffset,
  }));
  const columns =
    'project_id, meter_id, register, instant_ms, value, scaler, reason, quality, source, received_at_ms, log_offset';
  await transaction.query(
    `INSERT INTO stream.set_aside (${columns}) SELECT ${columns}
     FROM json_to_recordset($1::json) AS step (project_id text, meter_id text, register text, instant_ms bigint, value bigint, scaler smallint,
       reason text, quality smallint, source text, received_at_ms bigint, log_offset bigint)
     ON CONFLICT DO NOTHING`,
    [JSON.stringify(rows)],
  );
}

export interface RefusedRecord {
  readonly offset: number;
  readonly key: string;
  readonly recordedAtMs: number;
  readonly fault: string;
  readonly body: string;
}

export async function keepRefused(
  transaction: Transaction,
  partition: number,
  records: readonly RefusedRecord[],
): Promise<void> {
  for (const record of records) {
    await transaction.query(
      `INSERT INTO stream.refused_records (partition, log_offset, record_key, recorded_at_ms, fault, body) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT DO NOTHING`,
      [partition, record.offset, record.key, record.recordedAtMs, record.fault, record.body],
    );
  }
}
