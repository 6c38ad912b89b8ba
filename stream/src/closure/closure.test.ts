// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { EnergyClosure } from '@wattledger/contracts/http/stream';
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
  kit = await startTestStream('closure');
}, 60_000);
afterAll(async () => {
  await kit.stop();
});

const closureOf = async (point: string): Promise<EnergyClosure> =>
  (await kit.get(`/api/projects/prj_1/metering-points/${point}/closure`)).body as EnergyClosure;

test('rollover, ratio change and exchange close exactly, each segment by itself', async () => {
  const ratioMs = startMs + 4 * half;
  const exchangeMs = startMs + 8 * half + 600_000;
  await kit.mount(
    mountingOf('mtr_old', [
      segmentOf('mtr_old', {
        meteringPointId: 'pnt_1',
        segmentId: 'seg_1',
        toMs: ratioMs,
        multiplierNumerator: 100,
        multiplierDenominator: 3,
        registerMax: 9999,
      }),
      segmentOf('mtr_old', {
        meteringPointId: 'pnt_1',
        segmentId: 'seg_2',
        fromMs: ratioMs,
        toMs: exchangeMs,
        multiplierNumerator: 40,
        registerMax: 9999,
        closingReading: { instantMs: exchangeMs, value: 75, scaler: 0 },
      }),
    ]),
  );
  await kit.mount(
    mountingOf('mtr_new', [
      segmentOf('mtr_new', {
        meteringPointId: 'pnt_1',
        segmentId: 'seg_3',
        fromMs: exchangeMs,
        multiplierNumerator: 40,
        openingReading: { instantMs: exchangeMs, value: 5, scaler: 0 },
      }),
    ]),
  );
  await kit.read(readingsOf('mtr_old', [9950, 9970, 9990, 10, 30, 40, 50, 60, 70]));
  await kit.read(readingsOf('mtr_new', [12, 20], startMs + 9 * half));
  await kit.settle();
  const closure = await closureOf('pnt_1');
  // Each value is made whole before it is subtracted; what a rollover passes is whole too.
  const third = (counts: number): number => Math.round((counts * 100) / 3);
  expect(
    closure.segments.map(({ segmentId, rollovers, registerConsumption, slotsConsumption, closes }) => [
      segmentId,
      rollovers,
      registerConsumption,
      slotsConsumption,
      closes,
    ]),
  ).toEqual([
    ['seg_1', 1, third(30) - third(9950) + third(10_000), third(30) - third(9950) + third(10_000), true],
    ['seg_2', 0, 45 * 40, 45 * 40, true],
    ['seg_3', 0, 15 * 40, 15 * 40, true],
  ]);
  expect(closure.closes).toBe(true);
  expect(closure.asOf).toMatchObject({ asOfMs: startMs + 10 * half, points: 1 });
  // In the slot of the exchange both meters have a row.
  const shared = await kit.parts.warehouse.query(
    `SELECT segment_id FROM slots FINAL WHERE slot_start = toDateTime(${(startMs + 8 * half) / 1000}, 'UTC') ORDER BY segment_id`,
  );
  expect(shared).toEqual([{ segment_id: 'seg_2' }, { segment_id: 'seg_3' }]);
  expect(await kit.faults()).toEqual({});
}, 60_000);

test('a slot that was changed behind the back of the stream does not close', async () => {
  await kit.parts.warehouse.insert(
    'slots',
    [
      'project_id',
      'metering_point_id',
      'quantity',
      'segment_id',
      'slot_start',
      'consumption',
      'quality',
      'revision',
      'is_deleted',
    ],
    [['prj_1', 'pnt_1', 'active-import', 'seg_3', (startMs + 9 * half) / 1000, 1_000_000, 0, 3, 0]],
  );
  expect((await closureOf('pnt_1')).closes).toBe(false);
  const faults = await kit.faults();
  expect(Object.keys(faults)).toEqual([
    'stream: Σ slots = closing − opening for every segment',
    'stream: days = Σ slots',
    'stream: slots are what the kept readings fold to (sampled meters)',
  ]);
}, 60_000);

test('a metering point that counts nothing is not found, whatever its project', async () => {
  expect((await kit.get('/api/projects/prj_1/metering-points/pnt_9/closure')).status).toBe(404);
  expect((await kit.get('/api/projects/prj_2/metering-points/pnt_1/closure')).status).toBe(404);
}, 60_000);
