// SPDX-License-Identifier: Apache-2.0
/** Reading side of the built-in log. */
import type { Database } from '../database/port.ts';
import type { LogRecord } from './port.ts';

interface BatchRow {
  readonly first_offset: number;
  readonly record_count: number;
  readonly recorded_at_ms: number;
  readonly payload: string;
}

/**
 * Records from an offset on, whole rows until a limit is reached (at least one row). The position may stand inside a
 * row (a consumer that takes fewer records than a row holds) and, after trimming, before the first row that is left.
 */
export async function readRecords<T>(
  database: Database,
  topicName: string,
  partition: number,
  from: number,
  limits: { readonly recordsMax: number; readonly bytesMax: number },
): Promise<readonly LogRecord<T>[]> {
  const found = await database.query<BatchRow>(
    `SELECT w.first_offset, w.record_count, w.recorded_at_ms, w.payload
     FROM (
       SELECT b.first_offset, b.record_count, b.recorded_at_ms, b.payload,
              sum(b.payload_bytes) OVER before AS bytes_before, sum(b.record_count) OVER before AS records_before
       FROM (
         SELECT * FROM event_log.batches
         WHERE topic = $1 AND partition = $2 AND first_offset + record_count > $3::bigint
           AND first_offset >= coalesce(
             (SELECT max(first_offset) FROM event_log.batches WHERE topic = $1 AND partition = $2 AND first_offset <= $3::bigint), $3::bigint)
         ORDER BY first_offset
         LIMIT least($4::bigint, 2000)
       ) b
       WINDOW before AS (ORDER BY b.first_offset ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
     ) w
     WHERE coalesce(w.bytes_before, 0) < $5::bigint AND coalesce(w.records_before, 0) < $4::bigint
     ORDER BY w.first_offset`,
    [topicName, partition, from, limits.recordsMax, limits.bytesMax],
  );
  const records: LogRecord<T>[] = [];
  for (const row of found.rows) {
    const pairs = JSON.parse(row.payload) as [string, T][];
    for (const [index, [key, value]] of pairs.entries()) {
      const offset = row.first_offset + index;
      if (offset >= from) records.push({ key, value, offset, recordedAtMs: row.recorded_at_ms });
    }
  }
  return records;
}
