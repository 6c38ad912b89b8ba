// SPDX-License-Identifier: Apache-2.0
/** The built-in event log: topics as rows of Postgres. See README.md of this folder for what it promises. */
import type { Topic } from '@wattledger/contracts';
import type { Logger } from 'pino';
import { afterCommit } from '../database/postgres-database.ts';
import { migrate } from '../database/migrate.ts';
import type { Database, Transaction } from '../database/port.ts';
import type { Clock } from '../service/port.ts';
import { claimLogHome } from './log-home.ts';
import { Membership } from './membership.ts';
import { PartitionRunner } from './partition-runner.ts';
import type { ConsumeOptions, Consumer, EventLog, Lag, LogRecord, NewRecord } from './port.ts';
import { GroupAppender, planAppend, runAppend } from './postgres-append.ts';
import { readRecords } from './postgres-read.ts';
import { lagOf, rewindGroup, trimTopics } from './postgres-upkeep.ts';
import { batchBytesMaxDefault, encodeRecords, type EncodedRecord } from './record-limits.ts';
import { TopicTable } from './topic-table.ts';
import { pollMs, WakeUp } from './wake-up.ts';

export interface PostgresEventLogOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Partitions of a topic that is made now. One is right for one process; several let several processes share the work. */
  readonly partitionCountOf?: (topicName: string) => number;
}

const tailRecordsMax = 500;

class PostgresEventLog implements EventLog {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #topics: TopicTable;
  readonly #wakeUp: WakeUp;
  readonly #membership: Membership;
  readonly #appenders = new Map<string, GroupAppender>();
  readonly #consumers = new Set<Consumer>();
  #closing: Promise<void> | null = null;

  constructor({ database, clock, logger, partitionCountOf }: PostgresEventLogOptions) {
    this.#database = database;
    this.#clock = clock;
    this.#logger = logger;
    this.#topics = new TopicTable(database, partitionCountOf ?? (() => 1));
    this.#wakeUp = new WakeUp(database, (error) =>
      logger.debug({ err: error }, 'a wake-up was lost; polling covers it'),
    );
    this.#membership = new Membership(database, logger);
  }

  async append<T>(
    topic: Topic<T>,
    records: readonly NewRecord<T>[],
    transaction?: Transaction,
  ): Promise<void> {
    if (records.length === 0) return;
    if (this.#closing !== null) throw new Error('the event log is closed');
    const encoded = encodeRecords(topic, records);
    if (transaction !== undefined) {
      const partitionCount = await this.#topics.partitionCountWithin(transaction, topic);
      await runAppend(
        transaction,
        planAppend(topic.name, topic.compacted, partitionCount, encoded),
        this.#clock.nowMs(),
      );
      afterCommit(transaction, () => this.#wakeUp.grown(topic.name));
      return;
    }
    const partitionCount = await this.#topics.partitionCount(topic);
    let appender = this.#appenders.get(topic.name);
    if (appender === undefined) {
      appender = new GroupAppender(async (group) => await this.#writeGroup(topic, partitionCount, group));
      this.#appenders.set(topic.name, appender);
    }
    await appender.append(encoded);
  }

  async #writeGroup<T>(
    topic: Topic<T>,
    partitionCount: number,
    records: readonly EncodedRecord[],
  ): Promise<void> {
    const plan = planAppend(topic.name, topic.compacted, partitionCount, records);
    const nowMs = this.#clock.nowMs();
    // A single statement commits by itself and saves two round trips.
    if (plan.statements.length === 1) await runAppend(this.#database, plan, nowMs);
    else await this.#database.transaction(async (transaction) => await runAppend(transaction, plan, nowMs));
    this.#wakeUp.grown(topic.name);
  }

  async consume<T>(options: ConsumeOptions<T>): Promise<Consumer> {
    const { group, topic } = options;
    const partitionCount = await this.#topics.partitionCount(topic);
    const memberId = Membership.newMemberId();
    const runners = new Map<number, { readonly runner: PartitionRunner<T>; readonly end: () => void }>();
    const start = async (partition: number): Promise<void> => {
      const { bell, end } = await this.#wakeUp.subscribe(topic.name);
      const source = {
        longPolls: false,
        read: async (from: number, limits: { recordsMax: number; bytesMax: number }) =>
          await readRecords<T>(this.#database, topic.name, partition, from, limits),
      };
      const place = { group, topic: topic.name, partition };
      runners.set(partition, {
        runner: new PartitionRunner({
          place,
          consume: options,
          database: this.#database,
          source,
          bell,
          logger: this.#logger,
        }),
        end,
      });
    };
    const assign = async (partitions: readonly number[]): Promise<void> => {
      const gone = [...runners].filter(([partition]) => !partitions.includes(partition));
      await Promise.all(
        gone.map(async ([partition, { runner, end }]) => {
          runners.delete(partition);
          await runner.stop();
          end();
        }),
      );
      for (const partition of partitions) if (!runners.has(partition)) await start(partition);
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
    await this.#topics.partitionCount(topic);
    const { bell, end } = await this.#wakeUp.subscribe(topic.name);
    const heads = await this.#database.query<{ partition: number; next_offset: number }>(
      'SELECT partition, next_offset FROM event_log.partitions WHERE topic = $1 ORDER BY partition',
      [topic.name],
    );
    const next = new Map(heads.rows.map((row) => [row.partition, row.next_offset]));
    let stopping = false;
    const loop = async (): Promise<void> => {
      while (!stopping) {
        try {
          for (const [partition, from] of next) {
            const records = await readRecords<T>(this.#database, topic.name, partition, from, {
              recordsMax: tailRecordsMax,
              bytesMax: batchBytesMaxDefault,
            });
            const last = records.at(-1);
            if (last === undefined) continue;
            next.set(partition, last.offset + 1);
            handle(records);
            bell.ring();
          }
        } catch (error) {
          if (!stopping)
            this.#logger.warn(
              { err: error, topic: topic.name },
              'the tail of a topic could not be read; trying again',
            );
        }
        if (!stopping) await bell.wait(pollMs);
      }
    };
    const running = loop();
    const consumer: Consumer = {
      stop: async () => {
        stopping = true;
        bell.ring();
        await running;
        end();
        this.#consumers.delete(consumer);
      },
    };
    this.#consumers.add(consumer);
    return consumer;
  }

  async lag<T>(group: string, topic: Topic<T>): Promise<Lag> {
    return await lagOf(this.#database, group, topic.name);
  }

  async rewind<T>(group: string, topic: Topic<T>): Promise<void> {
    await rewindGroup(this.#database, group, topic.name);
  }

  async trim(nowMs: number): Promise<void> {
    await trimTopics(this.#database, nowMs);
  }

  async close(): Promise<void> {
    this.#closing ??= (async () => {
      for (const consumer of [...this.#consumers]) await consumer.stop();
      for (const appender of this.#appenders.values()) await appender.idle();
      await this.#membership.close();
      await this.#wakeUp.close();
    })();
    await this.#closing;
  }
}

/**
 * Opens the log on a database; makes or migrates its tables. The database stays the caller's to close, after the log.
 * @throws OperatingError event-log-moved when the database belongs to a log on Kafka
 */
export async function openPostgresEventLog(options: PostgresEventLogOptions): Promise<EventLog> {
  await migrate(options.database, { schema: 'event_log', directory: new URL('./sql/', import.meta.url) });
  await claimLogHome(options.database, 'postgres');
  return new PostgresEventLog(options);
}
