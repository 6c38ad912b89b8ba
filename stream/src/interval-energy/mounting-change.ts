// SPDX-License-Identifier: Apache-2.0
/**
 * A new mounting: registers whose segments changed are folded again from all their readings, and exactly the slots
 * whose content differs are rewritten. What the readings say never depends on whether they came before or after it.
 */
import type { Mounting } from '@wattledger/contracts';
import type { KeptReading } from './kept-reading.ts';
import { KnownRegister } from './known-register.ts';
import { WantsStored, type Course, type MeterRecord } from './course.ts';
import { mountingInForce, readingsStored, type MountingInForce } from './meter-state.ts';
import { emptyPlan, type RegisterPlan } from './segment-plan.ts';
import { foldWhole, type LaidSlots } from './whole-register.ts';

/** @throws WantsStored when a changed register has stored readings that are not all in hand */
export function applyMounting(course: Course, mounting: Mounting, record: MeterRecord): void {
  const before = course.state.inForce;
  const after = mountingInForce(mounting, record.offset);
  const known = new Set([
    ...(before?.plans.keys() ?? []),
    ...after.plans.keys(),
    ...course.state.registers.keys(),
  ]);
  const readings = new Map<string, readonly KeptReading[]>();
  for (const register of known)
    if (changes(before, after, register)) readings.set(register, readingsInHand(course, register));
  const laidBefore = new Map<string, LaidSlots>();
  const laidAfter = new Map<string, LaidSlots>();
  const states = new Map(course.state.registers);
  for (const [register, kept] of readings) {
    const was = foldWhole(before, planIn(before, register), kept);
    const is = foldWhole(after, planIn(after, register), kept);
    for (const [reading, verdict] of was.verdicts) reading.verdict = verdict;
    for (const [reading, verdict] of is.verdicts) {
      if (verdict !== reading.verdict) course.effects.judgeAgain(register, reading, verdict, record.offset);
    }
    for (const laid of was.laid) laidBefore.set(keyOf(laid), laid);
    for (const laid of is.laid) laidAfter.set(keyOf(laid), laid);
    states.set(register, is.state);
  }
  const regridded = before !== null && before.mounting.slotMinutes !== mounting.slotMinutes;
  writeDifferences(course, laidBefore, laidAfter, { record, regridded });
  const calendarChanged = before === null || calendarOf(before.mounting) !== calendarOf(mounting);
  const calendarNumber = course.state.calendarNumber + (calendarChanged ? 1 : 0);
  course.state = { ...course.state, inForce: after, calendarNumber, registers: states };
  for (const [register, kept] of readings) reopen(course, register, kept);
}

const planIn = (inForce: MountingInForce | null, register: string): RegisterPlan =>
  inForce?.plans.get(register) ?? emptyPlan(register, 0);

const keyOf = ({ inForce: { segment } }: LaidSlots): string =>
  `${segment.meteringPointId} ${segment.quantity} ${segment.segmentId}`;

function changes(before: MountingInForce | null, after: MountingInForce, register: string): boolean {
  if (before === null || before.mounting.slotMinutes !== after.mounting.slotMinutes) return true;
  return textOf(before.mounting, register) !== textOf(after.mounting, register);
}

const textOf = ({ segments }: Mounting, register: string): string =>
  JSON.stringify(
    segments
      .filter((segment) => segment.register === register)
      .sort((a, b) => (a.segmentId < b.segmentId ? -1 : 1)),
  );

const calendarOf = ({ zone, slotMinutes, calendar }: Mounting): string =>
  JSON.stringify([zone, slotMinutes, calendar]);

/** All readings stored of a register; none for one that never had any. */
function readingsInHand(course: Course, register: string): readonly KeptReading[] {
  if (isWhole(course, register))
    return course.known.get(register)?.readings() ?? course.stored.get(register)?.readings ?? [];
  if (!course.known.has(register) && readingsStored(course.state.registers.get(register)) === 0) return [];
  throw new WantsStored({ register, fromMs: -Infinity, toMs: Infinity, side: 'all' });
}

function isWhole(course: Course, register: string): boolean {
  const stored = course.stored.get(register);
  return stored !== undefined && stored.fromMs === -Infinity && stored.toMs === Infinity;
}

function writeDifferences(
  course: Course,
  before: ReadonlyMap<string, LaidSlots>,
  after: ReadonlyMap<string, LaidSlots>,
  { record, regridded }: { readonly record: MeterRecord; readonly regridded: boolean },
): void {
  const revision = record.offset;
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const was = before.get(key);
    const is = after.get(key);
    const inForce = (is ?? was)?.inForce;
    if (inForce === undefined) continue;
    const { slots } = course.effects.segmentSlots(inForce, record.recordedAtMs);
    for (const [start, { consumption, quality }] of is?.slots ?? []) {
      // A slot of another length is another slot, even where it begins alike and holds as much: whoever counts on the
      // old grid has to hear of the new one.
      const earlier = regridded ? undefined : was?.slots.get(start);
      if (earlier?.consumption === consumption && earlier.quality === quality) continue;
      slots.set(start, { consumption, quality, revision, deleted: false });
    }
    for (const start of was?.slots.keys() ?? []) {
      if (is?.slots.has(start) !== true)
        slots.set(start, { consumption: 0, quality: 3, revision, deleted: true });
    }
  }
}

/** Later records of the course meet the register under its new plan. */
function reopen(course: Course, register: string, kept: readonly KeptReading[]): void {
  if (!isWhole(course, register)) return;
  const stored = { fromMs: -Infinity, toMs: Infinity, readings: kept };
  course.known.set(
    register,
    new KnownRegister(
      planIn(course.state.inForce, register),
      course.state.registers.get(register),
      stored,
      Infinity,
    ),
  );
}
