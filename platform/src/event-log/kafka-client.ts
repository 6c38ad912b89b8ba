// SPDX-License-Identifier: Apache-2.0
/**
 * The only file that knows the Kafka client library (@platformatic/kafka; why this one: docs/decisions/0003). What it
 * offers is what the adapter needs: durable appends, all-or-none appends, reads of one partition from an offset.
 */
import { types } from 'node:util';
import {
  Admin,
  Consumer,
  findErrorBy,
  Producer,
  type BaseOptions,
  type Message,
  type RecordsBatch,
} from '@platformatic/kafka';
import { OperatingError } from '../errors.ts';

export interface KafkaConnection {
  readonly brokers: readonly string[];
  readonly tls?: boolean;
  /** SASL/SCRAM-SHA-512. */
  readonly credentials?: { readonly username: string; readonly password: string } | null;
}

export interface KafkaMessage {
  readonly partition: number;
  readonly key: string;
  readonly value: string;
  readonly timestampMs: number;
  /** Position in the outbox, for records that came through it. */
  readonly outboxOffset?: number;
}

export interface FetchedRecord {
  readonly offset: number;
  readonly key: string;
  readonly value: string;
  readonly timestampMs: number;
  readonly outboxOffset: number | null;
}

export interface Fetched {
  readonly records: readonly FetchedRecord[];
  /** Where to read next: behind the last record and behind markers of transactions. */
  readonly nextOffset: number;
}

type TextProducer = Producer<string, string, string, string>;

const requestTimeoutMs = 15_000;
/**
 * A broker that restarts is away for some seconds: these attempts last about eight, then the caller hears of it. The first
 * come quickly, because a transaction right after another one is refused for some milliseconds.
 */
const retries = 14;
const retryDelayMs = (_client: object, _operation: string, attempt: number): number =>
  Math.min(5 * 2 ** attempt, 1_000);

/** Answers after which the records may be in the log all the same. */
const ambiguousAnswers: readonly string[] = [
  'NOT_LEADER_OR_FOLLOWER',
  'REQUEST_TIMED_OUT',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'UNKNOWN_SERVER_ERROR',
];

function mayHaveArrived(error: Error): boolean {
  if (findErrorBy(error, 'code', 'ECONNREFUSED') !== null) return false;
  const answers = answersIn(error);
  // Without an answer the connection was lost on the way there or back.
  return answers.length === 0 || answers.some((answer) => ambiguousAnswers.includes(answer));
}

function answersIn(error: Error): readonly string[] {
  const { apiId, errors } = error as { apiId?: string; errors?: readonly Error[] };
  return [...(apiId === undefined ? [] : [apiId]), ...(errors ?? []).flatMap(answersIn)];
}
const outboxHeader = 'outbox';
/** Attributes of a record batch (KIP-98). */
const transactionalBit = 0b01_0000;
const controlBit = 0b10_0000;
const readCommitted = 1;

const text = {
  key: (value?: string) => (value === undefined ? undefined : Buffer.from(value)),
  value: (value?: string) => (value === undefined ? undefined : Buffer.from(value)),
  headerKey: (value?: string) => (value === undefined ? undefined : Buffer.from(value)),
  headerValue: (value?: string) => (value === undefined ? undefined : Buffer.from(value)),
};

function asKafkaError(error: unknown): unknown {
  if (!types.isNativeError(error) || error instanceof OperatingError) return error;
  return new OperatingError(
    'kafka-unreachable',
    `Kafka did not do what it was asked: ${[...new Set(messagesOf(error))].join('; ')}`,
    { retryable: true, cause: error },
  );
}

function messagesOf(error: Error): readonly string[] {
  return Array.isArray((error as AggregateError).errors) && (error as AggregateError).errors.length > 0
    ? ((error as AggregateError).errors as Error[]).flatMap(messagesOf)
    : [error.message];
}

