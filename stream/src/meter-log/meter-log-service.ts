// SPDX-License-Identifier: Apache-2.0
/**
 * The consumer of the meter log. A batch is folded in steps of bounded size. Each step writes its rows to the warehouse
 * first (idempotent: same key, same revision, same contents) and then commits states, counts, marks, interval energy and the
 * cursor in one transaction; the last step commits the batch's position with it. A crash between the two repeats the
 * step and writes the same rows again.
 */
import { topics, type IntervalEnergy, type MeterLogRecord } from '@wattledger/contracts';
import type {
  Consumer,
  NewRecord,
  Parts,
  RecordBatch,
  Transaction,
  WarehouseValue,
} from '@wattledger/platform';
import type { MeterRecord } from '../interval-energy/course.ts';
import { unknownMeter } from '../interval-energy/meter-state.ts';
import { alarmSignals } from './held-alarms.ts';
import { InternedMountings } from './interned-mountings.ts';
import {
  isHeld,
  loadMeters,
  saveMeters,
  textOfKey,
  type MeterChange,
  type StoredMeter,
} from './meters-store.ts';
import { foldStep, type MeterResult } from './step-fold.ts';
import { countsOf, outputOf } from './step-output.ts';
import { metersOf, plannedRecord, stepsOf, type PlannedRecord } from './step-plan.ts';
import {
  countHeld,
  keepRefused,
  keepSetAside,
  loadCursor,
  moveCursor,
  type RefusedRecord,
  type StepCounts,
} from './step-store.ts';
import { markTouchedDays } from '../rollups/touched-days-store.ts';
import { fetchReadings, insertReadings, insertSlots, readingRows, slotRows } from './warehouse-rows.ts';

/** The consumer group: the pipeline's lag is asked under this name. */
export const streamGroup = 'stream';

/**
 * Upper limits of one batch of the log. Polls bring one reading a record: the more of a meter's come together, the fewer rows and
 * records of interval energy they make, because each slot and each day is written once a step.
 */
const recordsMax = 10_000;
const bytesMax = 4_000_000;
/** One append to the event log. */
const recordsPerAppend = 20_000;

/** What a step did, for counters. */
export interface StepReport extends StepCounts {
  readonly partition: number;
  readonly refused: number;
}

export interface MeterLogServiceOptions {
  readonly parts: Parts;
  readonly onStep: (report: StepReport) => void;
}

interface Step {
  readonly partition: number;
  readonly from: number;
  readonly next: number;
  readonly results: readonly MeterResult[];
  readonly refused: readonly RefusedRecord[];
  readonly nowMs: number;
}

export class MeterLogService {
  readonly #parts: Parts;
  readonly #options: MeterLogServiceOptions;
  readonly #interned = new InternedMountings();
  #consumer: Consumer | null = null;

