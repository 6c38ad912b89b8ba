// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: a mounting that the registry takes back leaves nothing behind, and comes back whole when the undoing is undone.
 * Method: parent and child through the whole stream; every table before, after the undoing, and after its own undoing, also
 * where the calendar changed meanwhile.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { flatCalendar, topics, type IntervalEnergy, type TariffCalendar } from '@wattledger/contracts';
import { keepParentLinks } from '../loss/parent-links.ts';
import {
  half,
  mountingOf,
  readingsOf,
  segmentOf,
  startMs,
  startTestStream,
  type TestStream,
} from '../testing/test-stream.ts';

/** The newest word about each slot, as charging keeps it. */
const told = new Map<string, readonly [consumption: number, quality: number]>();
let kit: TestStream;
beforeAll(async () => {
  kit = await startTestStream('mounting_undone', 2);
  await kit.parts.eventLog.consume({
    group: 'test',
    topic: topics.intervalEnergy,
    recordsMax: 1_000,
    handle: async (batch) => {
      for (const { value } of batch.records) hear(value);
      await kit.parts.database.transaction(async (transaction) => await batch.commit(transaction));
    },
  });
}, 60_000);
afterAll(async () => {
  await kit.stop();
});

function hear({ segmentId, firstSlotMs, slotMinutes, index, consumption, quality }: IntervalEnergy): void {
  for (const [at, slot] of index.entries())
    told.set(`${segmentId} ${firstSlotMs + slot * slotMinutes * 60_000}`, [
      consumption[at] ?? 0,
      quality[at] ?? 3,
    ]);
}

const toldEnergyOf = (segmentId: string): number =>
  [...told]
    .filter(([key, [, quality]]) => key.startsWith(`${segmentId} `) && quality !== 3)
    .reduce((sum, [, [consumption]]) => sum + consumption, 0);

async function rowsOf(segmentId: string): Promise<Record<string, unknown>> {
  const { warehouse, database } = kit.parts;
  const of = { segmentId };
  return {
    slots: await warehouse.query(
      'SELECT slot_start, consumption, quality FROM slots FINAL WHERE segment_id = {segmentId:String} ORDER BY ALL',
      of,
    ),
    days: await warehouse.query(
      'SELECT local_day, period, consumption, slots_measured, slots_estimated FROM days FINAL WHERE segment_id = {segmentId:String} ORDER BY ALL',
      of,
    ),
    losses: await warehouse.query(
      'SELECT local_day, input, children, slots_compared FROM loss_days FINAL ORDER BY ALL',
    ),
    states: (
      await database.query('SELECT last_ms, readings FROM stream.segments WHERE segment_id = $1', [segmentId])
    ).rows,
  };
}
const nothing = { slots: [], days: [], losses: [], states: [] };

const rising = (perSlot: number): number[] => Array.from({ length: 200 }, (_, index) => index * perSlot);
const twoRates: TariffCalendar = {
  ...flatCalendar,
  id: 'two-rates',
  dayProfiles: {
    all: [
      { fromMinute: 0, period: 'valley' },
      { fromMinute: 480, period: 'peak' },
    ],
  },
};

test('taken back, slots, days, losses and state are gone and charging is told; mounted again, all is as it was', async () => {
  for (const [meterId, perSlot] of [
    ['mtr_main', 1_000],
    ['mtr_child', 900],
  ] as const) {
    await kit.mount(mountingOf(meterId));
    await kit.read(readingsOf(meterId, rising(perSlot)));
  }
  await keepParentLinks(kit.parts.database, kit.parts.warehouse, [
    {
      projectId: 'prj_1',
      meteringPointId: 'pnt_mtr_child',
      links: [{ parentId: 'pnt_mtr_main', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }],
    },
  ]);
  await kit.settle();
  const mounted = await rowsOf('seg_mtr_child');
  expect([mounted['slots'], mounted['days'], mounted['losses']].map((rows) => (rows as []).length)).toEqual([
    199, 5, 5,
  ]);
  expect(toldEnergyOf('seg_mtr_child')).toBe(199 * 900);

  await kit.mount(mountingOf('mtr_child', []));
  await kit.settle();
  expect(await rowsOf('seg_mtr_child')).toEqual(nothing);
  expect(toldEnergyOf('seg_mtr_child')).toBe(0);
  // The readings are kept and wait for a mounting.
  expect(
    await kit.parts.warehouse.query(
      "SELECT toString(verdict) AS verdict, count() AS readings FROM readings FINAL WHERE meter_id = 'mtr_child' GROUP BY verdict",
    ),
  ).toEqual([{ verdict: 'not-mounted', readings: 200 }]);
  expect(await kit.faults()).toEqual({});

  await kit.mount(mountingOf('mtr_child'));
  await kit.settle();
  expect(await rowsOf('seg_mtr_child')).toEqual(mounted);
  expect(toldEnergyOf('seg_mtr_child')).toBe(199 * 900);
}, 60_000);

test('taken back together with the calendar and the slot length: nothing of the old grid stays', async () => {
  const before = await rowsOf('seg_mtr_child');
  await kit.mount(mountingOf('mtr_child', [], { calendar: twoRates, slotMinutes: 60 }));
  await kit.settle();
  expect(await rowsOf('seg_mtr_child')).toEqual(nothing);
  await kit.mount(mountingOf('mtr_child', [segmentOf('mtr_child')], { calendar: twoRates, slotMinutes: 60 }));
  await kit.settle();
  const { days } = (await rowsOf('seg_mtr_child')) as { days: { period: string; consumption: number }[] };
  expect(new Set(days.map((day) => day.period))).toEqual(new Set(['valley', 'peak']));
  expect(days.reduce((sum, day) => sum + day.consumption, 0)).toBe(199 * 900);
  await kit.mount(mountingOf('mtr_child'));
  await kit.settle();
  expect(await rowsOf('seg_mtr_child')).toEqual(before);
  expect(await kit.faults()).toEqual({});
}, 60_000);

test('taken back at one point, the meter counts at the other as before', async () => {
  const wrongPoint = segmentOf('mtr_child', {
    segmentId: 'seg_wrong',
    meteringPointId: 'pnt_wrong',
    fromMs: startMs + 100 * half,
  });
  const before = await rowsOf('seg_mtr_child');
  await kit.mount(
    mountingOf('mtr_child', [segmentOf('mtr_child', { toMs: startMs + 100 * half }), wrongPoint]),
  );
  await kit.settle();
  expect((await rowsOf('seg_wrong'))['slots']).toHaveLength(99);
  expect((await rowsOf('seg_mtr_child'))['slots']).toHaveLength(100);
  await kit.mount(mountingOf('mtr_child'));
  await kit.settle();
  expect(await rowsOf('seg_wrong')).toMatchObject({ slots: [], days: [], states: [] });
  expect(await rowsOf('seg_mtr_child')).toEqual(before);
  expect(toldEnergyOf('seg_wrong')).toBe(0);
  expect(await kit.faults()).toEqual({});
}, 60_000);
