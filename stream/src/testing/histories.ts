// SPDX-License-Identifier: Apache-2.0
/** Random histories of one meter: a register that counts, with every fault a register can show. */
import fc from 'fast-check';
import { flatCalendar, type MeterLogRecord, type Mounting, type Segment } from '@wattledger/contracts';
import type { NaiveReading } from './naive-energy.ts';

export const baseMs = Date.UTC(2026, 0, 5);
const minuteMs = 60_000;

export interface History {
  readonly mounting: Mounting;
  readonly readings: readonly NaiveReading[];
}

interface Fault {
  readonly at: number;
  readonly kind: 'spike' | 'zero' | 'restart' | 'jitter' | 'jump';
  readonly size: number;
}

const arbitraryFault: fc.Arbitrary<Fault> = fc.record({
  at: fc.nat({ max: 40 }),
  kind: fc.constantFrom('spike', 'zero', 'restart', 'jitter', 'jump'),
  size: fc.integer({ min: 1, max: 5000 }),
});

interface Shape {
  readonly slotMinutes: 15 | 30 | 60;
  readonly scaler: number;
  readonly numerator: number;
  readonly denominator: number;
  readonly registerMax: number | null;
  readonly powerMax: number | null;
  readonly start: number;
  /** Several readings in a slot, one or two, or days between them. */
  readonly tempo: number;
  readonly steps: readonly {
    readonly minutes: number;
    readonly seconds: number;
    readonly counts: number;
    readonly quality: 0 | 1 | 2 | 3;
  }[];
  readonly faults: readonly Fault[];
  readonly cuts: readonly {
    readonly at: number;
    readonly gapMinutes: number;
    readonly opening: boolean;
    readonly closing: boolean;
    readonly onReading: boolean;
    readonly restart: boolean;
  }[];
}

const arbitraryShape: fc.Arbitrary<Shape> = fc.record({
  slotMinutes: fc.constantFrom(15, 30, 60),
  scaler: fc.integer({ min: -3, max: 3 }),
  numerator: fc.constantFrom(1, 1, 40, 200, 7),
  denominator: fc.constantFrom(1, 1, 5, 3),
  registerMax: fc.constantFrom(null, null, 999, 9999, 99_999),
  powerMax: fc.constantFrom(null, 2000, 50_000, 5_000_000),
  start: fc.nat({ max: 12_000 }),
  tempo: fc.constantFrom(0.2, 1, 1, 1, 6),
  steps: fc.array(
    fc.record({
      minutes: fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom(15, 30, 60) },
        { weight: 2, arbitrary: fc.integer({ min: 1, max: 90 }) },
        { weight: 1, arbitrary: fc.integer({ min: 90, max: 3000 }) },
      ),
      seconds: fc.oneof(
        { weight: 4, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 59 }) },
      ),
      counts: fc.oneof(
        { weight: 1, arbitrary: fc.constant(0) },
        { weight: 5, arbitrary: fc.nat({ max: 60 }) },
        { weight: 1, arbitrary: fc.nat({ max: 900 }) },
      ),
      quality: fc.oneof(
        { weight: 6, arbitrary: fc.constant(0 as const) },
        { weight: 1, arbitrary: fc.constantFrom(1 as const, 2 as const, 3 as const) },
      ),
    }),
    { minLength: 1, maxLength: 40, size: 'max' },
  ),
  faults: fc.oneof(
    fc.array(arbitraryFault, { maxLength: 3, size: 'max' }),
    fc.array(arbitraryFault, { maxLength: 12, size: 'max' }),
  ),
  cuts: fc.array(
    fc.record({
      at: fc.nat({ max: 40 }),
      gapMinutes: fc.constantFrom(0, 0, 0, 40, 600),
      opening: fc.boolean(),
      closing: fc.boolean(),
      onReading: fc.boolean(),
      restart: fc.boolean(),
    }),
    { maxLength: 2, size: 'max' },
  ),
});

/** The register counts on, turns over at its width, and shows what the faults say. */
function readingsOf(shape: Shape): NaiveReading[] {
  const readings: NaiveReading[] = [];
  let instantMs = baseMs;
  let count = shape.start;
  for (const [index, step] of shape.steps.entries()) {
    instantMs += Math.ceil(step.minutes * shape.tempo) * minuteMs + step.seconds * 1000;
    count += step.counts;
    for (const fault of shape.faults) {
      if (fault.at === index && fault.kind === 'restart') count = fault.size % 7;
      if (fault.at === index && fault.kind === 'jump') count += fault.size * 10;
    }
    if (shape.cuts.some((cut) => cut.at === index && cut.onReading && cut.restart)) count = 0;
    if (shape.registerMax !== null) count %= shape.registerMax + 1;
    const shown = shape.faults.reduce((value, fault) => {
      if (fault.at !== index) return value;
      if (fault.kind === 'spike') return value + fault.size * 100;
      if (fault.kind === 'zero') return 0;
      return fault.kind === 'jitter' ? Math.max(0, value - (fault.size % 3)) : value;
    }, count);
    readings.push({ instantMs, value: shown, scaler: shape.scaler, quality: step.quality });
  }
  return readings;
}

