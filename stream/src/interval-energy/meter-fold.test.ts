// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { flatCalendar, type MeterLogRecord, type Mounting } from '@wattledger/contracts';
import { arbitraryArrival, arbitraryHistory, arrive, randomOf, type History } from '../testing/histories.ts';
import { MemoryTables, recordsOf } from '../testing/memory-tables.ts';
import { naiveEnergy } from '../testing/naive-energy.ts';
import type { MeterRecord } from './course.ts';
import { extentOf } from './gap-fold.ts';
import { ownReadings } from './known-register.ts';
import { stretchOf } from './known-stretch.ts';
import { segmentStateOf } from './meter-state.ts';

const runs = Number(process.env['WATTLEDGER_PROPERTY_RUNS'] ?? 400);

function inBatches(records: readonly MeterRecord[], sizeMax: number, seed: number): MeterRecord[][] {
  const random = randomOf(seed);
  const batches: MeterRecord[][] = [];
  for (let from = 0; from < records.length;) {
    const size = 1 + Math.floor(random() * sizeMax);
    batches.push(records.slice(from, from + size));
    from += size;
  }
  return batches;
}

/** Half an hour: stored readings are met through windows of all sizes. */
const marginMs = 1_800_000;

function tablesOf(values: readonly MeterLogRecord[], batch: number, seed: number): MemoryTables {
  const tables = new MemoryTables(marginMs);
  for (const records of inBatches(recordsOf(values), batch, seed)) tables.apply(records);
  return tables;
}

const naiveSlots = (history: History): unknown[] => {
  const naive = naiveEnergy(history.mounting, new Map([['import', history.readings]]));
  const points = new Map(
    history.mounting.segments.map((segment) => [segment.segmentId, segment.meteringPointId]),
  );
  return naive.slots
    .map((slot) => [
      `${points.get(slot.segmentId) ?? ''} active-import ${slot.segmentId} ${slot.startMs}`,
      slot.consumption,
      slot.quality,
    ])
    .sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
};

const beginMs = Date.parse('2026-01-05T00:00:00Z');

/** A register that changes its metering point at `exchangeMs`. */
function exchange(exchangeMs: number, registerMax: number, opening: number | null): Mounting {
  const segment = (id: string, fromMs: number, toMs: number | null): Mounting['segments'][number] => ({
    segmentId: `seg_${id}`,
    register: 'import',
    meteringPointId: `pnt_${id}`,
    quantity: 'active-import',
    fromMs,
    toMs,
    multiplierNumerator: 1,
    multiplierDenominator: 1,
    registerMax,
    powerMax: null,
    openingReading: null,
    closingReading: null,
  });
  return {
    kind: 'mounting',
    meterId: 'mtr_1',
    projectId: 'prj_1',
    zone: 'Europe/Berlin',
    slotMinutes: 15,
    calendar: flatCalendar,
    segments: [
      segment('before', beginMs, exchangeMs),
      {
        ...segment('after', exchangeMs, null),
        openingReading: opening === null ? null : { instantMs: exchangeMs, value: opening, scaler: 0 },
      },
    ],
  };
}

/** Found by a random seed: a meter whose opening reading is wider than its register. */
function beyondWidth(): History {
  const quarter = 900_000;
  return {
    mounting: exchange(beginMs + 4 * quarter, 99_999, 100_000),
    readings: [0, 0, 0, 0, 100_000, 0, 0, 0].map((value, index) => ({
      instantMs: beginMs + index * quarter,
      value,
      scaler: 0,
      quality: 0,
    })),
  };
}

