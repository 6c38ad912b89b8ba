// SPDX-License-Identifier: Apache-2.0
/**
 * What every event log promises, asked of each adapter. Instances opened by a harness stand for processes: they share
 * the stores and nothing else. A killed process is a real one.
 */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Topic } from '@wattledger/contracts';
import fc from 'fast-check';
import { z } from 'zod';
import type { TestClock } from '../clock/clock.ts';
import { OperatingError } from '../errors.ts';
import type { Database } from '../database/port.ts';
import type { Consumer, ConsumeOptions, EventLog, LogRecord, NewRecord, RecordBatch } from './port.ts';
import { PositionMovedError } from './positions.ts';

export interface EventLogHarness {
  readonly database: Database;
  readonly clock: TestClock;
  /** One more process: its own connections and consumers. */
  open(): Promise<EventLog>;
  /** JSON argument for conformance-child.ts. */
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
const day = 86_400_000;
const waitMsMax = 60_000;

let topicNumber = 0;
/** A topic nobody has used. Names that end with -x4 have four partitions. */
function newTopic(
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
    retentionMs: options.retentionMs === undefined ? day : options.retentionMs,
    compacted: options.compacted ?? false,
  };
}
const record = (n: number, key = 'k', text = ''): NewRecord<TestValue> => ({ key, value: { n, text } });

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const began = performance.now();
  while (!(await holds())) {
    if (performance.now() - began > waitMsMax) throw new Error(`waited in vain for: ${what}`);
    await sleep(10);
  }
}

/** The effects table: what handlers wrote, in the order of writing. */
interface Effect {
  readonly key: string;
  readonly n: number;
  readonly record_offset: number;
  readonly partition: number;
  readonly who: string;
}

