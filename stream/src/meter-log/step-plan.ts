// SPDX-License-Identifier: Apache-2.0
/** Cuts a batch into steps of bounded size: a gap of years between two readings, or a new mounting, makes many rows of one record. */
import type { MeterLogRecord, ReadingBatch } from '@wattledger/contracts';
import type { LogRecord } from '@wattledger/platform';
import type { MeterRecord } from '../interval-energy/course.ts';
import { readingsStored, type MeterState } from '../interval-energy/meter-state.ts';
import { checkedRecord } from './log-records.ts';
import { textOfKey, type MeterKey } from './meters-store.ts';
import type { RefusedRecord } from './step-store.ts';

/** Rows a step may make, roughly; a single record may go beyond. */
const stepRowsMax = 120_000;

/** A record of the log, checked. */
export type PlannedRecord = { readonly offset: number } & (
  | { readonly record: MeterRecord; readonly refused: null }
  | { readonly record: null; readonly refused: RefusedRecord }
);

export function plannedRecord({
  offset,
  key,
  recordedAtMs,
  value,
}: LogRecord<MeterLogRecord>): PlannedRecord {
  const { value: checked, fault } = checkedRecord(value, key);
  if (fault === null) return { offset, record: { offset, recordedAtMs, value: checked }, refused: null };
  return { offset, record: null, refused: { offset, key, recordedAtMs, fault, body: JSON.stringify(value) } };
}

export function metersOf(records: readonly PlannedRecord[]): MeterKey[] {
  const keys = new Map<string, MeterKey>();
  for (const { record } of records) {
    if (record === null) continue;
    const { projectId, meterId } = record.value;
    keys.set(textOfKey(record.value), { projectId, meterId });
  }
  return [...keys.values()];
}

/** Steps in order; each has at least one record. */
export function stepsOf(
  records: readonly PlannedRecord[],
  stateOf: (key: string) => MeterState | undefined,
): PlannedRecord[][] {
  const steps: PlannedRecord[][] = [];
  let cost = Infinity;
  for (const planned of records) {
    const more = costOf(planned, stateOf);
    if (cost + more > stepRowsMax) {
      steps.push([]);
      cost = 0;
    }
    steps.at(-1)?.push(planned);
    cost += more;
  }
  return steps;
}

function costOf({ record }: PlannedRecord, stateOf: (key: string) => MeterState | undefined): number {
  if (record === null) return 1;
  const state = stateOf(textOfKey(record.value));
  if (record.value.kind === 'readings') return costOfReadings(record.value, state);
  let stored = 1;
  for (const register of state?.registers.values() ?? []) stored += readingsStored(register);
  return stored;
}

/** Readings, and the slots of the gap that they may open or fill. */
function costOfReadings(batch: ReadingBatch, state: MeterState | undefined): number {
  let cost = 1;
  for (const { register, instants } of batch.series) {
    cost += instants.length;
    const plan = state?.inForce?.plans.get(register);
    const at = instants[0];
    if (plan === undefined || at === undefined) continue;
    let nearest = Infinity;
    for (const segment of state?.registers.get(register)?.segments.values() ?? []) {
      for (const { first, last } of segment.extents)
        nearest = Math.min(nearest, Math.abs(at - first.instantMs), Math.abs(at - last.instantMs));
    }
    if (Number.isFinite(nearest)) cost += nearest / plan.slotMs;
  }
  return cost;
}
