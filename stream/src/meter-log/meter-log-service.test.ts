// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: the tables are those of the naive fold, whatever order, repetition and batching, and the same rows after a crash at
 * any await. Method: random histories of a meter through the real consumer on real stores; every call it makes to a
 * store fails once, before and after its work; another consumer goes on with other batches.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { MeterLogRecord } from '@wattledger/contracts';
import { migrate, migrateWarehouse } from '@wattledger/platform';
import { startTestParts, type TestParts } from '@wattledger/platform/testing';
import { CrashingParts, InjectedCrash } from '../testing/faulty-parts.ts';
import {
  arbitraryArrival,
  arbitraryHistory,
  arrive,
  randomOf,
  type Arrival,
  type History,
} from '../testing/histories.ts';
import { LogDriver, tablesOf } from '../testing/log-driver.ts';
import { naiveEnergy } from '../testing/naive-energy.ts';

let parts: TestParts;
let partitions = 0;

beforeAll(async () => {
  parts = await startTestParts({ name: 'meter_log', nowMs: Date.parse('2026-06-01T00:00:00Z') });
  await migrate(parts.database, { schema: 'stream', directory: new URL('../../sql/', import.meta.url) });
  await migrateWarehouse(parts.warehouse, {
    name: 'stream',
    directory: new URL('../../warehouse/', import.meta.url),
  });
  await LogDriver.prepare(parts);
}, 60_000);
afterAll(async () => {
  await parts.stop();
});

/** The same history in a project of its own. */
function moved(values: readonly MeterLogRecord[]): {
  readonly projectId: string;
  readonly driver: LogDriver;
} {
  partitions += 1;
  const projectId = `prj_${partitions}`;
  return {
    projectId,
    driver: new LogDriver(
      parts,
      partitions,
      values.map((value) => ({ ...value, projectId })),
    ),
  };
}

function naiveSlots(history: History): unknown[] {
  const points = new Map(
    history.mounting.segments.map((segment) => [segment.segmentId, segment.meteringPointId]),
  );
  const { slots } = naiveEnergy(history.mounting, new Map([['import', history.readings]]));
  return slots
    .map((slot) => [
      points.get(slot.segmentId),
      slot.segmentId,
      new Date(slot.startMs).toISOString().slice(0, 19).replace('T', ' '),
      slot.consumption,
      slot.quality,
    ])
    .sort(byText);
}
const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

interface SlotRow {
  readonly metering_point_id: string;
  readonly segment_id: string;
  readonly slot_start: string;
  readonly consumption: number;
  readonly quality: number;
}

/** Two readings between which the slot length changes: whether the first grid is told at all hangs on the batches. */
const [anyHistory] = fc.sample(arbitraryHistory, { seed: 7, numRuns: 1 }) as [History];
const shortHistory: History = {
  mounting: {
    ...anyHistory.mounting,
    zone: 'Europe/Berlin',
    slotMinutes: 60,
    segments: [
      {
        segmentId: 'seg_0',
        register: 'import',
        meteringPointId: 'pnt_1',
        quantity: 'active-import',
        fromMs: 1_767_571_200_000,
        toMs: null,
        multiplierNumerator: 1,
        multiplierDenominator: 1,
        registerMax: null,
        powerMax: null,
        openingReading: null,
        closingReading: null,
      },
    ],
  },
  readings: [
    { instantMs: 1_767_572_280_000, value: 0, scaler: 0, quality: 0 },
    { instantMs: 1_767_573_360_000, value: 0, scaler: 0, quality: 0 },
  ],
};
const regriddedArrival: Arrival = {
  seed: -21_556_038,
  chunk: 1,
  shuffle: 'none',
  repeat: 0,
  mountingAt: 2 / 3,
  earlierMounting: true,
  batch: 3,
  conflicts: false,
};

