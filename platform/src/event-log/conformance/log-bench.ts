// SPDX-License-Identifier: Apache-2.0
/** What the parts of the conformance suite share: processes of a log under test, topics nobody has used, effects in a table. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import type { Topic } from '@wattledger/contracts';
import { z } from 'zod';
import type { TestClock } from '../../clock/clock.ts';
import type { Database } from '../../database/port.ts';
import type { Consumer, ConsumeOptions, EventLog, NewRecord, RecordBatch } from '../port.ts';

export interface EventLogHarness {
  readonly database: Database;
  readonly clock: TestClock;
  /** One more process: its own connections and consumers. */
  open(): Promise<EventLog>;
  /** JSON argument for killed-consumer.ts. */
  readonly childArgument: string;
  /** Breaks every connection to the log's server, or restarts it. */
  restartServer(): Promise<void>;
  stop(): Promise<void>;
}

export interface ConformanceOptions {
  readonly name: string;
  readonly start: (partitionCountOf: (topicName: string) => number) => Promise<EventLogHarness>;
  /** Kafka's broker compacts when it sees fit, so there is no moment at which the old records are gone. */
  readonly compaction: 'by trim' | 'by the broker';
}

const valueShape = z.object({ n: z.number(), text: z.string() });
export type TestValue = z.infer<typeof valueShape>;
export const dayMs = 86_400_000;
const waitMsMax = 60_000;

let topicNumber = 0;
/** A topic nobody has used. Names that end with -x4 have four partitions. */
export function newTopic(
  options: {
    readonly partitions?: 4;
    readonly compacted?: boolean;
    readonly retentionMs?: number | null;
  } = {},
): Topic<TestValue> {
  topicNumber += 1;
  return {
    name: `test-${process.pid}-${topicNumber}${options.partitions === 4 ? '-x4' : ''}`,
    key: 'key',
    shape: valueShape,
    retentionMs: options.retentionMs === undefined ? dayMs : options.retentionMs,
    compacted: options.compacted ?? false,
  };
}
export const record = (n: number, key = 'k', text = ''): NewRecord<TestValue> => ({
  key,
  value: { n, text },
});

export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const began = performance.now();
  while (!(await holds())) {
    if (performance.now() - began > waitMsMax) throw new Error(`waited in vain for: ${what}`);
    await sleep(10);
  }
}

/** The effects table: what handlers wrote, in the order of writing. */
export interface Effect {
  readonly key: string;
  readonly n: number;
  readonly record_offset: number;
  readonly partition: number;
  readonly who: string;
}

export interface LogBench {
  /** Made before the first test. */
  readonly harness: EventLogHarness;
  /** One more process; closed after the test. */
  openLog(): Promise<EventLog>;
  /** A consumer of group g that writes its effects as `who`. */
  consume(
    log: EventLog,
    topic: Topic<TestValue>,
    options?: Partial<ConsumeOptions<TestValue>> & { readonly who?: string },
  ): Promise<Consumer>;
  /** Writes the effects of a batch and its position in one transaction. */
  writeEffects(batch: RecordBatch<TestValue>, who: string): Promise<void>;
  effectsOf(topic: Topic<TestValue>): Promise<readonly Effect[]>;
  untilEffects(topic: Topic<TestValue>, count: number): Promise<void>;
}

/** Sets up what every test of a describe block needs. */
export function createLogBench(start: ConformanceOptions['start']): LogBench {
  let harness: EventLogHarness | undefined;
  const open: EventLog[] = [];
  beforeAll(async () => {
    harness = await start((topicName) => (topicName.endsWith('-x4') ? 4 : 1));
    await harness.database.query(
      'CREATE TABLE effects (id bigserial, topic text, who text, key text, n integer, partition integer, record_offset bigint)',
    );
  }, 120_000);
  afterEach(async () => {
    for (const log of open.splice(0)) await log.close();
  }, 60_000);
  afterAll(async () => {
    await harness?.stop();
  }, 60_000);
  const started = (): EventLogHarness => {
    if (harness === undefined) throw new Error('the harness is made before the first test');
    return harness;
  };
  const bench: LogBench = {
    get harness() {
      return started();
    },
    openLog: async () => {
      const log = await started().open();
      open.push(log);
      return log;
    },
    writeEffects: async (batch, who) => await writeEffects(started().database, batch, who),
    effectsOf: async (topic) =>
      (
        await started().database.query<Effect>(
          'SELECT key, n, record_offset, partition, who FROM effects WHERE topic = $1 ORDER BY id',
          [topic.name],
        )
      ).rows,
    consume: async (log, topic, { who = 'a', ...rest } = {}) =>
      await log.consume({
        group: 'g',
        topic,
        recordsMax: 100,
        handle: async (batch) => await bench.writeEffects(batch, who),
        ...rest,
      }),
    untilEffects: async (topic, count) =>
      await until(
        `${count} effects of ${topic.name}`,
        async () => (await bench.effectsOf(topic)).length >= count,
      ),
  };
  return bench;
}

async function writeEffects(database: Database, batch: RecordBatch<TestValue>, who: string): Promise<void> {
  await database.transaction(async (transaction) => {
    await transaction.query(
      `INSERT INTO effects (topic, who, key, n, partition, record_offset)
       SELECT $1, $2, e.key, e.n, $3, e.record_offset
       FROM unnest($4::text[], $5::integer[], $6::bigint[]) WITH ORDINALITY AS e (key, n, record_offset, position) ORDER BY e.position`,
      [
        batch.topic,
        who,
        batch.partition,
        batch.records.map((r) => r.key),
        batch.records.map((r) => r.value.n),
        batch.records.map((r) => r.offset),
      ],
    );
    await batch.commit(transaction);
  });
}