function toMessage(
  topic: string,
  { partition, key, value, timestampMs, outboxOffset }: KafkaMessage,
): { topic: string } & Pick<Message<string, string>, 'partition' | 'key' | 'value' | 'timestamp'> {
  return {
    topic,
    partition,
    key,
    value,
    timestamp: BigInt(timestampMs),
    ...(outboxOffset === undefined ? {} : { headers: { [outboxHeader]: String(outboxOffset) } }),
  };
}

/**
 * Records of one partition's batches that a committed reader may see, in order. Kafka sends the batches of aborted
 * transactions too, with a list of them: from its first offset to its abort marker a producer's batches are skipped.
 */
export function committedRecords(
  batches: readonly RecordsBatch[],
  aborted: readonly { readonly producerId: bigint; readonly firstOffset: bigint }[],
  from: number,
): Fetched {
  const records: FetchedRecord[] = [];
  const pending = [...aborted].sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  const aborting = new Set<bigint>();
  let nextOffset = from;
  for (const batch of batches) {
    const lastOffset = batch.firstOffset + BigInt(batch.lastOffsetDelta);
    while (pending[0] !== undefined && pending[0].firstOffset <= lastOffset)
      aborting.add((pending.shift() as { producerId: bigint }).producerId);
    nextOffset = Math.max(nextOffset, Number(lastOffset) + 1);
    if ((batch.attributes & controlBit) !== 0) {
      aborting.delete(batch.producerId);
      continue;
    }
    if ((batch.attributes & transactionalBit) !== 0 && aborting.has(batch.producerId)) continue;
    for (const record of batch.records) {
      const offset = Number(batch.firstOffset) + record.offsetDelta;
      if (offset < from || record.key === null || record.value === null) continue;
      const header = record.headers.find(([name]) => name?.toString() === outboxHeader)?.[1];
      records.push({
        offset,
        key: record.key.toString(),
        value: record.value.toString(),
        timestampMs: Number(batch.firstTimestamp + record.timestampDelta),
        outboxOffset: header === undefined || header === null ? null : Number(header.toString()),
      });
    }
  }
  return { records, nextOffset };
}

/** Reads partitions of one topic; one request at a time. */
export class KafkaReader {
  readonly #consumer: Consumer;
  readonly #topic: string;

  constructor(consumer: Consumer, topic: string) {
    this.#consumer = consumer;
    this.#topic = topic;
  }

  /**
   * Waits up to `waitMs` for records from an offset on; at most about `bytesMax` bytes, at least one record batch.
   * @throws OperatingError kafka-offset-gone when the offset is before the oldest or behind the newest record
   */
  async fetch(partition: number, from: number, bytesMax: number, waitMs: number): Promise<Fetched> {
    try {
      const metadata = await this.#consumer.metadata({ topics: [this.#topic] });
      const topic = metadata.topics.get(this.#topic);
      const leader = topic?.partitions[partition]?.leader;
      if (topic === undefined || leader === undefined)
        throw new OperatingError('kafka-unreachable', `${this.#topic}/${partition} has no leader`, {
          retryable: true,
        });
      const answer = await this.#consumer.fetch({
        node: leader,
        minBytes: 1,
        maxBytes: bytesMax,
        maxWaitTime: waitMs,
        isolationLevel: readCommitted,
        topics: [
          {
            topicId: topic.id,
            partitions: [
              {
                partition,
                currentLeaderEpoch: -1,
                fetchOffset: BigInt(from),
                lastFetchedEpoch: -1,
                partitionMaxBytes: bytesMax,
              },
            ],
          },
        ],
      });
      const found = answer.responses
        .flatMap((response) => response.partitions)
        .find((answered) => answered.partitionIndex === partition);
      return committedRecords(found?.records ?? [], found?.abortedTransactions ?? [], from);
    } catch (error) {
      if (types.isNativeError(error) && findErrorBy(error, 'apiId', 'OFFSET_OUT_OF_RANGE') !== null) {
        throw new OperatingError('kafka-offset-gone', `${this.#topic}/${partition} has no offset ${from}`, {
          retryable: true,
          cause: error,
        });
      }
      throw asKafkaError(error);
    }
  }

  async close(): Promise<void> {
    await this.#consumer.close(true).catch(() => undefined);
  }
}