  constructor(options: MeterLogServiceOptions) {
    this.#parts = options.parts;
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#consumer = await this.#parts.eventLog.consume({
      group: streamGroup,
      topic: topics.meterLog,
      recordsMax,
      bytesMax,
      handle: async (batch) => await this.handle(batch),
    });
  }

  async stop(): Promise<void> {
    await this.#consumer?.stop();
    this.#consumer = null;
  }

  /** One batch, in steps; ends with the batch committed. */
  async handle(batch: RecordBatch<MeterLogRecord>): Promise<void> {
    const { partition } = batch;
    let cursor = await loadCursor(this.#parts.database, partition);
    const records = batch.records.filter((record) => record.offset >= cursor).map(plannedRecord);
    if (records.length < batch.records.length) {
      const passedOver = batch.records.length - records.length;
      this.#parts.logger.info(
        { partition, cursor, passedOver },
        'records that were folded before the last stop are passed over',
      );
    }
    if (records.length === 0) {
      await this.#parts.database.transaction(async (transaction) => await batch.commit(transaction));
      return;
    }
    const meters = await loadMeters(this.#parts.database, metersOf(records), this.#interned);
    const steps = stepsOf(records, (key) => meters.get(key)?.state);
    for (const [index, part] of steps.entries()) {
      const next = steps[index + 1]?.[0]?.offset ?? batch.nextOffset;
      const step = await this.#fold(partition, cursor, next, part, meters);
      await this.#writeRows(step);
      await this.#commit(step, meters, index === steps.length - 1 ? batch : null);
      cursor = next;
    }
  }

  async #fold(
    partition: number,
    from: number,
    next: number,
    planned: readonly PlannedRecord[],
    meters: ReadonlyMap<string, StoredMeter>,
  ): Promise<Step> {
    const refused = planned.flatMap((one) => (one.refused === null ? [] : [one.refused]));
    const records = planned.flatMap((one) =>
      one.record === null ? [] : [this.#interned.record(one.record)],
    );
    const work = [...Map.groupBy(records, (record) => textOfKey(record.value))].map(([key, ofMeter]) => {
      const { projectId, meterId } = (ofMeter[0] as MeterRecord).value;
      return { state: meters.get(key)?.state ?? unknownMeter(projectId, meterId), records: ofMeter };
    });
    const position = planned[0]?.offset ?? from;
    const results = await foldStep(
      work,
      position,
      async (wanted) => await fetchReadings(this.#parts.warehouse, wanted),
    );
    return { partition, from, next, results, refused, nowMs: this.#parts.clock.nowMs() };
  }

  async #writeRows({ results }: Step): Promise<void> {
    const readings: (readonly WarehouseValue[])[] = [];
    const slots: (readonly WarehouseValue[])[] = [];
    for (const { before, effects } of results) {
      readingRows(before, effects, readings);
      slotRows(before, effects, slots);
    }
    await Promise.all([
      insertReadings(this.#parts.warehouse, readings),
      insertSlots(this.#parts.warehouse, slots),
    ]);
  }

  async #commit(
    step: Step,
    meters: Map<string, StoredMeter>,
    batch: RecordBatch<MeterLogRecord> | null,
  ): Promise<void> {
    const { partition, results, refused } = step;
    const changes = results.map((result): MeterChange => {
      const { state } = result;
      return {
        before: meters.get(textOfKey(state)) ?? { state: result.before, version: 0, isHeld: false },
        after: state,
        isHeld: isHeld(state),
      };
    });
    const output = outputOf(results);
    const counts = countsOf(results, output.slots);
    await this.#parts.database.transaction(async (transaction) => {
      await moveCursor(transaction, partition, step.from, step.next, counts);
      await saveMeters(transaction, partition, changes);
      for (const touched of output.touched) await markTouchedDays(transaction, touched);
      await countHeld(transaction, output.held);
      await keepSetAside(transaction, output.setAside);
      await keepRefused(transaction, partition, refused);
      await this.#emit(transaction, output.energy, changes, step.nowMs);
      await batch?.commit(transaction);
    });
    for (const { before, after, isHeld: held } of changes) {
      meters.set(textOfKey(after), { state: after, version: before.version + 1, isHeld: held });
    }
    for (const record of refused)
      this.#parts.logger.error(
        { partition, offset: record.offset, key: record.key, fault: record.fault },
        'a record of the meter log was refused and kept in stream.refused_records',
      );
    this.#options.onStep({ ...counts, partition, refused: refused.length });
  }

  async #emit(
    transaction: Transaction,
    energy: readonly NewRecord<IntervalEnergy>[],
    changes: readonly MeterChange[],
    nowMs: number,
  ): Promise<void> {
    for (let from = 0; from < energy.length; from += recordsPerAppend) {
      await this.#parts.eventLog.append(
        topics.intervalEnergy,
        energy.slice(from, from + recordsPerAppend),
        transaction,
      );
    }
    await this.#parts.eventLog.append(topics.alarmSignals, alarmSignals(changes, nowMs), transaction);
  }
}
