// SPDX-License-Identifier: Apache-2.0
/**
 * The event log on Kafka. Records live in Kafka; positions, the sharing of partitions and the outbox live in Postgres, as
 * with the built-in log. Kafka's own consumer groups are not used: positions must commit with the effects anyway, and
 * one way of sharing partitions serves both adapters.
 */
import { randomUUID } from 'node:crypto';
import type { Topic } from '@wattledger/contracts';
import type { Logger } from 'pino';
import { afterCommit } from '../database/postgres-database.ts';
import { migrate } from '../database/migrate.ts';
import type { Database, Transaction } from '../database/port.ts';
import { OperatingError } from '../errors.ts';
import type { Clock } from '../service/port.ts';
import { KafkaClient, type KafkaConnection, type TransactionalWriter } from './kafka-client.ts';
import { KafkaOutbox, outboxBacklog } from './kafka-outbox.ts';
import { claimLogHome } from './log-home.ts';
import { Membership } from './membership.ts';
import { partitionOf } from './partition-of.ts';
import { KafkaSource, longPollMs } from './kafka-source.ts';
import { PartitionRunner } from './partition-runner.ts';
import type { ConsumeOptions, Consumer, EventLog, Lag, LogRecord, NewRecord } from './port.ts';
import { GroupAppender, planAppend, runAppend } from './postgres-append.ts';
import { rewindGroup } from './postgres-upkeep.ts';
import { batchBytesMaxDefault, encodeRecords } from './record-limits.ts';
import { TopicTable } from './topic-table.ts';
import { Bell } from './wake-up.ts';

export interface KafkaEventLogOptions extends KafkaConnection {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Partitions of a topic that is made now; default 12. */
  readonly partitionCountOf?: (topicName: string) => number;
  /** Copies of each partition; default 1, on a cluster 3. */
  readonly replication?: number;
  /** Before the names of our topics in Kafka; default 'wattledger.'. */
  readonly topicPrefix?: string;
}

/** One produce request to one partition; a batch of Kafka may hold a largest record and its frame. */
const requestBytesMax = 1_000_000;
const lagPeekBytes = 256_000;

interface TopicAppender {
  readonly group: GroupAppender;
  readonly writer: TransactionalWriter;
}

class KafkaEventLog implements EventLog {
  readonly #options: KafkaEventLogOptions;
  readonly #client: KafkaClient;
  readonly #topics: TopicTable;
  readonly #ensured = new Map<string, Promise<void>>();
  readonly #membership: Membership;
  readonly #outbox: KafkaOutbox;
  readonly #appenders = new Map<string, TopicAppender>();
  readonly #consumers = new Set<Consumer>();
  #closing: Promise<void> | null = null;

