// SPDX-License-Identifier: Apache-2.0
/** Goal: a rebuild finds and repairs whatever is derived and wrong. Method: damage each derived table behind its back. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  half,
  mountingOf,
  readingsOf,
  segmentOf,
  startMs,
  startTestStream,
  type TestStream,
} from '../testing/test-stream.ts';

let kit: TestStream;
beforeAll(async () => {
  kit = await startTestStream('rebuild');
  for (const meterId of ['mtr_a', 'mtr_b']) {
    await kit.mount(mountingOf(meterId, [segmentOf(meterId, { powerMax: 5000 })]));
    await kit.read(
      readingsOf(
        meterId,
        Array.from({ length: 300 }, (_, index) => index * index),
      ),
    );
    await kit.read(readingsOf(meterId, [77_777_777], startMs + 10 * half + 60_000));
  }
  await kit.settle();
}, 60_000);
afterAll(async () => {
  await kit.stop();
});

const slotColumns = [
  'project_id',
  'metering_point_id',
  'quantity',
  'segment_id',
  'slot_start',
  'consumption',
  'quality',
  'revision',
  'is_deleted',
];
const slotRow = (slot: number, consumption: number, deleted: 0 | 1): (string | number)[] => [
  'prj_1',
  'pnt_mtr_a',
  'active-import',
  'seg_mtr_a',
  (startMs + slot * half) / 1000,
  consumption,
  0,
  3,
  deleted,
];
const tables = async (): Promise<unknown[]> => [
  await kit.parts.warehouse.query(
    'SELECT segment_id, slot_start, consumption, quality FROM slots FINAL ORDER BY ALL',
  ),
  await kit.parts.warehouse.query(
    'SELECT segment_id, local_day, period, consumption, slots_measured, slots_estimated, peak_consumption, peak_start FROM days FINAL ORDER BY ALL',
  ),
  await kit.parts.warehouse.query(
    'SELECT meter_id, instant, value, verdict FROM readings FINAL ORDER BY ALL',
  ),
  (
    await kit.parts.database.query(
      'SELECT segment_id, first_ms, last_ms, last_units, readings FROM stream.segments ORDER BY 1',
    )
  ).rows,
  (await kit.parts.database.query('SELECT meter_id, reason, readings FROM stream.held_counts ORDER BY 1, 2'))
    .rows,
];

test('what is sound stays as it is', async () => {
  const before = await tables();
  const told: number[] = [];
  const result = await kit.stream.rebuild({ onProgress: ({ done, total }) => void told.push(done / total) });
  expect(result).toEqual({
    meters: 2,
    slotsCompared: 598,
    slotsDifferent: 0,
    verdictsDifferent: 0,
    statesDifferent: 0,
    metersAhead: 0,
  });
  expect(told).toEqual([0.5, 1]);
  expect(await tables()).toEqual(before);
}, 60_000);

test('lost, changed and stray slots, wrong verdicts, states and counts are found, then put right', async () => {
  const sound = await tables();
  const { warehouse, database } = kit.parts;
  await warehouse.insert('slots', slotColumns, [slotRow(5, 0, 1), slotRow(6, 999, 0), slotRow(4000, 12, 0)]);
  await warehouse.insert(
    'readings',
    [
      'project_id',
      'meter_id',
      'register',
      'instant',
      'value',
      'scaler',
      'quality',
      'verdict',
      'source',
      'received_at',
      'log_offset',
      'revision',
    ],
    [['prj_1', 'mtr_a', 'import', startMs + 20 * half, 400, 0, 0, 'register-fell', 'poll', startMs, 1, 3]],
  );
  await database.query(
    "UPDATE stream.segments SET readings = 7, last_units = 1 WHERE segment_id = 'seg_mtr_a'",
  );
  await database.query("UPDATE stream.held_counts SET readings = 9 WHERE meter_id = 'mtr_a'");
  const compared = await kit.stream.rebuild({ compareOnly: true });
  expect(compared).toMatchObject({ slotsDifferent: 3, verdictsDifferent: 1, statesDifferent: 1 });
  expect(Object.keys(await kit.faults())).toHaveLength(5);
  expect(await kit.stream.rebuild({ projectId: 'prj_2' })).toMatchObject({ meters: 0 });
  await kit.stream.rebuild({ projectId: 'prj_1' });
  await kit.settle();
  expect(await tables()).toEqual(sound);
  expect(await kit.faults()).toEqual({});
}, 60_000);

test('while readings come in: nothing is undone', async () => {
  const rebuilding = kit.stream.rebuild();
  for (let index = 0; index < 20; index += 1)
    await kit.read(readingsOf('mtr_a', [90_000 + index], startMs + (300 + index) * half));
  await rebuilding;
  await kit.settle();
  expect(await kit.faults()).toEqual({});
}, 60_000);