describe('random histories on real stores', () => {
  test('whatever the order, repetition and batching: the slots of the naive fold', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryHistory, arbitraryArrival, async (history, arrival) => {
        const { projectId, driver } = moved(arrive(history, { ...arrival, conflicts: false }));
        const random = randomOf(arrival.seed);
        await driver.run(parts, () => 1 + Math.floor(random() * arrival.batch));
        const tables = await tablesOf(parts, projectId);
        const slots = (tables['slots'] as SlotRow[]).map((row) => [
          row.metering_point_id,
          row.segment_id,
          row.slot_start,
          row.consumption,
          row.quality,
        ]);
        expect(slots.sort(byText)).toEqual(naiveSlots(history));
      }),
      { numRuns: 25 },
    );
  }, 120_000);

  test('crashes at random calls, then other batches: the rows of an undisturbed run, each slot published as it stands', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryHistory,
        arbitraryArrival,
        fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 6 }),
        async (history, arrival, crashes) => {
          const values = arrive(history, arrival);
          const undisturbed = moved(values);
          await undisturbed.driver.run(parts, () => 3);
          const disturbed = moved(values);
          const random = randomOf(arrival.seed);
          for (const [index, at] of crashes.entries())
            await crash(
              disturbed.driver,
              { at: at + 1, when: index % 2 === 0 ? 'after' : 'before' },
              () => 1 + Math.floor(random() * arrival.batch),
            );
          await disturbed.driver.run(parts, () => 1 + Math.floor(random() * arrival.batch));
          expect(await tablesOf(parts, disturbed.projectId)).toEqual(
            await tablesOf(parts, undisturbed.projectId),
          );
        },
      ),
      { numRuns: 15, examples: [[shortHistory, regriddedArrival, [29]]] },
    );
  }, 240_000);
});

async function crash(
  driver: LogDriver,
  fault: { at: number; when: 'before' | 'after' },
  sizeOf: () => number,
): Promise<boolean> {
  const crashing = new CrashingParts(parts, fault);
  try {
    await driver.run(crashing.parts, sizeOf);
    return false;
  } catch (error) {
    if (!(error instanceof InjectedCrash)) throw error;
    return true;
  }
}

/** Chosen so that every kind of work occurs: mounting after readings, a late reading, a conflict, a fall, a restart by a new mounting. */
function eventfulLog(): MeterLogRecord[] {
  const [history] = fc.sample(arbitraryHistory, { seed: 7, numRuns: 1 }) as [History];
  const fromMs = Date.parse('2026-01-05T00:00:00Z');
  const half = 1_800_000;
  const reading = (index: number, value: number): MeterLogRecord => ({
    kind: 'readings',
    meterId: 'mtr_1',
    projectId: '',
    source: 'poll',
    receivedAt: fromMs + 100 * half,
    series: [
      { register: 'import', scaler: 0, quality: 0, instants: [fromMs + index * half], values: [value] },
    ],
  });
  const segment = {
    ...history.mounting.segments[0],
    segmentId: 'seg_0',
    fromMs,
    toMs: null,
    multiplierNumerator: 1,
    multiplierDenominator: 1,
    registerMax: null,
    powerMax: 10_000,
    openingReading: null,
    closingReading: null,
  } as History['mounting']['segments'][number];
  const mounting = { ...history.mounting, slotMinutes: 30 as const, segments: [segment] };
  const restartMs = fromMs + 12 * half;
  const restarted = {
    ...mounting,
    segments: [
      { ...segment, toMs: restartMs },
      { ...segment, segmentId: 'seg_1', fromMs: restartMs },
    ],
  };
  return [
    reading(0, 100),
    reading(1, 110),
    mounting,
    reading(2, 120),
    reading(8, 180),
    reading(5, 150),
    reading(5, 151),
    reading(6, 9_000_000),
    reading(10, 200),
    reading(12, 4),
    reading(13, 9),
    reading(11, 210),
    reading(5, 150),
    restarted,
    reading(14, 20),
  ];
}

test('a crash at every single call, before and after its work: the same rows', async () => {
  const values = eventfulLog();
  const undisturbed = moved(values);
  await undisturbed.driver.run(parts, () => 4);
  const expected = await tablesOf(parts, undisturbed.projectId);
  expect(JSON.stringify(expected['slots'])).toContain('seg_1');
  for (const when of ['before', 'after'] as const) {
    for (let at = 1, crashed = true; crashed; at += 1) {
      const disturbed = moved(values);
      crashed = await crash(disturbed.driver, { at, when }, () => 4);
      await disturbed.driver.run(parts, () => 3);
      expect({ at, when, ...(await tablesOf(parts, disturbed.projectId)) }).toEqual({
        at,
        when,
        ...expected,
      });
    }
  }
}, 240_000);

test('a log that is read again from its beginning changes nothing', async () => {
  const { projectId, driver } = moved(eventfulLog());
  await driver.run(parts, () => 5);
  const before = await tablesOf(parts, projectId);
  await parts.database.query('DELETE FROM test_positions WHERE partition = $1', [partitions]);
  await driver.run(parts, () => 2);
  expect(await tablesOf(parts, projectId)).toEqual(before);
});