  constructor(options: KafkaEventLogOptions, client: KafkaClient) {
    this.#options = options;
    this.#client = client;
    this.#topics = new TopicTable(options.database, options.partitionCountOf ?? (() => 12));
    this.#membership = new Membership(options.database, options.logger);
    this.#outbox = new KafkaOutbox({
      database: options.database,
      client,
      logger: options.logger,
      kafkaTopicOf: (name) => this.#kafkaTopic(name),
    });
  }

  #kafkaTopic(topicName: string): string {
    return `${this.#options.topicPrefix ?? 'wattledger.'}${topicName}`;
  }

  /** Partitions of the topic, made here and in Kafka at its first use; within a transaction on its connection. */
  async #partitionCount<T>(topic: Topic<T>, transaction?: Transaction): Promise<number> {
    const count =
      transaction === undefined
        ? await this.#topics.partitionCount(topic)
        : await this.#topics.partitionCountWithin(transaction, topic);
    let ensured = this.#ensured.get(topic.name);
    if (ensured === undefined) {
      ensured = this.#ensure(topic, count);
      this.#ensured.set(topic.name, ensured);
      ensured.catch(() => this.#ensured.delete(topic.name));
    }
    await ensured;
    return count;
  }

  async #ensure<T>(topic: Topic<T>, wanted: number): Promise<void> {
    const found = await this.#client.ensureTopic(
      this.#kafkaTopic(topic.name),
      wanted,
      this.#options.replication ?? 1,
      {
        // trim() deletes, because it knows what the groups have processed; Kafka's own retention does not.
        'retention.ms': '-1',
        'retention.bytes': '-1',
        'cleanup.policy': topic.compacted ? 'compact' : 'delete',
        'max.message.bytes': '2100000',
        // Our clock says when a record was made; a simulated one may be ahead of the broker's.
        'message.timestamp.type': 'CreateTime',
        'message.timestamp.after.max.ms': '9223372036854775807',
        'message.timestamp.before.max.ms': '9223372036854775807',
      },
    );
    if (found !== wanted) {
      throw new OperatingError(
        'kafka-partitions-changed',
        `the topic ${this.#kafkaTopic(topic.name)} has ${found} partitions, made were ${wanted}: keys would go elsewhere and lose their order`,
        { retryable: false },
      );
    }
  }

  async append<T>(
    topic: Topic<T>,
    records: readonly NewRecord<T>[],
    transaction?: Transaction,
  ): Promise<void> {
    if (records.length === 0) return;
    if (this.#closing !== null) throw new Error('the event log is closed');
    const encoded = encodeRecords(topic, records);
    const partitionCount = await this.#partitionCount(topic, transaction);
    if (transaction !== undefined) {
      await runAppend(
        transaction,
        planAppend(topic.name, false, partitionCount, encoded),
        this.#options.clock.nowMs(),
      );
      afterCommit(transaction, () => this.#outbox.wake());
      return;
    }
    await this.#appenderOf(topic.name, partitionCount).group.append(encoded);
  }

  /** A producer has one transaction at a time, and a topic's appends come one group after the other: one writer each. */
  #appenderOf(topicName: string, partitionCount: number): TopicAppender {
    const known = this.#appenders.get(topicName);
    if (known !== undefined) return known;
    // An id of this process alone: nobody takes it over, it only makes several requests one.
    const writer = this.#client.transactionalWriter(`wattledger-${randomUUID()}`);
    const group = new GroupAppender(async (records) => {
      await this.#outbox.whenRelayed(topicName);
      const timestampMs = this.#options.clock.nowMs();
      const messages = records.map(({ key, json }) => ({
        partition: partitionOf(key, partitionCount),
        key,
        value: json,
        timestampMs,
      }));
      const bytes = records.reduce((sum, record) => sum + record.bytes, 0);
      const kafkaTopic = this.#kafkaTopic(topicName);
      // One request to one partition is atomic by itself.
      if (bytes <= requestBytesMax && new Set(messages.map((message) => message.partition)).size === 1)
        await this.#client.write(kafkaTopic, messages);
      else await writer.write(kafkaTopic, messages);
    });
    const appender = { group, writer };
    this.#appenders.set(topicName, appender);
    return appender;
  }

  async consume<T>(options: ConsumeOptions<T>): Promise<Consumer> {
    const { group, topic } = options;
    const { database, logger } = this.#options;
    const partitionCount = await this.#partitionCount(topic);
    const memberId = Membership.newMemberId();
    const runners = new Map<
      number,
      { readonly runner: PartitionRunner<T>; readonly source: KafkaSource<T> }
    >();
    const assign = async (partitions: readonly number[]): Promise<void> => {
      const gone = [...runners].filter(([partition]) => !partitions.includes(partition));
      await Promise.all(
        gone.map(async ([partition, { runner, source }]) => {
          runners.delete(partition);
          await runner.stop();
          await source.close();
        }),
      );
      for (const partition of partitions) {
        if (runners.has(partition)) continue;
        const source = new KafkaSource<T>(this.#client, this.#kafkaTopic(topic.name), partition, logger);
        const place = { group, topic: topic.name, partition };
        runners.set(partition, {
          source,
          runner: new PartitionRunner({
            place,
            consume: options,
            database,
            source,
            bell: new Bell(),
            logger,
          }),
        });
      }
    };
    await this.#membership.join({ memberId, group, topic: topic.name, partitionCount, assign });
    let stopping: Promise<void> | null = null;
    const consumer: Consumer = {
      stop: async () => {
        stopping ??= this.#membership.leave(memberId).finally(() => this.#consumers.delete(consumer));
        await stopping;
      },
    };
    this.#consumers.add(consumer);
    return consumer;
  }

  async tail<T>(topic: Topic<T>, handle: (records: readonly LogRecord<T>[]) => void): Promise<Consumer> {
    await this.#partitionCount(topic);
    const kafkaTopic = this.#kafkaTopic(topic.name);
    const ends = await this.#client.ends(kafkaTopic);
    let stopping = false;
    const follow = async (partition: number, from: number): Promise<void> => {
      const source = new KafkaSource<T>(this.#client, kafkaTopic, partition, this.#options.logger);
      const pause = new Bell();
      for (let next = from; !stopping;) {
        try {
          const records = await source.read(next, { recordsMax: 500, bytesMax: batchBytesMaxDefault });
          const last = records.at(-1);
          if (last === undefined) continue;
          next = last.offset + 1;
          handle(records);
        } catch (error) {
          if (!stopping)
            this.#options.logger.warn(
              { err: error, topic: topic.name },
              'the tail of a topic could not be read; trying again',
            );
          await pause.wait(longPollMs);
        }
      }
      await source.close();
    };
    const running = Promise.all(ends.map(async ({ partition, latest }) => await follow(partition, latest)));
    const consumer: Consumer = {
      stop: async () => {
        stopping = true;
        await running;
        this.#consumers.delete(consumer);
      },
    };
    this.#consumers.add(consumer);
    return consumer;
  }

  async lag<T>(group: string, topic: Topic<T>): Promise<Lag> {
    const { database } = this.#options;
    await this.#partitionCount(topic);
    // The outbox first: what leaves it meanwhile is then counted twice rather than not at all.
    const waiting = await outboxBacklog(database, topic.name);
    const positions = await positionsOf(database, topic.name, group);
    const kafkaTopic = this.#kafkaTopic(topic.name);
    let records = waiting.records;
    let head = waiting.records;
    let oldestMs = waiting.oldestMs;
    const reader = this.#client.reader(kafkaTopic);
    try {
      for (const { partition, earliest, latest } of await this.#client.ends(kafkaTopic)) {
        head += latest;
        const from = Math.max(positions.get(partition) ?? 0, earliest);
        if (from >= latest) continue;
        // Markers of transactions are offsets too: near the end only a look tells whether records are left.
        const peek = await reader.fetch(partition, from, lagPeekBytes, 0);
        const first = peek.records[0];
        records += peek.nextOffset >= latest ? peek.records.length : latest - from;
        if (first !== undefined) oldestMs = Math.min(oldestMs ?? Infinity, first.timestampMs);
      }
    } finally {
      await reader.close();
    }
    return { records, oldestMs, headOffset: head };
  }

  async rewind<T>(group: string, topic: Topic<T>): Promise<void> {
    await rewindGroup(this.#options.database, group, topic.name);
  }

  async trim(nowMs: number): Promise<void> {
    const { database } = this.#options;
    const known = await database.query<{ topic: string; retention_ms: number }>(
      'SELECT topic, retention_ms FROM event_log.topics WHERE retention_ms IS NOT NULL AND NOT compacted',
    );
    for (const { topic, retention_ms: retentionMs } of known.rows) {
      const kafkaTopic = this.#kafkaTopic(topic);
      const young = await this.#client.offsetsAt(kafkaTopic, nowMs - retentionMs);
      const processed = await leastPositions(database, topic);
      const ends = await this.#client.ends(kafkaTopic);
      const deletions = ends
        .map(({ partition, earliest, latest }) => ({
          partition,
          earliest,
          offset: Math.min(young[partition] ?? latest, processed.get(partition) ?? latest, latest),
        }))
        .filter(({ earliest, offset }) => offset > earliest);
      if (deletions.length > 0) await this.#client.deleteBefore(kafkaTopic, deletions);
    }
  }

  async close(): Promise<void> {
    this.#closing ??= (async () => {
      for (const consumer of [...this.#consumers]) await consumer.stop();
      for (const { group } of this.#appenders.values()) await group.idle();
      await this.#outbox.stop();
      await this.#membership.close();
      for (const { writer } of this.#appenders.values()) await writer.close();
      await this.#client.close();
    })();
    await this.#closing;
  }
}

async function positionsOf(
  database: Database,
  topicName: string,
  group: string,
): Promise<ReadonlyMap<number, number>> {
  const found = await database.query<{ partition: number; next_offset: number }>(
    'SELECT partition, next_offset FROM event_log.positions WHERE topic = $1 AND consumer_group = $2',
    [topicName, group],
  );
  return new Map(found.rows.map((row) => [row.partition, row.next_offset]));
}

/** What every known group has processed. */
async function leastPositions(database: Database, topicName: string): Promise<ReadonlyMap<number, number>> {
  const found = await database.query<{ partition: number; next_offset: number }>(
    'SELECT partition, min(next_offset) AS next_offset FROM event_log.positions WHERE topic = $1 GROUP BY partition',
    [topicName],
  );
  return new Map(found.rows.map((row) => [row.partition, row.next_offset]));
}

/**
 * Opens the log on a Kafka cluster. The database stays the caller's to close, after the log.
 * @throws OperatingError kafka-unreachable; event-log-moved when the database belongs to another log
 */
export async function openKafkaEventLog(options: KafkaEventLogOptions): Promise<EventLog> {
  await migrate(options.database, { schema: 'event_log', directory: new URL('./sql/', import.meta.url) });
  const client = new KafkaClient(options);
  try {
    await claimLogHome(options.database, `kafka:${await client.clusterId()}`);
  } catch (error) {
    await client.close();
    throw error;
  }
  return new KafkaEventLog(options, client);
}