type RetryDelay = (
  client: object,
  operation: string,
  attempt: number,
  retries: number,
  error: Error,
) => number;

/**
 * A producer of one topic that is thrown away after a failure: its sequence numbers are then unknown.
 *
 * A broker that stops may have written what it answers NOT_LEADER to, and knows no more of the producer's numbers when it
 * is back: the same records sent again are then there twice (seen with Kafka 4.1.1 in one restart of ten). So once the
 * topic has been written to, nothing is sent again that may have arrived: the producer is closed, which ends its retries,
 * and the caller hears of it. Before that the same answer means that a new topic has no leader yet.
 */
class Producing {
  readonly #make: (retryDelay: RetryDelay) => TextProducer;
  #producer: TextProducer | null = null;
  #proven = false;

  constructor(make: (retryDelay: RetryDelay) => TextProducer) {
    this.#make = make;
  }

  readonly #retryDelay: RetryDelay = (client, operation, attempt, _retries, error) => {
    if (this.#proven && operation === 'produce' && mayHaveArrived(error))
      void (client as TextProducer).close(true).catch(() => undefined);
    return retryDelayMs(client, operation, attempt);
  };

  async use<T>(work: (producer: TextProducer) => Promise<T>): Promise<T> {
    const producer = (this.#producer ??= this.#make(this.#retryDelay));
    try {
      const result = await work(producer);
      this.#proven = true;
      return result;
    } catch (error) {
      if (this.#producer === producer) this.#producer = null;
      await producer.close(true).catch(() => undefined);
      throw asKafkaError(error);
    }
  }

  async close(): Promise<void> {
    await this.#producer?.close(true).catch(() => undefined);
    this.#producer = null;
  }
}

/** Appends in Kafka transactions under one transactional id: taking the id over fences whoever held it. */
export class TransactionalWriter {
  readonly #producing: Producing;

  constructor(make: (retryDelay: RetryDelay) => TextProducer) {
    this.#producing = new Producing(make);
  }

  /** All messages or none. @throws OperatingError kafka-unreachable, also when another process has taken the id over */
  async write(topic: string, messages: readonly KafkaMessage[]): Promise<void> {
    await this.#producing.use(async (producer) => {
      const transaction = await producer.beginTransaction();
      await transaction.send({ messages: messages.map((message) => toMessage(topic, message)) });
      await transaction.commit();
    });
  }

  /** Ends a transaction that an earlier holder of the id left open, and fences it. */
  async takeOver(): Promise<void> {
    await this.#producing.use(async (producer) => {
      const transaction = await producer.beginTransaction();
      await transaction.cancel();
    });
  }

  async close(): Promise<void> {
    await this.#producing.close();
  }
}

export interface PartitionEnds {
  readonly partition: number;
  readonly earliest: number;
  readonly latest: number;
}

export class KafkaClient {
  readonly #options: BaseOptions;
  readonly #admin: Admin;
  /** For offsets; never joins a group. */
  readonly #offsets: Consumer;
  readonly #direct = new Map<string, Producing>();