describe('laws of the fold', () => {
  test('an opening reading that the register cannot show opens nothing, in whatever order readings come', () => {
    const history = beyondWidth();
    for (let seed = 1; seed <= 40; seed += 1) {
      const tables = new MemoryTables(marginMs);
      const values = arrive(history, {
        seed,
        chunk: 2,
        shuffle: 'all',
        repeat: 1,
        mountingAt: 0,
        earlierMounting: false,
        batch: 1,
        conflicts: false,
      });
      for (const records of inBatches(recordsOf(values), 1, seed)) {
        tables.apply(records);
        expectClosure(tables);
        expectRemembered(tables);
      }
      expect([...tables.readings.values()].filter((row) => row.verdict !== 0)).toHaveLength(1);
    }
  });

  // Found by a random seed: the readings that explain the fall come later, farther from the end than what is asked for first.
  test('the reading that a segment ends with, refused at first, is asked again when what came before it is known', () => {
    const minute = 60_000;
    const records = [
      [
        [1, 7_977],
        [32, 8_162],
      ],
      [
        [87, 0],
        [90, 0],
      ],
      [[50, 9_000]],
      [[74, 9_000]],
    ] as const;
    const tables = new MemoryTables(marginMs);
    const values: MeterLogRecord[] = [
      exchange(beginMs + 87 * minute, 9_999, null),
      ...records.map((readings): MeterLogRecord => ({
        kind: 'readings',
        meterId: 'mtr_1',
        projectId: 'prj_1',
        source: 'poll',
        receivedAt: beginMs + 100 * minute,
        series: [
          {
            register: 'import',
            scaler: 0,
            quality: 0,
            instants: readings.map(([at]) => beginMs + at * minute),
            values: readings.map(([, value]) => value),
          },
        ],
      })),
    ];
    for (const record of recordsOf(values)) {
      tables.apply([record]);
      expectClosure(tables);
      expectRemembered(tables);
    }
    expect(tables.state.registers.get('import')?.segments.get('seg_before')?.rolloverConsumption).toBe(
      10_000,
    );
  });

  test('whatever the order, repetition, lateness and batching: the slots are those of the naive fold over the set of readings', () => {
    fc.assert(
      fc.property(arbitraryHistory, arbitraryArrival, (history, arrival) => {
        // Of two values for one instant the first in the log stands: the one thing that order decides.
        const tables = tablesOf(
          arrive(history, { ...arrival, conflicts: false }),
          arrival.batch,
          arrival.seed,
        );
        expect(tables.contents()['slots']).toEqual(naiveSlots(history));
        const accepted = naiveEnergy(history.mounting, new Map([['import', history.readings]])).accepted;
        const counted = [...tables.readings].filter(([, row]) => row.verdict === 0).map(([key]) => key);
        expect(new Set(counted)).toEqual(accepted);
        expect(tables.readings.size).toBe(history.readings.length);
      }),
      { numRuns: runs },
    );
  });

  test('Σ slots of a segment = closing − opening + rollovers, after every batch', () => {
    fc.assert(
      fc.property(arbitraryHistory, arbitraryArrival, (history, arrival) => {
        const tables = new MemoryTables(marginMs);
        for (const records of inBatches(recordsOf(arrive(history, arrival)), arrival.batch, arrival.seed)) {
          tables.apply(records);
          expectClosure(tables);
          expectRemembered(tables);
        }
      }),
      { numRuns: runs },
    );
  });

  test('the same log gives the same rows, revisions included, however it is cut into batches', () => {
    fc.assert(
      fc.property(
        arbitraryHistory,
        arbitraryArrival,
        fc.integer({ min: 1, max: 12 }),
        (history, arrival, otherBatch) => {
          const values = arrive(history, arrival);
          expect(tablesOf(values, otherBatch, arrival.seed + 1).rows()).toEqual(
            tablesOf(values, arrival.batch, arrival.seed).rows(),
          );
        },
      ),
      { numRuns: runs },
    );
  });

  test('a crash between rows and state, then other batches: the same rows', () => {
    fc.assert(
      fc.property(
        arbitraryHistory,
        arbitraryArrival,
        fc.integer({ min: 1, max: 12 }),
        (history, arrival, ahead) => {
          const values = arrive(history, arrival);
          const records = recordsOf(values);
          const tables = new MemoryTables(marginMs);
          const random = randomOf(arrival.seed);
          for (let from = 0; from < records.length;) {
            if (random() < 0.5)
              tables.apply(records.slice(from, from + 1 + Math.floor(random() * ahead)), true);
            const size = 1 + Math.floor(random() * arrival.batch);
            tables.apply(records.slice(from, from + size));
            from += size;
          }
          expect(tables.rows()).toEqual(tablesOf(values, 1, 0).rows());
        },
      ),
      { numRuns: runs },
    );
  });

  test('held readings are counted as they are stored', () => {
    fc.assert(
      fc.property(arbitraryHistory, arbitraryArrival, (history, arrival) => {
        const tables = tablesOf(arrive(history, arrival), arrival.batch, arrival.seed);
        const counted = [...tables.held.values()].reduce((sum, count) => sum + count, 0);
        expect(counted).toBe([...tables.readings.values()].filter((row) => row.verdict !== 0).length);
      }),
      { numRuns: runs },
    );
  });
});

function expectClosure(tables: MemoryTables): void {
  const { inForce, registers } = tables.state;
  const sums = new Map<string, number>();
  for (const [key, slot] of tables.slots) {
    const segment = key.split(' ')[2] ?? '';
    if (!slot.deleted) sums.set(segment, (sums.get(segment) ?? 0) + slot.consumption);
  }
  const mounting: Mounting | undefined = inForce?.mounting;
  if (mounting === undefined) {
    expect(sums.size).toBe(0);
    return;
  }
  for (const plan of inForce?.plans.values() ?? []) {
    for (const segment of plan.segments) {
      const state = segmentStateOf(registers.get(plan.register), segment);
      const opening = state.extents[0]?.first.baseUnits ?? 0;
      const closing = state.extents.at(-1)?.last.baseUnits ?? 0;
      expect(sums.get(segment.segment.segmentId) ?? 0).toBe(closing - opening + state.rolloverConsumption);
    }
  }
}

/** What is remembered at the edges of extents is what the readings inside them say, and no reading lies outside. */
function expectRemembered(tables: MemoryTables): void {
  const kept = [...tables.readings.values()].sort((a, b) => a.instantMs - b.instantMs);
  for (const plan of tables.state.inForce?.plans.values() ?? []) {
    for (const segment of plan.segments) {
      const own = ownReadings(segment, kept);
      const borrowed = segment.borrowsEnd
        ? (kept.find(({ instantMs }) => instantMs === segment.endMs) ?? null)
        : null;
      const stretch = stretchOf(segment, { own, borrowed, leftOpen: false, rightOpen: false });
      const { extents, tail } = segmentStateOf(tables.state.registers.get(plan.register), segment);
      for (const extent of extents) {
        const inside = stretch.steps.filter(
          ({ reading, verdict }) =>
            verdict === 0 &&
            reading.instantMs >= extent.first.instantMs &&
            reading.instantMs <= extent.last.instantMs,
        );
        const { firstPart, lastPart, first, last } = extentOf(
          segment,
          extent.fromMs,
          inside.map(({ reading }) => reading),
        );
        expect({ ...extent, firstPart, lastPart, first, last }).toEqual(extent);
      }
      const outside = own.filter(
        ({ instantMs }) =>
          !extents.some((extent) => instantMs >= extent.fromMs && instantMs <= extent.last.instantMs) &&
          !(tail !== null && instantMs >= tail.fromMs && instantMs <= tail.toMs),
      );
      expect(outside).toEqual([]);
    }
  }
}
