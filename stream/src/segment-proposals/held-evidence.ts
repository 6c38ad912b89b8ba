// SPDX-License-Identifier: Apache-2.0
/** What is looked at when a register waits for a decision: its readings around the doubt, and how it went before. */
import type { Mounting, Segment } from '@wattledger/contracts';
import type { KeptReading } from '../interval-energy/kept-reading.ts';
import { plansOf, type SegmentInForce } from '../interval-energy/segment-plan.ts';
import { steps, stepBetween } from '../interval-energy/register-judge.ts';
import { toUnits } from '../interval-energy/known-stretch.ts';
import type { UnitReading } from '../interval-energy/unit-reading.ts';
import { verdicts } from '../interval-energy/verdict.ts';

/** The device said at one instant that it works with another ratio (CT × PT) than before. */
export interface DeviceRatioChange {
  readonly from: number;
  readonly to: number;
  readonly sinceMs: number;
}

export interface HeldRegister {
  readonly projectId: string;
  readonly meterId: string;
  /** Complete, as it is in force. */
  readonly mounting: Mounting;
  readonly segmentId: string;
  readonly reason: 'register-fell' | 'impossible-value';
  readonly lastMs: number;
  readonly heldFromMs: number;
  /** Stored readings of the register in order of time; the first one counts. */
  readonly readings: readonly KeptReading[];
  readonly ratioChange: DeviceRatioChange | null;
}

export interface HeldEvidence extends HeldRegister {
  readonly segment: Segment;
  readonly inForce: SegmentInForce;
  /** All segments of the register. */
  readonly segments: readonly Segment[];
  readonly last: UnitReading;
  /** The reading that began the doubt, and those held after it. */
  readonly first: UnitReading;
  readonly held: readonly UnitReading[];
  /** The most power that the point may be believed to carry; null while nothing is known of it. */
  readonly powerLimit: number | null;
  /** The most that was seen between two readings before the doubt. */
  readonly powerSeen: number;
  /** A reading that counts whatever the last ones were: figures of the doubtful span begin here. */
  readonly spanFromMs: number;
}

const hourMs = 3_600_000;
/** A point may carry some times what it was seen to carry: more tells of a wrong value. */
const seenTimes = 5;
/** Instants of meters and collectors may be apart by this much. */
const clockToleranceMs = 60_000;

/** Null when the readings or the mounting no longer show what is held. */
export function evidenceOf(held: HeldRegister): HeldEvidence | null {
  const segment = held.mounting.segments.find(({ segmentId }) => segmentId === held.segmentId);
  if (segment === undefined) return null;
  const inForce = plansOf(held.mounting)
    .get(segment.register)
    ?.segments.find((candidate) => candidate.segment.segmentId === held.segmentId);
  if (inForce === undefined) return null;
  const own = held.readings
    .filter(({ instantMs }) => instantMs >= inForce.startMs && instantMs <= inForce.endMs)
    .map((reading) => ({ ...toUnits(inForce, reading), counts: reading.verdict === verdicts.accepted }));
  const good = own.filter((reading) => reading.counts && reading.instantMs <= held.lastMs);
  const last = good.at(-1) ?? anchorAt(inForce, held.lastMs);
  const after = own.filter((reading) => !reading.counts && reading.instantMs >= held.heldFromMs);
  const first = after[0];
  if (last === null || first === undefined) return null;
  const powerSeen = greatestPower(inForce, good.slice(0, -1));
  return {
    ...held,
    segment,
    inForce,
    segments: held.mounting.segments.filter(({ register }) => register === segment.register),
    last,
    first,
    held: after,
    powerSeen,
    powerLimit: lesser(segment.powerMax, powerSeen > 0 ? seenTimes * powerSeen : null),
    spanFromMs: good.at(-2)?.instantMs ?? last.instantMs,
  };
}

const lesser = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b);

const anchorAt = ({ opening, closing }: SegmentInForce, atMs: number): UnitReading | null =>
  [opening, closing].find((anchor) => anchor?.instantMs === atMs) ?? null;

export function powerBetween(from: UnitReading, to: UnitReading): number {
  return ((to.baseUnits - from.baseUnits) * hourMs) / Math.max(1, to.instantMs - from.instantMs);
}

/** The last step is left out by the caller: it may be the bad one. */
function greatestPower(inForce: SegmentInForce, readings: readonly UnitReading[]): number {
  let greatest = 0;
  for (let index = 1; index < readings.length; index += 1) {
    const [from, to] = [readings[index - 1] as UnitReading, readings[index] as UnitReading];
    if (stepBetween(inForce, from, to) === steps.forward)
      greatest = Math.max(greatest, powerBetween(from, to));
  }
  return greatest;
}

/** Can so much have passed in the time? True while no limit is known. */
export function canHavePassed(
  { powerLimit, inForce, last }: Pick<HeldEvidence, 'powerLimit' | 'inForce' | 'last'>,
  baseUnits: number,
  fromMs: number,
  toMs: number,
): boolean {
  if (powerLimit === null) return true;
  const spare = inForce.scaleOf(last.scaler).count;
  return (baseUnits - spare) * hourMs <= powerLimit * (toMs - fromMs + clockToleranceMs);
}

/** What breaks later is another event's. */
const readingsOfGrowth = 6;

/**
 * Do the first held readings go on as a register does, by steps that the point can carry?
 * @param ratio base units that a base unit of theirs would be
 */
export function growsPlausibly(evidence: HeldEvidence, ratio = 1): boolean {
  return evidence.held.slice(0, readingsOfGrowth).every((reading, index) => {
    const before = evidence.held[index - 1];
    if (before === undefined) return true;
    const passed = (reading.baseUnits - before.baseUnits) * ratio;
    return passed >= 0 && canHavePassed(evidence, passed, before.instantMs, reading.instantMs);
  });
}
