// SPDX-License-Identifier: Apache-2.0
/** Hands a log to the consumer in batches of any size, keeps its position, and reads what came of it. */
import { topics, type IntervalEnergy, type MeterLogRecord } from '@wattledger/contracts';
import type { LogRecord, Parts, RecordBatch } from '@wattledger/platform';
import { MeterLogService } from '../meter-log/meter-log-service.ts';

export class LogDriver {
  readonly #parts: Parts;
  readonly #partition: number;
  readonly #records: readonly LogRecord<MeterLogRecord>[];

  /** Each driver is a partition of its own, so that many histories share one set of stores. */
  constructor(parts: Parts, partition: number, values: readonly MeterLogRecord[]) {
    this.#parts = parts;
    this.#partition = partition;
    this.#records = values.map((value, offset) => ({
      offset,
      recordedAtMs: parts.clock.nowMs(),
      key: value.meterId,
      value,
    }));
  }

  static async prepare(parts: Parts): Promise<void> {
    await parts.database.query(
      'CREATE TABLE IF NOT EXISTS test_positions (partition integer PRIMARY KEY, next_offset bigint NOT NULL)',
    );
  }

  async position(): Promise<number> {
    const found = await this.#parts.database.query<{ next_offset: number }>(
      'SELECT next_offset FROM test_positions WHERE partition = $1',
      [this.#partition],
    );
    return found.rows[0]?.next_offset ?? 0;
  }

  /** Handles batches until the end, or until the consumer crashes. `parts` is what the consumer works with. */
  async run(parts: Parts, sizeOf: () => number): Promise<void> {
    const consumer = new MeterLogService({ parts, onStep: () => undefined });
    for (;;) {
      const from = await this.position();
      const records = this.#records.slice(from, from + sizeOf());
      if (records.length === 0) return;
      await consumer.handle(this.#batch(from, records));
    }
  }

  #batch(from: number, records: readonly LogRecord<MeterLogRecord>[]): RecordBatch<MeterLogRecord> {
    const nextOffset = from + records.length;
    return {
      topic: topics.meterLog.name,
      partition: this.#partition,
      records,
      firstOffset: from,
      nextOffset,
      commit: async (transaction) => {
        await transaction.query(
          `INSERT INTO test_positions VALUES ($1, $2) ON CONFLICT (partition) DO UPDATE SET next_offset = excluded.next_offset`,
          [this.#partition, nextOffset],
        );
      },
    };
  }
}

/** Every table of the stream for one project, in an order that means nothing; ids of the project are taken out. */
export async function tablesOf(parts: Parts, projectId: string): Promise<Record<string, unknown>> {
  const from = async (table: string, columns: string): Promise<unknown> =>
    await parts.warehouse.query(
      `SELECT ${columns} FROM ${table} FINAL WHERE project_id = {project:String} ORDER BY ALL`,
      { project: projectId },
    );
  const rows = async (sql: string): Promise<unknown> => (await parts.database.query(sql, [projectId])).rows;
  return {
    readings: await from(
      'readings',
      'meter_id, register, instant, value, scaler, quality, verdict, source, received_at, log_offset, revision',
    ),
    slots: await from(
      'slots',
      'metering_point_id, quantity, segment_id, slot_start, consumption, quality, revision',
    ),
    segments: await rows(
      `SELECT meter_id, segment_id, register, metering_point_id, quantity, first_ms, first_value, first_units, last_ms, last_value, last_units,
         rollovers, rollover_consumption, readings, held_reason, held_from_ms, held_to_ms
       FROM stream.segments WHERE project_id = $1 ORDER BY meter_id, segment_id`,
    ),
    held: await rows(
      'SELECT meter_id, register, reason, readings FROM stream.held_counts WHERE project_id = $1 AND readings > 0 ORDER BY meter_id, register, reason',
    ),
    aside: await rows(
      'SELECT meter_id, register, instant_ms, value, scaler, reason, quality, log_offset FROM stream.set_aside WHERE project_id = $1 ORDER BY 1, 2, 3, 4, 5, 6',
    ),
    energy: await publishedSlots(parts, projectId),
  };
}

/**
 * What charging has been told: the newest content of each slot over all records. A segment is counted on the grid its
 * newest record names; what was told on another one is void, whether or not batches fell so that it was told at all.
 */
async function publishedSlots(parts: Parts, projectId: string): Promise<unknown> {
  const found = await parts.database.query<{ payload: string }>(
    'SELECT payload FROM event_log.batches WHERE topic = $1 ORDER BY partition, first_offset',
    [topics.intervalEnergy.name],
  );
  const newest = new Map<string, Map<number, readonly [consumption: number, quality: number]>>();
  const gridOf = new Map<string, number>();
  for (const { payload } of found.rows) {
    for (const [, record] of JSON.parse(payload) as [string, IntervalEnergy][]) {
      if (record.projectId !== projectId) continue;
      const segment = `${record.meteringPointId} ${record.segmentId}`;
      if (gridOf.get(segment) !== record.slotMinutes) newest.delete(segment);
      gridOf.set(segment, record.slotMinutes);
      const slots = newest.get(segment) ?? new Map<number, readonly [number, number]>();
      newest.set(segment, slots);
      for (const [at, index] of record.index.entries()) {
        const startMs = record.firstSlotMs + index * record.slotMinutes * 60_000;
        slots.set(startMs, [record.consumption[at] ?? 0, record.quality[at] ?? 0]);
      }
    }
  }
  return [...newest]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([segment, slots]) => [segment, [...slots].sort(([a], [b]) => a - b)]);
}
