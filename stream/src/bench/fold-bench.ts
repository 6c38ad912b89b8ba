// SPDX-License-Identifier: Apache-2.0
/** The pure fold, for `bench`: a month of half-hours per record, meter by meter, no store. */
import { flatCalendar, type ReadingBatch } from '@wattledger/contracts';
import type { MeterRecord } from '../interval-energy/course.ts';
import { foldMeter } from '../interval-energy/meter-fold.ts';
import { unknownMeter, type MeterState } from '../interval-energy/meter-state.ts';

const half = 1_800_000;
const readingsPerRecord = 1_440;
const fromMs = Date.UTC(2024, 0, 1);

export interface FoldBenchOptions {
  readonly meters: number;
  /** Records of a month per meter. */
  readonly months: number;
  /** Readings some seconds beside the grid: every span then touches two slots. */
  readonly offGrid: boolean;
}
export interface FoldBenchResult {
  readonly readings: number;
  readonly slots: number;
  readonly elapsedMs: number;
}

function recordsOf(meter: number, { months, offGrid }: FoldBenchOptions): MeterRecord[] {
  let value = meter;
  return Array.from({ length: months }, (_, month): MeterRecord => {
    const instants: number[] = [];
    const values: number[] = [];
    for (let index = 0; index < readingsPerRecord; index += 1) {
      instants.push(
        fromMs + (month * readingsPerRecord + index) * half + (offGrid ? ((index * 7) % 60) * 1000 : 0),
      );
      values.push((value += (index * 13 + meter) % 50));
    }
    const batch: ReadingBatch = {
      kind: 'readings',
      meterId: 'mtr_bench',
      projectId: 'prj_bench',
      source: 'back-fill',
      receivedAt: Date.UTC(2100, 0, 1),
      series: [{ register: 'import', scaler: 1, quality: 0, instants, values }],
    };
    return { offset: month + 2, recordedAtMs: 0, value: batch };
  });
}

function mountedMeter(): MeterState {
  const mounting: MeterRecord = {
    offset: 1,
    recordedAtMs: 0,
    value: {
      kind: 'mounting',
      meterId: 'mtr_bench',
      projectId: 'prj_bench',
      zone: 'Europe/Berlin',
      slotMinutes: 30,
      calendar: flatCalendar,
      segments: [
        {
          segmentId: 'seg_bench',
          register: 'import',
          meteringPointId: 'pnt_bench',
          quantity: 'active-import',
          fromMs,
          toMs: null,
          multiplierNumerator: 40,
          multiplierDenominator: 1,
          registerMax: 99_999_999,
          powerMax: 500_000,
          openingReading: null,
          closingReading: null,
        },
      ],
    },
  };
  const folded = foldMeter(unknownMeter('prj_bench', 'mtr_bench'), [mounting], new Map(), 1);
  if (folded.wanted !== null) throw new Error('a meter without readings wants none');
  return folded.state;
}

/** Readings → slots of `meters` meters, each record folded by itself as the consumer does; making the readings is not counted. */
export function measureFold(options: FoldBenchOptions): FoldBenchResult {
  const mounted = mountedMeter();
  let elapsedMs = 0;
  let readings = 0;
  let slots = 0;
  for (let meter = 0; meter < options.meters; meter += 1) {
    const records = recordsOf(meter, options);
    let state = mounted;
    const began = performance.now();
    for (const record of records) {
      const folded = foldMeter(state, [record], new Map(), record.offset);
      if (folded.wanted !== null) throw new Error('readings after the last one need no stored ones');
      state = folded.state;
      readings += folded.effects.kept;
      for (const changed of folded.effects.slots.values()) slots += changed.slots.size;
    }
    elapsedMs += performance.now() - began;
  }
  return { readings, slots, elapsedMs };
}
