// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: the same log gives the same rows in readings, slots and days, revisions included, and a segment's days are cut on the
 * grid of its own meter. Method: one stream reads records as they come, another finds the whole log and restarts in the
 * middle; three partitions, several meters, every kind of trouble; the days are summed up again from the slots.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  flatCalendar,
  localDayOf,
  periodsOfLocalDay,
  slotLengthMs,
  slotsOfLocalDay,
  topics,
  type MeterLogRecord,
  type Mounting,
  type TariffCalendar,
} from '@wattledger/contracts';
import { arbitraryArrival, arbitraryHistory, arrive, randomOf } from './testing/histories.ts';
import { startTestStream, type TestStream } from './testing/test-stream.ts';

const meters = 24;
let live: TestStream;
let replayed: TestStream;
beforeAll(async () => {
  live = await startTestStream('live', 3);
  replayed = await startTestStream('replayed', 3);
}, 90_000);
afterAll(async () => {
  await live.stop();
  await replayed.stop();
});

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

const otherZone = 'Asia/Shanghai';

const spanOf = (readings: readonly { readonly instantMs: number }[]): number =>
  (readings.at(-1)?.instantMs ?? 0) - (readings[0]?.instantMs ?? 0);

/** Histories of several meters dealt together, each with a new calendar towards its end, and every other with yet another grid. */
function logOf(seed: number): MeterLogRecord[] {
  const projectId = `prj_${seed}`;
  const random = randomOf(seed);
  const histories = fc.sample(
    arbitraryHistory.filter(({ readings }) => readings.length > 15 && spanOf(readings) < 30 * 86_400_000),
    { seed, numRuns: meters },
  );
  const arrivals = fc.sample(arbitraryArrival, { seed, numRuns: meters });
  const queues = histories.map((history, index) => {
    const values = arrive(history, arrivals[index] as (typeof arrivals)[number]);
    const calendarChanged: Mounting = { ...history.mounting, calendar: twoRates };
    values.splice(Math.floor(values.length * 0.7) + 1, 0, calendarChanged);
    if (index % 2 === 1)
      values.splice(Math.floor(values.length * 0.9), 0, { ...calendarChanged, zone: otherZone });
    const ids = { meterId: `mtr_${seed}_${index}`, projectId };
    return values.map((value): MeterLogRecord => {
      if (value.kind === 'readings') return { ...value, ...ids };
      const segments = value.segments.map((segment) => ({
        ...segment,
        segmentId: `${segment.segmentId}_${index}`,
        // Two meters share each point: its rows come from different partitions.
        meteringPointId: `pnt_${Math.floor(index / 2)}`,
      }));
      return { ...value, ...ids, slotMinutes: value.zone === otherZone ? 60 : 30, segments };
    });
  });
  const dealt: MeterLogRecord[] = [];
  while (queues.some((queue) => queue.length > 0)) {
    const next = queues[Math.floor(random() * queues.length)]?.shift();
    if (next !== undefined) dealt.push(next);
  }
  return dealt;
}

const append = async (kit: TestStream, values: readonly MeterLogRecord[]): Promise<void> =>
  await kit.parts.eventLog.append(
    topics.meterLog,
    values.map((value) => ({ key: value.meterId, value })),
  );

async function tablesOf(kit: TestStream, projectId: string): Promise<Record<string, unknown>> {
  const rows = async (table: string, columns: string): Promise<unknown> =>
    await kit.parts.warehouse.query(
      `SELECT ${columns} FROM ${table} FINAL WHERE project_id = {projectId:String} ORDER BY ALL`,
      { projectId },
    );
  return {
    readings: await rows(
      'readings',
      'meter_id, register, instant, value, scaler, quality, verdict, source, received_at, log_offset, revision',
    ),
    slots: await rows(
      'slots',
      'metering_point_id, quantity, segment_id, slot_start, consumption, quality, revision',
    ),
    days: await rows(
      'days',
      'metering_point_id, quantity, segment_id, local_day, period, consumption, slots_measured, slots_estimated, slots_edited, slots_missing, peak_consumption, peak_start, revision',
    ),
  };
}

const seeds = [20_261_120, 7, 1_009];

/** Σ slots by segment, day and period, on the grid of the segment's meter at the end of the log. */
async function naiveDays(kit: TestStream, log: readonly MeterLogRecord[]): Promise<Record<string, number>> {
  const gridOf = new Map<string, Mounting>();
  for (const value of log)
    if (value.kind === 'mounting') for (const { segmentId } of value.segments) gridOf.set(segmentId, value);
  const slots = await kit.parts.warehouse.query<{ segment: string; start_s: number; consumption: number }>(
    `SELECT segment_id AS segment, toUnixTimestamp(slot_start) AS start_s, consumption FROM slots FINAL WHERE project_id = {projectId:String}`,
    { projectId: log[0]?.projectId },
  );
  const sums: Record<string, number> = {};
  for (const { segment, start_s: start, consumption } of slots) {
    const { zone, slotMinutes, calendar } = gridOf.get(segment) as Mounting;
    const day = localDayOf(zone, start * 1000);
    const index =
      (start * 1000 - slotsOfLocalDay(zone, day, slotMinutes).firstSlotMs) / slotLengthMs(slotMinutes);
    const key = `${segment} ${day} ${periodsOfLocalDay(calendar, zone, day, slotMinutes)[index] ?? '?'}`;
    sums[key] = (sums[key] ?? 0) + consumption;
  }
  return sums;
}

async function storedDays(kit: TestStream, projectId: string): Promise<Record<string, number>> {
  const rows = await kit.parts.warehouse.query<{ key: string; consumption: number }>(
    `SELECT concat(segment_id, ' ', toString(local_day), ' ', period) AS key, consumption FROM days FINAL WHERE project_id = {projectId:String}`,
    { projectId },
  );
  return Object.fromEntries(rows.map(({ key, consumption }) => [key, consumption]));
}

test.each(seeds)(
  'seed %i: read as it comes, or read again from the beginning with a restart: the same rows',
  async (seed) => {
    const log = logOf(seed);
    for (let from = 0; from < log.length; from += 7) {
      await append(live, log.slice(from, from + 7));
      if (from % 3 === 0) await live.parts.drain();
    }
    await live.settle();
    await replayed.stream.stop();
    for (let from = 0; from < log.length; from += 7) await append(replayed, log.slice(from, from + 7));
    await replayed.stream.start();
    await replayed.stream.stop();
    await replayed.stream.start();
    await replayed.settle();
    const projectId = `prj_${seed}`;
    const tables = await tablesOf(live, projectId);
    expect(tables).toEqual(await tablesOf(replayed, projectId));
    expect(await storedDays(live, projectId)).toEqual(await naiveDays(live, log));
    expect((tables['days'] as unknown[]).length).toBeGreaterThan(50);
    expect(await live.faults()).toEqual({});
    expect(await replayed.faults()).toEqual({});
  },
  120_000,
);
