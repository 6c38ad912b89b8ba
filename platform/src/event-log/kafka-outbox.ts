// SPDX-License-Identifier: Apache-2.0
/**
 * Brings what was appended inside database transactions to Kafka: each record once, in the order of its partition, also
 * when a process dies at any point. The database row of a partition is locked while it is relayed; the transactional id
 * of the partition fences a relay that lost its session without noticing; and whoever takes over looks in Kafka first.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { OperatingError } from '../errors.ts';
import type { Database, Transaction } from '../database/port.ts';
import type { KafkaClient, TransactionalWriter } from './kafka-client.ts';
import { Bell, pollMs } from './wake-up.ts';

const recordsMax = 1_000;
const bytesMax = 4_000_000;
/** How long a plain append waits for transactional ones before it, so as not to overtake them. */
const drainMsMax = 60_000;
const scanBytesMax = 4_000_000;
/** Each holds a database connection while Kafka answers. */
const relaysAtOnceMax = 4;

export interface OutboxOptions {
  readonly database: Database;
  readonly client: KafkaClient;
  readonly logger: Logger;
  readonly kafkaTopicOf: (topicName: string) => string;
}

interface OutboxRow {
  readonly first_offset: number;
  readonly record_count: number;
  readonly recorded_at_ms: number;
  readonly payload_bytes: number;
  readonly payload: string;
}

