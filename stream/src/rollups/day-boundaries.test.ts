// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: days of 23, 24, 24½ and 25 hours hold the slots that begin in them, by period, for every slot length. Method: readings
 * through the whole stream; the days are counted again from the naive slots with Intl instead of our calendar code.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { flatCalendar, type Mounting, type TariffCalendar } from '@wattledger/contracts';
import { naiveEnergy } from '../testing/naive-energy.ts';
import {
  mountingOf,
  readingsOf,
  segmentOf,
  startTestStream,
  type TestStream,
} from '../testing/test-stream.ts';

let kit: TestStream;
beforeAll(async () => {
  kit = await startTestStream('day_boundaries');
}, 60_000);
afterAll(async () => {
  await kit.stop();
});

const calendar: TariffCalendar = {
  ...flatCalendar,
  id: 'two-rates',
  dayProfiles: {
    all: [
      { fromMinute: 0, period: 'valley' },
      { fromMinute: 480, period: 'peak' },
      { fromMinute: 1320, period: 'valley' },
    ],
  },
};
/** Each with a change of the clock in the three days from the start; Lord Howe's is half an hour, Kathmandu has none but an odd offset. */
const zones: readonly (readonly [zone: string, from: string])[] = [
  ['Europe/Berlin', '2026-03-28T00:00:00Z'],
  ['Europe/Berlin', '2026-10-24T00:00:00Z'],
  ['America/New_York', '2026-10-31T12:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-03T20:00:00Z'],
  ['Asia/Kathmandu', '2026-05-01T00:00:00Z'],
];
const cases = zones.flatMap(([zone, from]) =>
  ([15, 30, 60] as const).map((slotMinutes) => ({ zone, from, slotMinutes })),
);
const stepMs = 20 * 60_000;

function naiveDays(
  mounting: Mounting,
  readings: Parameters<typeof naiveEnergy>[1],
): Record<string, number[]> {
  const clock = new Intl.DateTimeFormat('en-CA', {
    timeZone: mounting.zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    hourCycle: 'h23',
  });
  const days: Record<string, number[]> = {};
  for (const slot of naiveEnergy(mounting, readings).slots) {
    const parts = Object.fromEntries(
      clock.formatToParts(slot.startMs).map(({ type, value }) => [type, value]),
    );
    const hour = Number(parts['hour']);
    const key = `${parts['year'] ?? ''}-${parts['month'] ?? ''}-${parts['day'] ?? ''} ${hour >= 8 && hour < 22 ? 'peak' : 'valley'}`;
    const sum = (days[key] ??= [0, 0, 0, 0]);
    sum[0] = (sum[0] ?? 0) + slot.consumption;
    sum[1] = (sum[1] ?? 0) + (slot.quality === 0 ? 1 : 0);
    sum[2] = (sum[2] ?? 0) + (slot.quality === 1 ? 1 : 0);
    sum[3] = Math.max(sum[3] ?? 0, slot.consumption);
  }
  return days;
}

test('days of every length', async () => {
  const expected: Record<string, unknown> = {};
  for (const [index, { zone, from, slotMinutes }] of cases.entries()) {
    const fromMs = Date.parse(from);
    const meterId = `mtr_${index}`;
    const mounting = mountingOf(meterId, [segmentOf(meterId, { fromMs })], { zone, slotMinutes, calendar });
    const values = Array.from({ length: 3 * 72 }, (_, at) => at * 31 + (at % 7) * 5);
    const batch = readingsOf(meterId, values, fromMs, {}, stepMs);
    await kit.mount(mounting);
    await kit.read(batch);
    const readings = values.map((value, at) => ({
      instantMs: fromMs + at * stepMs,
      value,
      scaler: 0,
      quality: 0,
    }));
    expected[`seg_${meterId}`] = naiveDays(mounting, new Map([['import', readings]]));
  }
  await kit.settle();
  const rows = await kit.parts.warehouse.query<{ segment_id: string; key: string; sums: number[] }>(
    `SELECT segment_id, concat(toString(local_day), ' ', period) AS key,
       [consumption, toInt64(slots_measured), toInt64(slots_estimated), peak_consumption] AS sums FROM days FINAL`,
  );
  const found: Record<string, Record<string, number[]>> = {};
  for (const { segment_id: segment, key, sums } of rows) (found[segment] ??= {})[key] = sums;
  expect(found).toEqual(expected);
}, 60_000);

test('a new calendar moves the energy between periods, and nothing else', async () => {
  const meterId = 'mtr_1';
  const { from } = cases[1] as (typeof cases)[number];
  const sumOf = async (): Promise<unknown> =>
    await kit.parts.warehouse.query(
      `SELECT period, sum(consumption) AS total, sum(slots_measured) AS slots FROM days FINAL WHERE segment_id = 'seg_${meterId}' GROUP BY period ORDER BY period`,
    );
  const before = (await sumOf()) as { total: number; slots: number }[];
  const [total, slots] = before.reduce(([sum, count], row) => [sum + row.total, count + row.slots], [0, 0]);
  await kit.mount(
    mountingOf(meterId, [segmentOf(meterId, { fromMs: Date.parse(from) })], {
      zone: 'Europe/Berlin',
      slotMinutes: 30,
      calendar: flatCalendar,
    }),
  );
  await kit.settle();
  expect(await sumOf()).toEqual([{ period: 'flat', total, slots }]);
  expect(await kit.faults()).toEqual({});
}, 60_000);
