// SPDX-License-Identifier: Apache-2.0
/** Delivery: nothing lost, nothing doubled, in order; effects and position together; limits. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { OperatingError } from '../../errors.ts';
import type { NewRecord } from '../port.ts';
import { newTopic, record, until, type LogBench, type TestValue } from './log-bench.ts';

export function deliveryTests(bench: LogBench): void {
  orderTests(bench);
  failureTests(bench);
  transactionTests(bench);
}

function orderTests(bench: LogBench): void {
  const { openLog, consume, writeEffects, effectsOf, untilEffects } = bench;

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
            expect(effects.filter((effect) => effect.key === key).map((effect) => effect.n)).toEqual(wanted);
            expect(
              new Set(effects.filter((effect) => effect.key === key).map((effect) => effect.partition)).size,
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

  test('one process writes to several topics at the same time', async () => {
    const log = await openLog();
    const written = Array.from({ length: 4 }, () => newTopic());
    const consumers = await Promise.all(written.map(async (topic) => await consume(log, topic)));
    await Promise.all(
      written.map(async (topic) => {
        for (let n = 1; n <= 15; n += 1) await log.append(topic, [record(n, 'left'), record(n, 'right')]);
      }),
    );
    for (const topic of written) {
      await until('all is processed', async () => (await log.lag('g', topic)).records === 0);
      for (const key of ['left', 'right'])
        expect(
          (await effectsOf(topic)).filter((effect) => effect.key === key).map((effect) => effect.n),
        ).toEqual(Array.from({ length: 15 }, (_, index) => index + 1));
    }
    for (const consumer of consumers) await consumer.stop();
  });

  test('a batch keeps within its limits and says where it begins and ends', async () => {
    const topic = newTopic();
    const log = await openLog();
    bench.harness.clock.set(1_777_000_000_000);
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
        expect(batch.records.map((r) => r.offset)).toEqual(batch.records.map((_, index) => expected + index));
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
}

function failureTests(bench: LogBench): void {
  const { openLog, consume, writeEffects, effectsOf, untilEffects } = bench;

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
          const rolledBack = bench.harness.database.transaction(async (transaction) => {
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
    const log = await bench.harness.open();
    const consumer = await consume(log, topic);
    await consumer.stop();
    await consumer.stop();
    await log.close();
    await log.close();
    await expect(log.append(topic, [record(1)])).rejects.toThrow(/closed/);
  }, 60_000);
}

function transactionTests(bench: LogBench): void {
  const { openLog, consume, effectsOf, untilEffects } = bench;

  test('an append inside a transaction is there exactly when the transaction has committed', async () => {
    const topic = newTopic();
    const log = await openLog();
    const consumer = await consume(log, topic);
    await expect(
      bench.harness.database.transaction(async (transaction) => {
        await log.append(topic, [record(1)], transaction);
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    await bench.harness.database.transaction(async (transaction) => {
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

  test('a topic made inside a transaction that is rolled back is made again by the next append', async () => {
    const topic = newTopic({ partitions: 4 });
    const log = await openLog();
    const append = async (n: number, fault?: Error): Promise<void> =>
      await bench.harness.database.transaction(async (transaction) => {
        await log.append(topic, [record(n)], transaction);
        if (fault !== undefined) throw fault;
      });
    await expect(append(1, new Error('changed my mind'))).rejects.toThrow('changed my mind');
    await append(2);
    const consumer = await consume(log, topic);
    await untilEffects(topic, 1);
    await consumer.stop();
    expect((await effectsOf(topic)).map((effect) => effect.n)).toEqual([2]);
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
        await bench.harness.database.transaction(async (transaction) => {
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
}