  constructor(connection: KafkaConnection) {
    this.#options = {
      clientId: 'wattledger',
      bootstrapBrokers: [...connection.brokers],
      timeout: requestTimeoutMs,
      retries,
      retryDelay: retryDelayMs,
      ...(connection.tls === true ? { tls: {} } : {}),
      ...(connection.credentials === null || connection.credentials === undefined
        ? {}
        : { sasl: { mechanism: 'SCRAM-SHA-512' as const, ...connection.credentials } }),
    };
    this.#admin = new Admin(this.#options);
    this.#offsets = new Consumer({ ...this.#options, groupId: 'wattledger-offsets' });
  }

  #producer(retryDelay: RetryDelay, transactionalId?: string): TextProducer {
    return new Producer<string, string, string, string>({
      ...this.#options,
      retryDelay,
      // The library's own second try after stale metadata is such a repetition too.
      repeatOnStaleMetadata: false,
      idempotent: true,
      acks: -1,
      compression: 'lz4',
      serializers: text,
      // "No producer id yet": the library's default of 0 is taken for an old one and refused.
      producerId: -1n,
      producerEpoch: -1,
      ...(transactionalId === undefined ? {} : { transactionalId }),
    });
  }

  /** Names the cluster, so that positions of one are never used with another. */
  async clusterId(): Promise<string> {
    try {
      return (await this.#admin.metadata({ topics: [] })).id;
    } catch (error) {
      throw asKafkaError(error);
    }
  }

  /** Makes a topic unless it is there; answers with its number of partitions. */
  async ensureTopic(
    topic: string,
    partitions: number,
    replicas: number,
    configs: Readonly<Record<string, string>>,
  ): Promise<number> {
    try {
      await this.#admin.createTopics({
        topics: [topic],
        partitions,
        replicas,
        configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
      });
    } catch (error) {
      if (!types.isNativeError(error) || findErrorBy(error, 'apiId', 'TOPIC_ALREADY_EXISTS') === null)
        throw asKafkaError(error);
    }
    try {
      const metadata = await this.#admin.metadata({ topics: [topic], forceUpdate: true });
      return metadata.topics.get(topic)?.partitionsCount ?? partitions;
    } catch (error) {
      throw asKafkaError(error);
    }
  }

  /** One request to one partition, written whole or not at all; durable on all in-sync replicas when it answers. */
  async write(topic: string, messages: readonly KafkaMessage[]): Promise<void> {
    let producing = this.#direct.get(topic);
    if (producing === undefined)
      this.#direct.set(topic, (producing = new Producing((retryDelay) => this.#producer(retryDelay))));
    await producing.use(
      async (producer) =>
        await producer.send({ messages: messages.map((message) => toMessage(topic, message)) }),
    );
  }

  transactionalWriter(transactionalId: string): TransactionalWriter {
    return new TransactionalWriter((retryDelay) => this.#producer(retryDelay, transactionalId));
  }

  reader(topic: string): KafkaReader {
    const consumer = new Consumer({ ...this.#options, groupId: `wattledger-reader-${topic}` });
    return new KafkaReader(consumer, topic);
  }

  /** Oldest and next offset of each partition; the next one behind markers and open transactions excluded. */
  async ends(topic: string): Promise<readonly PartitionEnds[]> {
    try {
      const [earliest, latest] = await Promise.all([
        this.#offsets.listOffsets({ topics: [topic], timestamp: -2n, isolationLevel: readCommitted }),
        this.#offsets.listOffsets({ topics: [topic], timestamp: -1n, isolationLevel: readCommitted }),
      ]);
      return (latest.get(topic) ?? []).map((offset, partition) => ({
        partition,
        earliest: Number(earliest.get(topic)?.[partition] ?? 0n),
        latest: Number(offset),
      }));
    } catch (error) {
      throw asKafkaError(error);
    }
  }

  /** First offset of each partition whose record is not older than the instant; null when all are older. */
  async offsetsAt(topic: string, instantMs: number): Promise<readonly (number | null)[]> {
    try {
      const found = await this.#offsets.listOffsets({
        topics: [topic],
        timestamp: BigInt(Math.max(0, Math.floor(instantMs))),
        isolationLevel: readCommitted,
      });
      return (found.get(topic) ?? []).map((offset) => (offset < 0n ? null : Number(offset)));
    } catch (error) {
      throw asKafkaError(error);
    }
  }

  async deleteBefore(
    topic: string,
    offsets: readonly { readonly partition: number; readonly offset: number }[],
  ): Promise<void> {
    try {
      await this.#admin.deleteRecords({
        topics: [
          {
            name: topic,
            partitions: offsets.map(({ partition, offset }) => ({ partition, offset: BigInt(offset) })),
          },
        ],
      });
    } catch (error) {
      throw asKafkaError(error);
    }
  }

  async close(): Promise<void> {
    for (const producing of this.#direct.values()) await producing.close();
    await this.#offsets.close(true).catch(() => undefined);
    await this.#admin.close().catch(() => undefined);
  }
}
