// SPDX-License-Identifier: Apache-2.0
/** Writing side of the built-in log: appends that arrive while one is under way are written together with one commit. */
import { OperatingError } from '../errors.ts';
import type { Queryable } from '../database/port.ts';
import { partitionOf } from './partition-of.ts';
import type { EncodedRecord } from './record-limits.ts';

/** A row of event_log.batches, before its offset is known. */
interface NewRow {
  readonly recordCount: number;
  readonly recordKey: string | null;
  readonly bytes: number;
  readonly payload: string;
}

/** Rows below this size are joined, so that small appends do not become as many rows. */
const rowBytesMax = 256_000;
/** Four parameters a row and Postgres's limit of 65,535; well below, so that one statement stays some megabytes. */
const rowsPerStatementMax = 200;
const statementBytesMax = 16_000_000;

/** Joins records into rows; in a compacted topic every record is a row of its own, so that trimming can delete it alone. */
function rowsOf(records: readonly EncodedRecord[], compacted: boolean): readonly NewRow[] {
  const rows: NewRow[] = [];
  let parts: string[] = [];
  let bytes = 0;
  const flush = (recordKey: string | null): void => {
    if (parts.length === 0) return;
    rows.push({ recordCount: parts.length, recordKey, bytes, payload: `[${parts.join(',')}]` });
    parts = [];
    bytes = 0;
  };
  for (const record of records) {
    if (bytes + record.bytes > rowBytesMax) flush(null);
    parts.push(`[${JSON.stringify(record.key)},${record.json}]`);
    bytes += record.bytes;
    if (compacted) flush(record.key);
  }
  flush(null);
  return rows;
}

async function insertRows(
  queryable: Queryable,
  topicName: string,
  partition: number,
  recordedAtMs: number,
  rows: readonly NewRow[],
): Promise<void> {
  const parameters: unknown[] = [topicName, partition, recordedAtMs];
  const values: string[] = [];
  let before = 0;
  for (const row of rows) {
    const at = parameters.length;
    parameters.push(row.recordKey, row.bytes, row.payload);
    values.push(`(${before}, ${row.recordCount}, $${at + 1}::text, $${at + 2}::integer, $${at + 3}::text)`);
    before += row.recordCount;
  }
  await queryable.query(
    `WITH head AS (
       UPDATE event_log.partitions SET next_offset = next_offset + ${before}
       WHERE topic = $1 AND partition = $2
       RETURNING next_offset - ${before} AS first_offset
     )
     INSERT INTO event_log.batches (topic, partition, first_offset, record_count, recorded_at_ms, record_key, payload_bytes, payload)
     SELECT $1, $2, head.first_offset + row.before, row.record_count, $3::bigint, row.record_key, row.payload_bytes, row.payload
     FROM head, (VALUES ${values.join(', ')}) AS row (before, record_count, record_key, payload_bytes, payload)`,
    parameters,
  );
}

export interface AppendPlan {
  readonly topicName: string;
  readonly statements: readonly { readonly partition: number; readonly rows: readonly NewRow[] }[];
}

/** Groups records by partition (in the order of partitions, so that two appends never lock them crosswise) and into statements. */
export function planAppend(
  topicName: string,
  compacted: boolean,
  partitionCount: number,
  records: readonly EncodedRecord[],
): AppendPlan {
  const byPartition = new Map<number, EncodedRecord[]>();
  for (const record of records) {
    const partition = partitionOf(record.key, partitionCount);
    const list = byPartition.get(partition);
    if (list === undefined) byPartition.set(partition, [record]);
    else list.push(record);
  }
  const statements: { partition: number; rows: NewRow[] }[] = [];
  for (const [partition, list] of [...byPartition].sort(([a], [b]) => a - b)) {
    let rows: NewRow[] = [];
    let bytes = 0;
    for (const row of rowsOf(list, compacted)) {
      if (rows.length > 0 && (rows.length >= rowsPerStatementMax || bytes + row.bytes > statementBytesMax)) {
        statements.push({ partition, rows });
        rows = [];
        bytes = 0;
      }
      rows.push(row);
      bytes += row.bytes;
    }
    if (rows.length > 0) statements.push({ partition, rows });
  }
  return { topicName, statements };
}

export async function runAppend(queryable: Queryable, plan: AppendPlan, recordedAtMs: number): Promise<void> {
  for (const { partition, rows } of plan.statements)
    await insertRows(queryable, plan.topicName, partition, recordedAtMs, rows);
}

interface Waiting {
  readonly records: readonly EncodedRecord[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** One group commit never grows beyond this. */
const groupBytesMax = 16_000_000;
/** What may wait for its turn. Callers that await each append never come near it. */
const waitingBytesMax = 128_000_000;

/** Group commit for one topic. */
export class GroupAppender {
  readonly #write: (records: readonly EncodedRecord[]) => Promise<void>;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #running: Promise<void> | null = null;

  constructor(write: (records: readonly EncodedRecord[]) => Promise<void>) {
    this.#write = write;
  }

  /**
   * Resolves when the records are durable; order of calls is order in the log.
   * @throws OperatingError append-backlog when more is asked than is written
   */
  async append(records: readonly EncodedRecord[]): Promise<void> {
    const bytes = records.reduce((sum, record) => sum + record.bytes, 0);
    if (this.#waitingBytes + bytes > waitingBytesMax) {
      throw new OperatingError(
        'append-backlog',
        `more than ${waitingBytesMax} bytes wait to be appended: await each append before the next`,
        { retryable: true },
      );
    }
    this.#waitingBytes += bytes;
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ records, bytes, resolve, reject });
      this.#running ??= this.#run().finally(() => (this.#running = null));
    });
  }

  async #run(): Promise<void> {
    // Calls made in the same tick join the first group.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      let bytes = 0;
      let count = 0;
      for (const waiting of this.#waiting) {
        if (count > 0 && bytes + waiting.bytes > groupBytesMax) break;
        bytes += waiting.bytes;
        count += 1;
      }
      const group = this.#waiting.splice(0, count);
      this.#waitingBytes -= bytes;
      try {
        await this.#write(group.flatMap(({ records }) => records));
        for (const { resolve } of group) resolve();
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
  }

  async idle(): Promise<void> {
    await this.#running;
  }
}
