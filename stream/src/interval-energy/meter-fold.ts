// SPDX-License-Identifier: Apache-2.0
/**
 * Records of one meter, in the order of the log, folded into its state and its effects on the tables. Pure: what is
 * stored comes in, and when more of it is needed the answer says which.
 */
import type { ReadingBatch } from '@wattledger/contracts';
import { WantsStored, type Course, type MeterRecord, type Wanted } from './course.ts';
import { closeAtEnd, foldIntoGap } from './gap-fold.ts';
import type { KeptReading } from './kept-reading.ts';
import { KnownRegister, verdictInHole, type StoredReadings } from './known-register.ts';
import { NeedsMore, toUnits } from './known-stretch.ts';
import { MeterEffects } from './meter-effects.ts';
import {
  emptyRegister,
  meetsCover,
  segmentStateOf,
  withCover,
  type MeterState,
  type RegisterState,
} from './meter-state.ts';
import { applyMounting } from './mounting-change.ts';
import { readingsByRegister } from './record-readings.ts';
import { emptyPlan, segmentIndexAt, type RegisterPlan, type SegmentInForce } from './segment-plan.ts';
import type { UnitReading } from './unit-reading.ts';
import { verdicts } from './verdict.ts';

export interface Folded {
  readonly state: MeterState;
  readonly effects: MeterEffects;
  readonly wanted: null;
}
export interface FoldNeeds {
  readonly wanted: Wanted;
}

/**
 * @param stored stored readings by register, where an earlier attempt wanted them; records from `position` on are left out
 * @param position offset of the first of the records that the state does not hold yet
 */
export function foldMeter(
  state: MeterState,
  records: readonly MeterRecord[],
  stored: ReadonlyMap<string, StoredReadings>,
  position: number,
): Folded | FoldNeeds {
  const course: Course = { records, effects: new MeterEffects(), stored, position, state, known: new Map() };
  try {
    for (const record of records) {
      if (record.value.kind === 'mounting') applyMounting(course, record.value, record);
      else applyReadings(course, record.value, record.offset);
    }
    for (const [register, known] of course.known)
      course.state = withRegister(course.state, register, known.stateAfter());
    return { state: course.state, effects: course.effects, wanted: null };
  } catch (error) {
    if (error instanceof WantsStored) return { wanted: error.wanted };
    throw error;
  }
}

export function withRegister(state: MeterState, register: string, next: RegisterState): MeterState {
  return { ...state, registers: new Map(state.registers).set(register, next) };
}

/** The plan of a register; a register that is mounted nowhere is one hole. */
export const planOf = (state: MeterState, register: string): RegisterPlan =>
  state.inForce?.plans.get(register) ?? emptyPlan(register, 0);

/** The register on the slow path, once stored readings of it are in hand. */
export function knownRegister(course: Course, register: string): KnownRegister | undefined {
  let known = course.known.get(register);
  const stored = course.stored.get(register);
  if (known === undefined && stored !== undefined) {
    known = new KnownRegister(
      planOf(course.state, register),
      course.state.registers.get(register),
      stored,
      course.position,
    );
    course.known.set(register, known);
  }
  return known;
}

function applyReadings(course: Course, batch: ReadingBatch, offset: number): void {
  for (const { register, readings } of readingsByRegister(batch, offset, course.effects)) {
    if (readings.length === 0) continue;
    const known = knownRegister(course, register);
    if (known === undefined) foldFast(course, register, readings);
    else insertKnown(course, known, register, readings, offset);
  }
}

function insertKnown(
  course: Course,
  known: KnownRegister,
  register: string,
  readings: readonly KeptReading[],
  offset: number,
): void {
  try {
    known.insert(course.state.inForce, readings, course.effects, offset);
  } catch (error) {
    if (!(error instanceof NeedsMore)) throw error;
    throw new WantsStored({ register, ...hullOf(course, register), side: error.side });
  }
}

/** From the first to the last instant that any record of the course brings for a register. */
function hullOf(course: Course, register: string): { readonly fromMs: number; readonly toMs: number } {
  let fromMs = Infinity;
  let toMs = -Infinity;
  for (const { value } of course.records) {
    if (value.kind !== 'readings') continue;
    for (const series of value.series) {
      if (series.register !== register) continue;
      for (const instant of series.instants) {
        if (instant < fromMs) fromMs = instant;
        if (instant > toMs) toMs = instant;
      }
    }
  }
  return { fromMs, toMs };
}

