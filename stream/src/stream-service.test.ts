// SPDX-License-Identifier: Apache-2.0
/** The whole stream on real parts: log in, tables and interval energy out. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topics, type IntervalEnergy } from '@wattledger/contracts';
import { half, mountingOf, readingsOf, startTestStream, type TestStream } from './testing/test-stream.ts';

let kit: TestStream;
const heard: IntervalEnergy[] = [];
beforeAll(async () => {
  kit = await startTestStream('stream');
}, 60_000);
afterAll(async () => {
  await kit.stop();
});

test('readings become slots, days and interval energy by local day', async () => {
  const { parts } = kit;
  const consumer = await parts.eventLog.consume({
    group: 'test',
    topic: topics.intervalEnergy,
    recordsMax: 100,
    handle: async (batch) => {
      heard.push(...batch.records.map((record) => record.value));
      await parts.database.transaction(async (transaction) => await batch.commit(transaction));
    },
  });
  await kit.mount(mountingOf('mtr_1'));
  await kit.read(
    readingsOf(
      'mtr_1',
      Array.from({ length: 200 }, (_, index) => index * 250),
    ),
  );
  await kit.settle();
  const [slots] = await parts.warehouse.query(
    'SELECT sum(consumption) AS total, count() AS slots FROM slots FINAL',
  );
  expect(slots).toEqual({ total: 199 * 250, slots: 199 });
  const [days] = await parts.warehouse.query(
    'SELECT sum(consumption) AS total, count() AS days FROM days FINAL',
  );
  expect(days).toEqual({ total: 199 * 250, days: 5 });
  // Berlin's day begins at 23:00 UTC: the first has 46 slots of ours.
  expect(heard.map(({ localDay, index, slotCount }) => [localDay, index.length, slotCount])).toEqual([
    ['2026-03-02', 46, 48],
    ['2026-03-03', 48, 48],
    ['2026-03-04', 48, 48],
    ['2026-03-05', 48, 48],
    ['2026-03-06', 9, 48],
  ]);
  await consumer.stop();
}, 60_000);

test('health tells what came, and the doctor finds nothing', async () => {
  expect(await kit.stream.health()).toEqual({
    state: 'ok',
    facts: expect.objectContaining({
      readingsReceived: 200,
      readingsKept: 200,
      readingsRepeated: 0,
      slotsWritten: 199,
      readingsHeld: 0,
      recordsWaiting: 0,
      daysWaiting: 0,
    }),
  });
  expect(await kit.faults()).toEqual({});
});

test('a gap of six years between two readings is laid exactly and published whole', async () => {
  const meterId = 'mtr_2';
  const fromMs = Date.parse('2020-01-01T00:00:00Z');
  const mounting = mountingOf(meterId);
  await kit.mount({
    ...mounting,
    slotMinutes: 15,
    segments: mounting.segments.map((segment) => ({ ...segment, fromMs })),
  });
  await kit.read(readingsOf(meterId, [0, 1_000_000_007], fromMs, {}, 6 * 365 * 86_400_000 + half + 1234));
  await kit.settle();
  const rows = await kit.parts.warehouse.query(
    "SELECT sum(consumption) AS total, count() AS slots, uniqExact(quality) AS qualities FROM slots FINAL WHERE segment_id = 'seg_mtr_2'",
  );
  expect(rows).toEqual([{ total: 1_000_000_007, slots: 6 * 365 * 96 + 3, qualities: 1 }]);
  expect(await kit.faults()).toEqual({});
}, 240_000);
