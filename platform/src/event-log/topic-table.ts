// SPDX-License-Identifier: Apache-2.0
/** What the log knows of each topic; a topic is made at its first use. */
import type { Topic } from '@wattledger/contracts';
import { afterCommit } from '../database/postgres-database.ts';
import type { Database, Queryable, Transaction } from '../database/port.ts';

export class TopicTable {
  readonly #database: Database;
  readonly #partitionCountOf: (topicName: string) => number;
  readonly #counts = new Map<string, Promise<number>>();
  /** Counts of topics whose making has been committed. */
  readonly #known = new Map<string, number>();

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

  /**
   * The same within a transaction of the caller's, on its connection: whoever holds one must not wait for a second, or a
   * full pool waits for itself.
   */
  async partitionCountWithin<T>(transaction: Transaction, topic: Topic<T>): Promise<number> {
    const known = this.#known.get(topic.name);
    if (known !== undefined) return known;
    // Asked before it is made: making locks the topic's row until the caller commits.
    const stored = await transaction.query<{ partition_count: number }>(
      'SELECT partition_count FROM event_log.topics WHERE topic = $1',
      [topic.name],
    );
    const count = stored.rows[0]?.partition_count ?? (await this.#makeWith(transaction, topic));
    // Rolled back, a topic made here is not there.
    afterCommit(transaction, () => this.#known.set(topic.name, count));
    return count;
  }

  async #make<T>(topic: Topic<T>): Promise<number> {
    const count = await this.#database.transaction(
      async (transaction) => await this.#makeWith(transaction, topic),
    );
    this.#known.set(topic.name, count);
    return count;
  }

  async #makeWith<T>(queryable: Queryable, topic: Topic<T>): Promise<number> {
    const stored = await queryable.query<{ partition_count: number }>(
      `INSERT INTO event_log.topics (topic, partition_count, retention_ms, compacted) VALUES ($1, $2, $3, $4)
       ON CONFLICT (topic) DO UPDATE SET retention_ms = excluded.retention_ms, compacted = excluded.compacted
       RETURNING partition_count`,
      [topic.name, this.#partitionCountOf(topic.name), topic.retentionMs, topic.compacted],
    );
    const count = stored.rows[0]?.partition_count ?? 1;
    await queryable.query(
      `INSERT INTO event_log.partitions (topic, partition) SELECT $1, generate_series(0, $2::integer - 1) ON CONFLICT DO NOTHING`,
      [topic.name, count],
    );
    return count;
  }
}