/** Chunk by chunk, one per segment or hole. */
function foldFast(course: Course, register: string, readings: readonly KeptReading[]): void {
  const plan = planOf(course.state, register);
  let next: RegisterState = course.state.registers.get(register) ?? emptyRegister;
  let from = 0;
  while (from < readings.length) {
    const index = segmentIndexAt(plan, (readings[from] as KeptReading).instantMs);
    let to = from + 1;
    while (to < readings.length && segmentIndexAt(plan, (readings[to] as KeptReading).instantMs) === index)
      to += 1;
    const chunk = from === 0 && to === readings.length ? readings : readings.slice(from, to);
    const segment = plan.segments[index];
    const folded =
      segment === undefined
        ? foldHole(course, plan, next, chunk)
        : foldSegment(course, plan, next, index, chunk);
    if (folded === null) throw new WantsStored({ register, ...hullOf(course, register), side: 'both' });
    next = folded;
    from = to;
  }
  course.state = withRegister(course.state, register, next);
}

function foldHole(
  course: Course,
  plan: RegisterPlan,
  state: RegisterState,
  chunk: readonly KeptReading[],
): RegisterState | null {
  const cover = [(chunk[0] as KeptReading).instantMs, (chunk.at(-1) as KeptReading).instantMs] as const;
  if (meetsCover(state.holes, cover)) return null;
  for (const reading of chunk) {
    reading.verdict = verdictInHole(course.state.inForce, plan, reading.instantMs);
    course.effects.keep(plan.register, reading);
  }
  return { ...state, holes: withCover(state.holes, cover), holeReadings: state.holeReadings + chunk.length };
}

function foldSegment(
  course: Course,
  plan: RegisterPlan,
  state: RegisterState,
  index: number,
  chunk: readonly KeptReading[],
): RegisterState | null {
  const inForce = plan.segments[index] as SegmentInForce;
  const { effects } = course;
  const fold = foldIntoGap(
    inForce,
    segmentStateOf(state, inForce),
    chunk.map((reading) => toUnits(inForce, reading)),
  );
  if (fold === null) return null;
  const skipped = chunk.length - fold.readings.length;
  // What was taken off stood at the very beginning or end of the chunk.
  const offset =
    skipped > 0 && fold.readings.length > 0 && chunk[0]?.instantMs !== fold.readings[0]?.instantMs ? 1 : 0;
  const { logOffset, receivedAt, source } = chunk[0] as KeptReading;
  for (let at = 0; at < fold.readings.length; at += 1) {
    const reading = chunk[at + offset] as KeptReading;
    reading.verdict = fold.verdicts[at] ?? verdicts.accepted;
    effects.keep(plan.register, reading);
  }
  for (const reading of fold.conflicts)
    effects.putAside('conflict', plan.register, { ...reading, source, receivedAt, logOffset });
  effects.repeated += fold.repeated;
  if (fold.slots !== null) effects.layRun(inForce, fold.slots, logOffset, receivedAt);
  const segments = new Map(state.segments).set(inForce.segment.segmentId, fold.state);
  const first = fold.readings[0];
  const previous = plan.segments[index - 1];
  if (
    first === undefined ||
    previous === undefined ||
    !previous.borrowsEnd ||
    previous.endMs !== first.instantMs
  )
    return { ...state, segments };
  return closePrevious(course, { ...state, segments }, previous, first, { revision: logOffset, receivedAt });
}

/** The first reading of a segment closes the one before, where it fits. */
function closePrevious(
  course: Course,
  state: RegisterState,
  previous: SegmentInForce,
  first: UnitReading,
  cause: { readonly revision: number; readonly receivedAt: number },
): RegisterState | null {
  const closed = closeAtEnd(previous, segmentStateOf(state, previous), toUnits(previous, first));
  if (closed === null) return null;
  if (closed.slots !== null) course.effects.layRun(previous, closed.slots, cause.revision, cause.receivedAt);
  return { ...state, segments: new Map(state.segments).set(previous.segment.segmentId, closed.state) };
}