export class KafkaOutbox {
  readonly #options: OutboxOptions;
  readonly #bell = new Bell();
  readonly #owner = randomUUID();
  /** Partitions whose writer holds the transactional id for us and whose state in Kafka we know. */
  readonly #writers = new Map<string, TransactionalWriter>();
  readonly #running: Promise<void>;
  #stopping = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#running = this.#loop();
  }

  /** Something was committed into the outbox. */
  wake(): void {
    this.#bell.ring();
  }

  async #loop(): Promise<void> {
    while (!this.#stopping) {
      try {
        const pending = await this.#pending();
        for (let first = 0; first < pending.length; first += relaysAtOnceMax) {
          const some = pending.slice(first, first + relaysAtOnceMax);
          await Promise.all(
            some.map(async ({ topic, partition }) => await this.#relayPartition(topic, partition)),
          );
        }
        if (pending.length > 0) this.#bell.ring();
      } catch (error) {
        if (!this.#stopping)
          this.#options.logger.warn({ err: error }, 'the outbox could not be brought to Kafka; trying again');
        await sleep(100);
      }
      if (!this.#stopping) await this.#bell.wait(pollMs);
    }
  }

  /** Partitions with waiting records. The table is near empty, so this is a short scan of its index. */
  async #pending(): Promise<readonly { readonly topic: string; readonly partition: number }[]> {
    return (
      await this.#options.database.query<{ topic: string; partition: number }>(
        'SELECT DISTINCT topic, partition FROM event_log.batches LIMIT 64',
      )
    ).rows;
  }

  async #relayPartition(topic: string, partition: number): Promise<void> {
    const key = `${topic}/${partition}`;
    try {
      await this.#options.database.transaction(
        async (transaction) => await this.#relayLocked(transaction, topic, partition),
      );
    } catch (error) {
      // What reached Kafka is unknown: the next turn begins like a new owner.
      await this.#writers.get(key)?.close();
      this.#writers.delete(key);
      throw error;
    }
  }

  async #relayLocked(transaction: Transaction, topic: string, partition: number): Promise<void> {
    const { client, kafkaTopicOf } = this.#options;
    await transaction.query(
      'INSERT INTO event_log.relays (topic, partition) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      [topic, partition],
    );
    const locked = await transaction.query<{ relayed_by: string | null; kafka_offset: number }>(
      'SELECT relayed_by, kafka_offset FROM event_log.relays WHERE topic = $1 AND partition = $2 FOR UPDATE SKIP LOCKED',
      [topic, partition],
    );
    const state = locked.rows[0];
    if (state === undefined) return;
    const kafkaTopic = kafkaTopicOf(topic);
    const key = `${topic}/${partition}`;
    let writer = this.#writers.get(key);
    if (writer === undefined || state.relayed_by !== this.#owner) {
      await writer?.close();
      writer = client.transactionalWriter(`wattledger-outbox-${kafkaTopic}-${partition}`);
      this.#writers.set(key, writer);
      await writer.takeOver();
      await this.#removeRelayed(transaction, topic, partition, state.kafka_offset);
    }
    const rows = await waitingRows(transaction, topic, partition);
    const messages = rows.flatMap((row) => {
      const pairs = JSON.parse(row.payload) as [string, unknown][];
      return pairs.map(([recordKey, value], index) => ({
        partition,
        key: recordKey,
        value: JSON.stringify(value),
        timestampMs: row.recorded_at_ms,
        outboxOffset: row.first_offset + index,
      }));
    });
    if (messages.length > 0) await writer.write(kafkaTopic, messages);
    const ends = await client.ends(kafkaTopic);
    await transaction.query(
      'UPDATE event_log.relays SET relayed_by = $3, kafka_offset = $4 WHERE topic = $1 AND partition = $2',
      [topic, partition, this.#owner, ends.find((end) => end.partition === partition)?.latest ?? 0],
    );
    await transaction.query(
      'DELETE FROM event_log.batches WHERE topic = $1 AND partition = $2 AND first_offset <= $3',
      [topic, partition, rows.at(-1)?.first_offset ?? -1],
    );
  }

  /** Deletes what an earlier owner brought to Kafka without being able to commit that it had. */
  async #removeRelayed(
    transaction: Transaction,
    topic: string,
    partition: number,
    from: number,
  ): Promise<void> {
    const { client, kafkaTopicOf } = this.#options;
    const kafkaTopic = kafkaTopicOf(topic);
    const end = (await client.ends(kafkaTopic)).find((candidate) => candidate.partition === partition);
    if (end === undefined) return;
    const reader = client.reader(kafkaTopic);
    let last = -1;
    try {
      for (let offset = Math.max(from, end.earliest); offset < end.latest;) {
        const { records, nextOffset } = await reader.fetch(partition, offset, scanBytesMax, 500);
        for (const record of records) last = Math.max(last, record.outboxOffset ?? -1);
        if (nextOffset === offset)
          throw new OperatingError(
            'kafka-unreachable',
            `${kafkaTopic}/${partition} could not be read up to offset ${end.latest}`,
            { retryable: true },
          );
        offset = nextOffset;
      }
    } finally {
      await reader.close();
    }
    // A Kafka transaction holds whole outbox rows, so a row is there whole or not at all.
    await transaction.query(
      'DELETE FROM event_log.batches WHERE topic = $1 AND partition = $2 AND first_offset <= $3',
      [topic, partition, last],
    );
  }

  /** Resolves when what had been committed into the outbox of a topic is in Kafka. */
  async whenRelayed(topicName: string): Promise<void> {
    const began = performance.now();
    for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 2, 200)) {
      const waiting = await this.#options.database.query(
        'SELECT 1 FROM event_log.batches WHERE topic = $1 LIMIT 1',
        [topicName],
      );
      if (waiting.rowCount === 0) return;
      if (performance.now() - began > drainMsMax)
        throw new OperatingError(
          'outbox-stuck',
          `records of ${topicName} have waited for Kafka for more than ${drainMsMax / 1_000} s`,
          { retryable: true },
        );
      this.#bell.ring();
      await sleep(pauseMs);
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#bell.ring();
    await this.#running;
    for (const writer of this.#writers.values()) await writer.close();
  }
}

async function waitingRows(
  transaction: Transaction,
  topic: string,
  partition: number,
): Promise<readonly OutboxRow[]> {
  const found = await transaction.query<OutboxRow>(
    `SELECT first_offset, record_count, recorded_at_ms, payload_bytes, payload FROM event_log.batches
     WHERE topic = $1 AND partition = $2 ORDER BY first_offset LIMIT $3`,
    [topic, partition, recordsMax],
  );
  const rows: OutboxRow[] = [];
  let bytes = 0;
  for (const row of found.rows) {
    if (rows.length > 0 && bytes + row.payload_bytes > bytesMax) break;
    rows.push(row);
    bytes += row.payload_bytes;
  }
  return rows;
}

/** Records of a topic that wait in the outbox, and since when. */
export async function outboxBacklog(
  database: Database,
  topicName: string,
): Promise<{ readonly records: number; readonly oldestMs: number | null }> {
  const found = await database.query<{ records: number; oldest_ms: number | null }>(
    'SELECT coalesce(sum(record_count), 0)::bigint AS records, min(recorded_at_ms) AS oldest_ms FROM event_log.batches WHERE topic = $1',
    [topicName],
  );
  return { records: found.rows[0]?.records ?? 0, oldestMs: found.rows[0]?.oldest_ms ?? null };
}
