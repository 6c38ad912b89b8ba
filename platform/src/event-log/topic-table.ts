// SPDX-License-Identifier: Apache-2.0
/** What the log knows of each topic; a topic is made at its first use. */
import type { Topic } from '@wattledger/contracts';
import type { Database } from '../database/port.ts';

export class TopicTable {
  readonly #database: Database;
  readonly #partitionCountOf: (topicName: string) => number;
  readonly #counts = new Map<string, Promise<number>>();

  constructor(database: Database, partitionCountOf: (topicName: string) => number) {
    this.#database = database;
    this.#partitionCountOf = partitionCountOf;
  }

  /** Partitions of the topic. Once made the stored count holds: another count would send known keys elsewhere. */
  async partitionCount<T>(topic: Topic<T>): Promise<number> {
    let count = this.#counts.get(topic.name);
    if (count === undefined) {
      count = this.#make(topic);
      this.#counts.set(topic.name, count);
      count.catch(() => this.#counts.delete(topic.name));
    }
    return await count;
  }

  async #make<T>(topic: Topic<T>): Promise<number> {
    return await this.#database.transaction(async (transaction) => {
      const stored = await transaction.query<{ partition_count: number }>(
        `INSERT INTO event_log.topics (topic, partition_count, retention_ms, compacted) VALUES ($1, $2, $3, $4)
         ON CONFLICT (topic) DO UPDATE SET retention_ms = excluded.retention_ms, compacted = excluded.compacted
         RETURNING partition_count`,
        [topic.name, this.#partitionCountOf(topic.name), topic.retentionMs, topic.compacted],
      );
      const count = stored.rows[0]?.partition_count ?? 1;
      await transaction.query(
        `INSERT INTO event_log.partitions (topic, partition) SELECT $1, generate_series(0, $2::integer - 1) ON CONFLICT DO NOTHING`,
        [topic.name, count],
      );
      return count;
    });
  }
}