export function eventLogConformance({ name, start, compaction }: ConformanceOptions): void {
  describe(`event log: ${name}`, () => {
    let harness: EventLogHarness;
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
      await harness.stop();
    }, 60_000);

    async function openLog(): Promise<EventLog> {
      const log = await harness.open();
      open.push(log);
      return log;
    }

    /** Writes the effects of a batch and its position in one transaction. */
    async function writeEffects(batch: RecordBatch<TestValue>, who: string): Promise<void> {
      await harness.database.transaction(async (transaction) => {
        await transaction.query(
          `INSERT INTO effects (topic, who, key, n, partition, record_offset)
           SELECT $1, $2, e.key, e.n, $3, e.record_offset FROM unnest($4::text[], $5::integer[], $6::bigint[]) WITH ORDINALITY AS e (key, n, record_offset, position) ORDER BY e.position`,
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
    async function effectsOf(topic: Topic<TestValue>): Promise<readonly Effect[]> {
      return (
        await harness.database.query<Effect>(
          'SELECT key, n, record_offset, partition, who FROM effects WHERE topic = $1 ORDER BY id',
          [topic.name],
        )
      ).rows;
    }
    async function consume(
      log: EventLog,
      topic: Topic<TestValue>,
      options: Partial<ConsumeOptions<TestValue>> & { readonly who?: string } = {},
    ): Promise<Consumer> {
      const { who = 'a', ...rest } = options;
      return await log.consume({
        group: 'g',
        topic,
        recordsMax: 100,
        handle: async (batch) => await writeEffects(batch, who),
        ...rest,
      });
    }
    const untilEffects = async (topic: Topic<TestValue>, count: number): Promise<void> =>
      await until(`${count} effects of ${topic.name}`, async () => (await effectsOf(topic)).length >= count);

    test('nothing is lost, nothing doubled, and each key stays in order, whatever the sizes of appends and batches', async () => {
      const log = await openLog();
      await fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.array(fc.tuple(fc.constantFrom('a', 'b', 'ä中', 'd/e'), fc.integer({ min: 0, max: 3_000 })), {
              minLength: 1,
              maxLength: 40,
            }),
            { minLength: 1, maxLength: 8 },
          ),
          fc.integer({ min: 1, max: 50 }),
          fc.boolean(),
          async (appends, recordsMax, four) => {
            const topic = newTopic(four ? { partitions: 4 } : {});
            let n = 0;
            const numbered = appends.map((keys) =>
              keys.map(([key, length]) => record((n += 1), key, 'x'.repeat(length))),
            );
            // Appends of one caller that does not wait: order of calls is order in the log.
            await Promise.all(numbered.map(async (records) => await log.append(topic, records)));
            const consumer = await consume(log, topic, { recordsMax });
            await untilEffects(topic, n);
            await consumer.stop();
            const effects = await effectsOf(topic);
            for (const key of new Set(effects.map((effect) => effect.key))) {
              const wanted = numbered
                .flat()
                .filter((r) => r.key === key)
                .map((r) => r.value.n);
              expect(effects.filter((effect) => effect.key === key).map((effect) => effect.n)).toEqual(
                wanted,
              );
              expect(
                new Set(effects.filter((effect) => effect.key === key).map((effect) => effect.partition))
                  .size,
              ).toBe(1);
            }
            expect(effects).toHaveLength(n);
          },
        ),
        { numRuns: 15 },
      );
    }, 120_000);

    test('many writers at once: every acknowledged record arrives once, each writer in order', async () => {
      const topic = newTopic({ partitions: 4 });
      const writers = await Promise.all([openLog(), openLog()]);
      const consumer = await consume(await openLog(), topic);
      await Promise.all(
        writers.flatMap((log, process) =>
          ['p', 'q', 'r'].map(async (name) => {
            for (let n = 0; n < 60; n += 1) await log.append(topic, [record(n, `${process}${name}`)]);
          }),
        ),
      );
      await untilEffects(topic, 360);
      await consumer.stop();
      const effects = await effectsOf(topic);
      expect(effects).toHaveLength(360);
      for (const key of ['0p', '0q', '0r', '1p', '1q', '1r'])
        expect(effects.filter((effect) => effect.key === key).map((effect) => effect.n)).toEqual(
          Array.from({ length: 60 }, (_, n) => n),
        );
    }, 120_000);

    test('a batch keeps within its limits and says where it begins and ends', async () => {
      const topic = newTopic();
      const log = await openLog();
      harness.clock.set(1_777_000_000_000);
      await log.append(
        topic,
        Array.from({ length: 25 }, (_, n) => record(n, 'k', 'x'.repeat(1_000))),
      );
      const sizes: number[] = [];
      let expected = 0;
      const consumer = await consume(log, topic, {
        recordsMax: 7,
        handle: async (batch) => {
          expect(batch).toMatchObject({
            topic: topic.name,
            partition: 0,
            firstOffset: expected,
            nextOffset: expected + batch.records.length,
          });
          expect(batch.records.map((r) => r.offset)).toEqual(
            batch.records.map((_, index) => expected + index),
          );
          expect(batch.records[0]).toMatchObject({
            key: 'k',
            recordedAtMs: 1_777_000_000_000,
            value: { n: expected },
          });
          sizes.push(batch.records.length);
          await writeEffects(batch, 'a');
          expected = batch.nextOffset;
        },
      });
      await untilEffects(topic, 25);
      await consumer.stop();
      expect(Math.max(...sizes)).toBeLessThanOrEqual(7);
    }, 60_000);

    test('a handler that throws sees the same records again, and a handler that commits nothing has not processed them', async () => {
      const topic = newTopic();
      const log = await openLog();
      await log.append(topic, [record(1), record(2), record(3)]);
      const seen: number[][] = [];
      const consumer = await consume(log, topic, {
        handle: async (batch) => {
          seen.push(batch.records.map((r) => r.value.n));
          if (seen.length === 1) throw new Error('handler fails before its transaction');
          if (seen.length === 2) return;
          if (seen.length === 3) {
            const rolledBack = harness.database.transaction(async (transaction) => {
              await transaction.query('INSERT INTO effects (topic, who, n) VALUES ($1, $2, 99)', [
                topic.name,
                'undone',
              ]);
              await batch.commit(transaction);
              throw new Error('the transaction fails after the position was moved in it');
            });
            // Even a handler that hides the failure has not processed the batch.
            await rolledBack.catch(() => undefined);
            return;
          }
          await writeEffects(batch, 'a');
        },
      });
      await untilEffects(topic, 3);
      await consumer.stop();
      expect(seen.length).toBeGreaterThanOrEqual(4);
      for (const numbers of seen.slice(0, 4)) expect(numbers).toEqual(seen[0]);
      expect((await effectsOf(topic)).map((effect) => effect.n)).toEqual([1, 2, 3]);
    }, 60_000);

    test('a process that is killed between the effects and the commit leaves nothing; another takes over', async () => {
      const topic = newTopic();
      const log = await openLog();
      await log.append(
        topic,
        Array.from({ length: 10 }, (_, n) => record(n)),
      );
      const child = spawn(
        process.execPath,
        [
          fileURLToPath(new URL('./conformance-child.ts', import.meta.url)),
          harness.childArgument,
          topic.name,
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      await new Promise<void>((resolve, reject) => {
        let text = '';
        child.stdout.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          if (text.includes('in the transaction')) resolve();
        });
        child.once('exit', (code) => reject(new Error(`the child ended with code ${code}: ${text}`)));
      });
      const consumer = await consume(log, topic, { who: 'heir' });
      await sleep(300);
      expect(await effectsOf(topic)).toEqual([]);
      child.removeAllListeners('exit');
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
      await untilEffects(topic, 10);
      await consumer.stop();
      expect((await effectsOf(topic)).map((effect) => [effect.n, effect.who])).toEqual(
        Array.from({ length: 10 }, (_, n) => [n, 'heir']),
      );
    }, 90_000);

    test('a consumer that lost its partition while it was busy cannot make its effects stay', async () => {
      const topic = newTopic();
      const [slow, heir] = await Promise.all([openLog(), openLog()]);
      await slow.append(topic, [record(1), record(2)]);
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      let outcome: unknown;
      const zombie = await consume(slow, topic, {
        who: 'zombie',
        handle: async (batch) => {
          await held;
          try {
            await writeEffects(batch, 'zombie');
          } catch (error) {
            outcome ??= error;
            throw error;
          }
        },
      });
      await until(
        'the slow one has a batch',
        async () =>
          (await harness.database.query('SELECT 1 FROM event_log.leases WHERE topic = $1', [topic.name]))
            .rowCount > 0,
      );
      await sleep(200);
      // As if it had been silent for too long.
      await harness.database.query('DELETE FROM event_log.members WHERE topic = $1', [topic.name]);
      const consumer = await consume(heir, topic, { who: 'heir' });
      await untilEffects(topic, 2);
      release();
      await until('the zombie was told', () => outcome !== undefined);
      expect(outcome).toBeInstanceOf(PositionMovedError);
      await Promise.all([zombie.stop(), consumer.stop()]);
      expect((await effectsOf(topic)).map((effect) => effect.who)).toEqual(['heir', 'heir']);
    }, 60_000);

    test('a slow consumer holds up nobody: appends go on, others read on, and it gets everything in the end', async () => {
      const topic = newTopic();
      const log = await openLog();
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      const slow = await consume(log, topic, {
        group: 'slow',
        recordsMax: 10,
        bytesMax: 200_000,
        handle: async (batch) => {
          await held;
          expect(batch.records.length).toBeLessThanOrEqual(10);
          await writeEffects(batch, 'slow');
        },
      });
      const fast = await consume(log, topic, { group: 'fast', who: 'fast' });
      for (let n = 0; n < 40; n += 1)
        await log.append(
          topic,
          Array.from({ length: 10 }, (_, i) => record(n * 10 + i, 'k', 'x'.repeat(20_000))),
        );
      await until('the fast one is through', async () => (await log.lag('fast', topic)).records === 0);
      expect((await log.lag('slow', topic)).records).toBe(400);
      release();
      await until('the slow one is through', async () => (await log.lag('slow', topic)).records === 0);
      await Promise.all([slow.stop(), fast.stop()]);
      expect(
        (await effectsOf(topic)).filter((effect) => effect.who === 'slow').map((effect) => effect.n),
      ).toEqual(Array.from({ length: 400 }, (_, n) => n));
    }, 90_000);

    test('two consumers of a group share the partitions, hand over when one stops, and double nothing', async () => {
      const topic = newTopic({ partitions: 4 });
      const [one, two] = await Promise.all([openLog(), openLog()]);
      const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`);
      let n = 0;
      const appendAll = async (): Promise<void> => {
        n += 1;
        await one.append(
          topic,
          keys.map((key) => record(n, key)),
        );
      };
      await appendAll();
      const first = await consume(one, topic, { who: 'one' });
      await untilEffects(topic, 40);
      const second = await consume(two, topic, { who: 'two' });
      await until('both work', async () => {
        await appendAll();
        await sleep(50);
        return (await effectsOf(topic)).some((effect) => effect.who === 'two');
      });
      await until('all is processed', async () => (await one.lag('g', topic)).records === 0);
      await appendAll();
      await until('all is processed', async () => (await one.lag('g', topic)).records === 0);
      const shared = (await effectsOf(topic)).filter((effect) => effect.n === n);
      expect(new Set(shared.map((effect) => effect.who))).toEqual(new Set(['one', 'two']));
      await first.stop();
      await appendAll();
      await until('the one that is left takes all', async () => (await two.lag('g', topic)).records === 0);
      await second.stop();
      const effects = await effectsOf(topic);
      expect(effects).toHaveLength(n * keys.length);
      for (const key of keys)
        expect(effects.filter((effect) => effect.key === key).map((effect) => effect.n)).toEqual(
          Array.from({ length: n }, (_, index) => index + 1),
        );
    }, 120_000);

    test('the server goes away and comes back: what was acknowledged is there, consumers go on by themselves', async () => {
      const topic = newTopic();
      const log = await openLog();
      const consumer = await consume(log, topic);
      const acknowledged: number[] = [];
      let running = true;
      const writing = (async () => {
        for (let n = 0; running || acknowledged.length < 30; n += 1) {
          await log.append(topic, [record(n)]).then(
            () => acknowledged.push(n),
            async () => await sleep(100),
          );
        }
      })();
      await until('some are written', () => acknowledged.length >= 10);
      await harness.restartServer();
      const before = acknowledged.length;
      await until('writing goes on', () => acknowledged.length >= before + 10);
      running = false;
      await writing;
      await until('all is processed', async () => (await log.lag('g', topic)).records === 0);
      await consumer.stop();
      const numbers = (await effectsOf(topic)).map((effect) => effect.n);
      // A write that failed for its caller may still have happened; none that was acknowledged may be missing or doubled.
      expect(numbers.filter((number) => acknowledged.includes(number))).toEqual(acknowledged);
      expect(new Set(numbers).size).toBe(numbers.length);
    }, 180_000);

    test('a tail hears what is appended from now on, and a position is not needed', async () => {
      const topic = newTopic({ partitions: 4 });
      const log = await openLog();
      await log.append(topic, [record(1, 'before')]);
      const heard: LogRecord<TestValue>[] = [];
      const tail = await log.tail(topic, (records) => void heard.push(...records));
      await log.append(topic, [record(2, 'a'), record(3, 'b')]);
      await (await openLog()).append(topic, [record(4, 'a')]);
      await until('three are heard', () => heard.length >= 3);
      await tail.stop();
      expect(heard.filter((r) => r.key === 'a').map((r) => r.value.n)).toEqual([2, 4]);
      expect(heard.filter((r) => r.key === 'b').map((r) => r.value.n)).toEqual([3]);
    }, 60_000);

    test('lag: how many, since when, and nothing when all is done', async () => {
      const topic = newTopic();
      const log = await openLog();
      expect(await log.lag('g', topic)).toEqual({ records: 0, oldestMs: null, headOffset: 0 });
      harness.clock.set(1_777_000_001_000);
      await log.append(topic, [record(1), record(2)]);
      harness.clock.set(1_777_000_002_000);
      await log.append(topic, [record(3)]);
      expect(await log.lag('g', topic)).toEqual({ records: 3, oldestMs: 1_777_000_001_000, headOffset: 3 });
      let take = 2;
      const consumer = await consume(log, topic, {
        recordsMax: 2,
        handle: async (batch) => {
          if (take === 0) throw new Error('enough');
          take -= batch.records.length;
          await writeEffects(batch, 'a');
        },
      });
      await untilEffects(topic, 2);
      await consumer.stop();
      expect(await log.lag('g', topic)).toEqual({ records: 1, oldestMs: 1_777_000_002_000, headOffset: 3 });
      const rest = await consume(log, topic);
      await untilEffects(topic, 3);
      await rest.stop();
      expect(await log.lag('g', topic)).toEqual({ records: 0, oldestMs: null, headOffset: 3 });
    }, 60_000);

    test('rewind: refused while somebody consumes, then everything comes again', async () => {
      const topic = newTopic();
      const log = await openLog();
      await log.append(topic, [record(1), record(2)]);
      const consumer = await consume(log, topic);
      await untilEffects(topic, 2);
      await expect(log.rewind('g', topic)).rejects.toMatchObject({ code: 'group-consuming' });
      await consumer.stop();
      await log.rewind('g', topic);
      expect((await log.lag('g', topic)).records).toBe(2);
      const again = await consume(log, topic);
      await untilEffects(topic, 4);
      await again.stop();
      expect((await effectsOf(topic)).map((effect) => effect.n)).toEqual([1, 2, 1, 2]);
    }, 60_000);

    test('trimming keeps what is young and what any known group has still to process', async () => {
      const topic = newTopic({ retentionMs: day });
      const log = await openLog();
      const start = 1_777_100_000_000;
      harness.clock.set(start);
      await log.append(topic, [record(1)]);
      const done = await consume(log, topic, { group: 'done' });
      await untilEffects(topic, 1);
      harness.clock.set(start + 2 * day);
      await log.append(topic, [record(2)]);
      await untilEffects(topic, 2);
      await done.stop();
      const late = await consume(log, topic, {
        group: 'late',
        handle: async () => await Promise.reject(new Error('not yet')),
      });
      await until(
        'the late group is known',
        async () =>
          (
            await harness.database.query(
              "SELECT 1 FROM event_log.positions WHERE consumer_group = 'late' AND topic = $1",
              [topic.name],
            )
          ).rowCount > 0,
      );
      await late.stop();
      await log.trim(start + 2 * day);
      expect((await log.lag('late', topic)).records).toBe(2);
      await harness.database.query("DELETE FROM event_log.positions WHERE consumer_group = 'late'");
      await log.trim(start + 2 * day);
      expect((await log.lag('new', topic)).records).toBe(1);
      const fresh = await consume(log, topic, { group: 'new', who: 'new' });
      await untilEffects(topic, 3);
      await fresh.stop();
      const effects = await effectsOf(topic);
      expect(
        effects.filter((effect) => effect.who === 'new').map((effect) => [effect.n, effect.record_offset]),
      ).toEqual([[2, 1]]);
    }, 60_000);

    test('a compacted topic keeps the newest record of every key for good', async () => {
      const topic = newTopic({ compacted: true, retentionMs: null });
      const log = await openLog();
      await log.append(topic, [
        record(1, 'a'),
        record(2, 'b'),
        record(3, 'a'),
        record(4, 'c'),
        record(5, 'a'),
      ]);
      harness.clock.advance(400 * day);
      await log.trim(harness.clock.nowMs());
      const { records } = await log.lag('g', topic);
      if (compaction === 'by trim') expect(records).toBe(3);
      const consumer = await consume(log, topic);
      await until('all is processed', async () => (await log.lag('g', topic)).records === 0);
      await consumer.stop();
      const newest = new Map((await effectsOf(topic)).map((effect) => [effect.key, effect.n]));
      expect(Object.fromEntries(newest)).toEqual({ a: 5, b: 2, c: 4 });
    }, 60_000);

    test('an append inside a transaction is there exactly when the transaction has committed', async () => {
      const topic = newTopic();
      const log = await openLog();
      const consumer = await consume(log, topic);
      await expect(
        harness.database.transaction(async (transaction) => {
          await log.append(topic, [record(1)], transaction);
          throw new Error('changed my mind');
        }),
      ).rejects.toThrow('changed my mind');
      await harness.database.transaction(async (transaction) => {
        await log.append(topic, [record(2), record(3)], transaction);
        await sleep(200);
        expect(await effectsOf(topic)).toEqual([]);
        await log.append(topic, [record(4)], transaction);
      });
      // A plain append after the commit must not overtake it.
      await log.append(topic, [record(5)]);
      await untilEffects(topic, 4);
      await consumer.stop();
      expect((await effectsOf(topic)).map((effect) => effect.n)).toEqual([2, 3, 4, 5]);
    }, 60_000);

    test('effects of a consumer may be records of another topic, exactly once', async () => {
      const [first, second] = [newTopic({ partitions: 4 }), newTopic({ partitions: 4 })];
      const log = await openLog();
      await log.append(
        first,
        Array.from({ length: 50 }, (_, n) => record(n, `k${n % 7}`)),
      );
      let failures = 0;
      const middle = await log.consume({
        group: 'middle',
        topic: first,
        recordsMax: 5,
        handle: async (batch) =>
          await harness.database.transaction(async (transaction) => {
            await log.append(
              second,
              batch.records.map((r) => record(r.value.n * 10, r.key)),
              transaction,
            );
            await batch.commit(transaction);
            failures += 1;
            if (failures % 3 === 1) throw new Error('now and then');
          }),
      });
      const last = await consume(log, second);
      await untilEffects(second, 50);
      await Promise.all([middle.stop(), last.stop()]);
      const effects = await effectsOf(second);
      expect(effects.map((effect) => effect.n).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 50 }, (_, n) => n * 10),
      );
      for (let k = 0; k < 7; k += 1) {
        const ofKey = effects.filter((effect) => effect.key === `k${k}`).map((effect) => effect.n);
        expect(ofKey).toEqual([...ofKey].sort((a, b) => a - b));
      }
    }, 90_000);

    test('limits are named: a record, a key, an append that is too large', async () => {
      const topic = newTopic();
      const log = await openLog();
      const codeOf = async (records: readonly NewRecord<TestValue>[]): Promise<unknown> =>
        await log.append(topic, records).then(
          () => 'appended',
          (error: unknown) => (error instanceof OperatingError && !error.retryable ? error.code : error),
        );
      expect(await codeOf([record(1, 'k', 'x'.repeat(1_000_001))])).toBe('record-too-large');
      expect(await codeOf([record(1, '')])).toBe('record-key-invalid');
      expect(await codeOf(Array.from({ length: 40 }, (_, n) => record(n, 'k', 'x'.repeat(900_000))))).toBe(
        'append-too-large',
      );
      expect(await codeOf(Array.from({ length: 100_001 }, (_, n) => record(n)))).toBe('append-too-large');
      expect(await codeOf([])).toBe('appended');
      expect(await codeOf([record(1, 'k', 'x'.repeat(990_000))])).toBe('appended');
      expect((await log.lag('g', topic)).records).toBe(1);
    }, 60_000);

    test('stopping twice is stopping once, and a closed log refuses', async () => {
      const topic = newTopic();
      const log = await harness.open();
      const consumer = await consume(log, topic);
      await consumer.stop();
      await consumer.stop();
      await log.close();
      await log.close();
      await expect(log.append(topic, [record(1)])).rejects.toThrow(/closed/);
    }, 60_000);
  });
}
