// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Topic } from '@wattledger/contracts';
import { z } from 'zod';
import { startTestParts, type TestParts } from './index.ts';

const topic = (name: string): Topic<number> => ({
  name,
  key: 'key',
  shape: z.number(),
  retentionMs: null,
  compacted: false,
});
const [first, second] = [topic('kit-first'), topic('kit-second')];
let parts: TestParts;
beforeAll(async () => {
  parts = await startTestParts({ name: 'kit' });
}, 60_000);
afterAll(async () => {
  await parts.stop();
});

test('all parts answer', async () => {
  expect((await parts.database.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await parts.warehouse.command(
    "CREATE TABLE t (at DateTime('UTC'), n Int64) ENGINE = MergeTree ORDER BY at",
  );
  await parts.warehouse.insert(
    't',
    ['at', 'n'],
    [
      [1_700_000_000, 5],
      ['2026-01-01 00:00:00', 7],
    ],
  );
  expect(
    await parts.warehouse.query('SELECT sum(n) AS total FROM t WHERE n IN {wanted:Array(Int64)}', {
      wanted: [5, 7],
    }),
  ).toEqual([{ total: 12 }]);
});

test('drain waits for what consumers append, and the clock stands where it was put', async () => {
  parts.clock.set(1_777_000_000_000);
  const seen: number[] = [];
  const relay = await parts.eventLog.consume({
    group: 'relay',
    topic: first,
    recordsMax: 10,
    handle: async (batch) =>
      await parts.database.transaction(async (transaction) => {
        await parts.eventLog.append(
          second,
          batch.records.map(({ key, value }) => ({ key, value: value + 1 })),
          transaction,
        );
        await batch.commit(transaction);
      }),
  });
  const end = await parts.eventLog.consume({
    group: 'end',
    topic: second,
    recordsMax: 10,
    handle: async (batch) => {
      await parts.database.transaction(async (transaction) => await batch.commit(transaction));
      seen.push(...batch.records.map((record) => record.value + record.recordedAtMs));
    },
  });
  await parts.eventLog.append(
    first,
    Array.from({ length: 35 }, (_, n) => ({ key: 'k', value: n })),
  );
  await parts.drain();
  expect(seen).toEqual(Array.from({ length: 35 }, (_, n) => n + 1 + 1_777_000_000_000));
  await relay.stop();
  await end.stop();
});

test('each call has databases of its own', async () => {
  const more = await startTestParts({ name: 'kit' });
  expect(more.databaseUrl).not.toBe(parts.databaseUrl);
  expect(await more.warehouse.query('SHOW TABLES')).toEqual([]);
  await more.actionLog.record({
    principal: null,
    projectId: null,
    action: 'a',
    subject: 's',
    remoteAddress: '',
    atMs: 1,
  });
  expect(more.actions).toHaveLength(1);
  await more.stop();
});
