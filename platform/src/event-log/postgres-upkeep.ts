// SPDX-License-Identifier: Apache-2.0
/** Lag, rewinding and trimming of the built-in log. */
import { OperatingError } from '../errors.ts';
import type { Database } from '../database/port.ts';
import type { Lag } from './port.ts';

export async function lagOf(database: Database, group: string, topicName: string): Promise<Lag> {
  const found = await database.query<{ records: number; oldest_ms: number | null; head: number }>(
    `SELECT coalesce(sum(w.records), 0)::bigint AS records, min(w.oldest_ms) AS oldest_ms, coalesce(sum(p.next_offset), 0)::bigint AS head
     FROM event_log.partitions p
     JOIN event_log.topics t ON t.topic = p.topic
     LEFT JOIN event_log.positions o ON o.consumer_group = $1 AND o.topic = p.topic AND o.partition = p.partition
     CROSS JOIN LATERAL (
       SELECT CASE
                -- Rows of a compacted topic hold one record each and may have been deleted in between.
                WHEN t.compacted THEN (SELECT count(*) FROM event_log.batches b WHERE b.topic = p.topic AND b.partition = p.partition AND b.first_offset >= coalesce(o.next_offset, 0))
                ELSE p.next_offset - greatest(coalesce(o.next_offset, 0), coalesce(
                  (SELECT min(b.first_offset) FROM event_log.batches b WHERE b.topic = p.topic AND b.partition = p.partition), p.next_offset))
              END AS records,
              (SELECT b.recorded_at_ms FROM event_log.batches b
               WHERE b.topic = p.topic AND b.partition = p.partition AND b.first_offset + b.record_count > coalesce(o.next_offset, 0)
                 AND b.first_offset >= coalesce((SELECT max(first_offset) FROM event_log.batches WHERE topic = p.topic AND partition = p.partition AND first_offset <= coalesce(o.next_offset, 0)), 0)
               ORDER BY b.first_offset LIMIT 1) AS oldest_ms
     ) w
     WHERE p.topic = $2`,
    [group, topicName],
  );
  const row = found.rows[0];
  return { records: row?.records ?? 0, oldestMs: row?.oldest_ms ?? null, headOffset: row?.head ?? 0 };
}

/** @throws OperatingError group-consuming while a living consumer of the group exists */
export async function rewindGroup(database: Database, group: string, topicName: string): Promise<void> {
  await database.transaction(async (transaction) => {
    const living = await transaction.query(
      `SELECT 1 FROM event_log.members m
       JOIN pg_stat_activity a ON a.pid = m.backend_pid AND a.backend_start = m.backend_start
       WHERE m.consumer_group = $1 AND m.topic = $2 LIMIT 1`,
      [group, topicName],
    );
    if (living.rowCount > 0) {
      throw new OperatingError(
        'group-consuming',
        `${group} is consuming ${topicName}: stop its consumers, then rewind`,
        { retryable: true },
      );
    }
    await transaction.query('DELETE FROM event_log.positions WHERE consumer_group = $1 AND topic = $2', [
      group,
      topicName,
    ]);
  });
}

/** Rows deleted by one statement: keeps locks and WAL small on a table that is written all the time. */
const trimRowsMax = 2_000;

/** Deletes what is past its retention and processed by every known group; in compacted topics what a newer record of its key replaces. */
export async function trimTopics(database: Database, nowMs: number): Promise<void> {
  const topics = await database.query<{
    topic: string;
    partition: number;
    retention_ms: number | null;
    compacted: boolean;
    processed: number;
  }>(
    `SELECT t.topic, p.partition, t.retention_ms, t.compacted,
            coalesce((SELECT min(o.next_offset) FROM event_log.positions o WHERE o.topic = t.topic AND o.partition = p.partition), p.next_offset) AS processed
     FROM event_log.topics t JOIN event_log.partitions p ON p.topic = t.topic`,
  );
  for (const { topic, partition, retention_ms: retentionMs, compacted, processed } of topics.rows) {
    if (compacted) {
      await deleteInParts(
        database,
        `
        SELECT b.ctid FROM event_log.batches b
        WHERE b.topic = $1 AND b.partition = $2
          AND EXISTS (SELECT 1 FROM event_log.batches n WHERE n.topic = b.topic AND n.partition = b.partition AND n.record_key = b.record_key AND n.first_offset > b.first_offset)
        LIMIT ${trimRowsMax}`,
        [topic, partition],
      );
    }
    if (retentionMs !== null) {
      // Only the oldest rows are looked at: where the first of them stays, the rest stays too.
      await deleteInParts(
        database,
        `SELECT o.ctid FROM (
           SELECT b.ctid, b.first_offset, b.record_count, b.recorded_at_ms FROM event_log.batches b
           WHERE b.topic = $1 AND b.partition = $2
           ORDER BY b.first_offset
           LIMIT ${trimRowsMax}
         ) o
         WHERE o.first_offset + o.record_count <= $3::bigint AND o.recorded_at_ms < $4::bigint`,
        [topic, partition, processed, nowMs - retentionMs],
      );
    }
  }
}

async function deleteInParts(
  database: Database,
  selectRows: string,
  parameters: readonly unknown[],
): Promise<void> {
  for (;;) {
    const deleted = await database.query(
      `DELETE FROM event_log.batches WHERE ctid = ANY (ARRAY(${selectRows}))`,
      parameters,
    );
    if (deleted.rowCount < trimRowsMax) return;
  }
}
