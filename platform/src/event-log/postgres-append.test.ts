// SPDX-License-Identifier: Apache-2.0
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { partitionOf } from './partition-of.ts';
import { GroupAppender, planAppend } from './postgres-append.ts';
import type { EncodedRecord } from './record-limits.ts';

const encoded = (key: string, bytes = 10): EncodedRecord => ({
  key,
  json: JSON.stringify('x'.repeat(bytes - 2)),
  bytes,
});

test('appends that come while one is written are written together, in order, and fail together', async () => {
  const groups: string[][] = [];
  let release = (): void => undefined;
  const appender = new GroupAppender(async (records) => {
    groups.push(records.map((record) => record.key));
    await new Promise<void>((resolve) => (release = resolve));
    if (records.some((record) => record.key === 'bad')) throw new Error('refused');
  });
  const first = appender.append([encoded('a')]);
  await Promise.resolve();
  await Promise.resolve();
  const later = ['b', 'bad', 'c'].map(async (key) => await appender.append([encoded(key)]));
  const outcomes = Promise.allSettled([first, ...later]);
  release();
  while (groups.length < 2) await new Promise((resolve) => setImmediate(resolve));
  release();
  expect((await outcomes).map((outcome) => outcome.status)).toEqual([
    'fulfilled',
    'rejected',
    'rejected',
    'rejected',
  ]);
  expect(groups).toEqual([['a'], ['b', 'bad', 'c']]);
});

test('who does not wait for its appends is told before memory runs out, and may go on later', async () => {
  let release = (): void => undefined;
  const appender = new GroupAppender(async () => await new Promise<void>((resolve) => (release = resolve)));
  const large = encoded('k', 30_000_000);
  const under = Array.from({ length: 4 }, async () => await appender.append([large]));
  await expect(appender.append([large])).rejects.toMatchObject({ code: 'append-backlog', retryable: true });
  let done = false;
  void Promise.all(under).then(() => (done = true));
  while (!done) {
    release();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const again = appender.append([encoded('k')]);
  await Promise.resolve();
  await Promise.resolve();
  release();
  await again;
});

test('a plan holds every record once, each key in one partition and in order, whatever the sizes', () => {
  const records = fc.array(
    fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 2, max: 400_000 })),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(records, fc.integer({ min: 1, max: 5 }), fc.boolean(), (given, partitions, compacted) => {
      const numbered = given.map(([key, bytes], n): EncodedRecord => ({ key, json: String(n), bytes }));
      const { statements } = planAppend('t', compacted, partitions, numbered);
      const planned = statements.flatMap(({ partition, rows }) =>
        rows.flatMap((row) => {
          const pairs = JSON.parse(row.payload) as [string, number][];
          expect(pairs).toHaveLength(row.recordCount);
          if (compacted) expect([pairs.length, row.recordKey]).toEqual([1, pairs[0]?.[0]]);
          return pairs.map(([key, n]) => ({ partition, key, n }));
        }),
      );
      expect(planned.map(({ n }) => n).sort((a, b) => a - b)).toEqual(given.map((_, n) => n));
      for (const { key, partition } of planned) expect(partition).toBe(partitionOf(key, partitions));
      for (const key of ['a', 'b', 'c', 'd']) {
        const order = planned.filter((record) => record.key === key).map(({ n }) => n);
        expect(order).toEqual([...order].sort((a, b) => a - b));
      }
      // Partitions are locked in ascending order by every append.
      expect(statements.map(({ partition }) => partition)).toEqual(
        [...statements.map(({ partition }) => partition)].sort((a, b) => a - b),
      );
    }),
  );
});