function segmentsOf(shape: Shape, readings: readonly NaiveReading[]): Segment[] {
  const cutsAt = new Map(shape.cuts.filter((cut) => cut.at < readings.length).map((cut) => [cut.at, cut]));
  const cuts = [...cutsAt.values()].sort((a, b) => a.at - b.at);
  const segments: Segment[] = [];
  let fromMs = baseMs;
  let opening: Segment['openingReading'] = null;
  for (let index = 0; index <= cuts.length; index += 1) {
    const cut = cuts[index];
    const at = cut === undefined ? undefined : (readings[cut.at] as NaiveReading);
    const toMs =
      at === undefined
        ? null
        : Math.max(fromMs + minuteMs, at.instantMs + (cut?.onReading === true ? 0 : 7 * minuteMs));
    const shown =
      at === undefined || toMs === null ? null : { instantMs: toMs, value: at.value, scaler: at.scaler };
    segments.push({
      segmentId: `seg_${index}`,
      register: 'import',
      meteringPointId: index === 1 ? 'pnt_2' : 'pnt_1',
      quantity: 'active-import',
      fromMs,
      toMs,
      multiplierNumerator: shape.numerator + index,
      multiplierDenominator: shape.denominator,
      registerMax: shape.registerMax,
      powerMax: shape.powerMax,
      openingReading: opening,
      closingReading: cut?.closing === true ? shown : null,
    });
    if (cut === undefined || toMs === null) break;
    fromMs = toMs + cut.gapMinutes * minuteMs;
    opening = cut.opening && shown !== null ? { ...shown, instantMs: fromMs } : null;
  }
  return segments;
}

export const arbitraryHistory: fc.Arbitrary<History> = arbitraryShape.map((shape) => {
  const readings = readingsOf(shape);
  const mounting: Mounting = {
    kind: 'mounting',
    meterId: 'mtr_1',
    projectId: 'prj_1',
    zone: 'Europe/Berlin',
    slotMinutes: shape.slotMinutes,
    calendar: flatCalendar,
    segments: segmentsOf(shape, readings),
  };
  return { mounting, readings };
});

export function batchOf(readings: readonly NaiveReading[]): MeterLogRecord {
  const first = readings[0];
  const bySeries = new Map<string, NaiveReading[]>();
  for (const reading of readings) {
    const key = `${reading.scaler} ${reading.quality}`;
    bySeries.set(key, [...(bySeries.get(key) ?? []), reading]);
  }
  return {
    kind: 'readings',
    meterId: 'mtr_1',
    projectId: 'prj_1',
    source: 'poll',
    receivedAt: Math.max(...readings.map(({ instantMs }) => instantMs), first?.instantMs ?? 0),
    series: [...bySeries.values()].map((series) => ({
      register: 'import',
      scaler: (series[0] as NaiveReading).scaler,
      quality: (series[0] as NaiveReading).quality as 0 | 1 | 2 | 3,
      instants: series.map(({ instantMs }) => instantMs),
      values: series.map(({ value }) => value),
    })),
  };
}

/** How a history arrives: cut into records, shuffled, repeated, the mounting somewhere among them. */
export interface Arrival {
  readonly seed: number;
  readonly chunk: number;
  readonly shuffle: 'none' | 'within' | 'records' | 'all';
  readonly repeat: number;
  readonly mountingAt: number;
  readonly earlierMounting: boolean;
  readonly batch: number;
  /** Some repetitions carry other values. */
  readonly conflicts: boolean;
}
export const arbitraryArrival: fc.Arbitrary<Arrival> = fc.record({
  seed: fc.integer(),
  chunk: fc.integer({ min: 1, max: 25 }),
  shuffle: fc.constantFrom('none', 'within', 'records', 'all'),
  repeat: fc.nat({ max: 3 }),
  mountingAt: fc.double({ min: 0, max: 1, noNaN: true }),
  earlierMounting: fc.boolean(),
  batch: fc.integer({ min: 1, max: 12 }),
  conflicts: fc.boolean(),
});

/** A small generator of its own, so that an arrival is a function of its seed. */
export function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let index = result.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [result[index], result[other]] = [result[other] as T, result[index] as T];
  }
  return result;
}

export function arrive(history: History, arrival: Arrival): MeterLogRecord[] {
  const random = randomOf(arrival.seed);
  const readings = arrival.shuffle === 'all' ? shuffled(history.readings, random) : [...history.readings];
  const chunks: NaiveReading[][] = [];
  for (let from = 0; from < readings.length;) {
    const size = 1 + Math.floor(random() * arrival.chunk);
    chunks.push(
      arrival.shuffle === 'within'
        ? shuffled(readings.slice(from, from + size), random)
        : readings.slice(from, from + size),
    );
    from += size;
  }
  for (let count = 0; count < arrival.repeat; count += 1) {
    const again = chunks[Math.floor(random() * chunks.length)] as NaiveReading[];
    const part = random() < 0.5 ? again : again.slice(Math.floor(again.length / 2));
    const other = arrival.conflicts
      ? part.map((reading) => ({ ...reading, value: reading.value + Math.floor(random() * 2) }))
      : part;
    chunks.splice(Math.floor(random() * (chunks.length + 1)), 0, other);
  }
  const ordered =
    arrival.shuffle === 'records' || arrival.shuffle === 'all' ? shuffled(chunks, random) : chunks;
  const records = ordered.filter((chunk) => chunk.length > 0).map(batchOf);
  const at = Math.floor(arrival.mountingAt * (records.length + 1));
  records.splice(Math.min(at, records.length), 0, history.mounting);
  if (arrival.earlierMounting) {
    const [first] = history.mounting.segments;
    const earlier: Mounting = {
      ...history.mounting,
      slotMinutes: 30,
      segments: first === undefined ? [] : [{ ...first, toMs: null, closingReading: null, powerMax: null }],
    };
    records.splice(Math.floor(random() * Math.min(at, records.length)), 0, earlier);
  }
  return records;
}
