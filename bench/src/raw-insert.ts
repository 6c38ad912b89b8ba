// SPDX-License-Identifier: Apache-2.0
/** What the warehouse alone costs: rows that the stream made, inserted once more as they are. */
import type { System } from '@wattledger/app';
import { timed } from './figure.ts';

/** Columns of the two tables, and the SQL that gives them back as an insert takes them. */
const tables = {
  readings: {
    project_id: 'project_id',
    meter_id: 'meter_id',
    register: 'register',
    instant: 'toUnixTimestamp64Milli(instant)',
    value: 'value',
    scaler: 'scaler',
    quality: 'quality',
    verdict: 'toInt8(verdict)',
    source: 'source',
    received_at: 'toUnixTimestamp64Milli(received_at)',
    log_offset: 'log_offset',
    revision: 'revision',
  },
  slots: {
    project_id: 'project_id',
    metering_point_id: 'metering_point_id',
    quantity: 'quantity',
    segment_id: 'segment_id',
    slot_start: 'toUnixTimestamp(slot_start)',
    consumption: 'consumption',
    quality: 'quality',
    revision: 'revision',
    is_deleted: 'is_deleted',
  },
} as const;
/** About as many rows as a step of the stream writes at once. */
const rowsPerInsert = 100_000;

/** The rows of readings and slots, already made, into tables like theirs. @returns ms of the inserts alone */
export async function rawInsert({ parts: { warehouse } }: System): Promise<number> {
  let insertingMs = 0;
  for (const [table, expressions] of Object.entries(tables)) {
    const columns = Object.keys(expressions);
    const selected = Object.entries(expressions).map(([name, sql]) => `${sql} AS ${name}`);
    const [stored] = await warehouse.query<{ rows: number }>(`SELECT count() AS rows FROM ${table} FINAL`);
    const parts = Math.ceil((stored?.rows ?? 0) / rowsPerInsert);
    await warehouse.command(`CREATE TABLE raw_${table} AS ${table}`);
    for (let part = 0; part < parts; part += 1) {
      // Meter by meter, as the stream writes them.
      const rows = await warehouse.query<Record<string, string | number>>(
        `SELECT ${selected.join(', ')} FROM ${table} FINAL WHERE cityHash64(${columns[1] ?? ''}) % {parts:UInt32} = {part:UInt32}`,
        { parts, part },
      );
      const values = rows.map((row) => Object.values(row));
      const { elapsedMs } = await timed(async () => await warehouse.insert(`raw_${table}`, columns, values));
      insertingMs += elapsedMs;
    }
    await warehouse.command(`DROP TABLE raw_${table}`);
  }
  return insertingMs;
}
