// SPDX-License-Identifier: Apache-2.0
/**
 * Which readings of a segment count. A reading counts when the register can have come to it from the last one that
 * counts. What does not is held, and the readings after it decide which of two stories is true:
 *
 * - A **jump** (more energy than powerMax allows) is one bad reading as long as the register is next seen where it
 *   was going: the spike stays held, the rest goes on. When the register is next seen going on from the jump instead,
 *   the jump is confirmed and everything is held until a decision.
 * - A **fall** that is no rollover is confirmed at once, because a restarted register soon passes its old value and a
 *   guess would lose energy silently. Held until a decision — unless a later reading goes on from the last good one and
 *   cannot have come from the fallen ones (that needs powerMax): then these were the bad ones.
 * - A fall of a count or two is jitter of the register: held, confirms nothing.
 *
 * The judge reads the readings in order of time and looks at nothing else, so the verdicts are a function of the set
 * of readings, in whatever order they arrived. A reading that counts is a fresh start: what came before it no longer
 * matters. That is what allows a late reading to be judged without reading the whole history.
 */
import { verdicts, type Verdict } from './verdict.ts';
import type { SegmentInForce } from './segment-plan.ts';
import type { UnitReading } from './unit-reading.ts';

/** How a register can have come from one reading to a later one. */
export const steps = { forward: 0, rollover: 1, fell: 2, jumped: 3 } as const;
export type StepKind = (typeof steps)[keyof typeof steps];

/** Clocks of meters and collectors may be apart by this much when power is worked out from two instants. */
const clockToleranceMs = 60_000;
const hourMs = 3_600_000;
/** Near its end is the last tenth of a register's width. */
const nearEndShare = 0.9;
/** Without powerMax a rollover may have passed at most this share of the width. */
const passedShareMax = 0.1;
/** A fall up to so many counts is jitter. */
const jitterCounts = 2;

/** More energy than powerMax can bring in the time, with one count of the register to spare. */
function exceedsPower(
  inForce: SegmentInForce,
  consumption: number,
  from: UnitReading,
  to: UnitReading,
): boolean {
  const { powerMax } = inForce.segment;
  if (powerMax === null) return false;
  const spare = inForce.scaleOf(to.scaler).count;
  return (consumption - spare) * hourMs > powerMax * (to.instantMs - from.instantMs + clockToleranceMs);
}

export function stepBetween(inForce: SegmentInForce, from: UnitReading, to: UnitReading): StepKind {
  const consumption = to.baseUnits - from.baseUnits;
  if (consumption >= 0) return exceedsPower(inForce, consumption, from, to) ? steps.jumped : steps.forward;
  return isRollover(inForce, from, to) ? steps.rollover : steps.fell;
}

function isRollover(inForce: SegmentInForce, from: UnitReading, to: UnitReading): boolean {
  const { registerMax, powerMax } = inForce.segment;
  const { capacity } = inForce.scaleOf(from.scaler);
  if (registerMax === null || capacity === null || from.scaler !== to.scaler) return false;
  if (from.value < nearEndShare * registerMax || to.value < 0) return false;
  const passed = to.baseUnits + capacity - from.baseUnits;
  if (passed < 0) return false;
  return powerMax === null ? passed <= passedShareMax * capacity : !exceedsPower(inForce, passed, from, to);
}

/** Base units that passed on a forward step or rollover. */
export function passedBetween(
  inForce: SegmentInForce,
  kind: StepKind,
  from: UnitReading,
  to: UnitReading,
): number {
  const rolled = kind === steps.rollover ? (inForce.scaleOf(from.scaler).capacity ?? 0) : 0;
  return to.baseUnits - from.baseUnits + rolled;
}

/** Held readings after the last one that counts. */
export interface Doubt {
  readonly sinceMs: number;
  /** The newest reading of the doubtful story. */
  readonly newest: UnitReading;
  /** Confirmed: held until a decision. */
  readonly confirmed: boolean;
  readonly verdict: Verdict;
}

/** Can the register show this at all? */
export function isPossible(inForce: SegmentInForce, reading: UnitReading): boolean {
  const { registerMax } = inForce.segment;
  return Number.isFinite(reading.baseUnits) && (registerMax === null || reading.value <= registerMax);
}

export class RegisterJudge {
  readonly #inForce: SegmentInForce;
  last: UnitReading | null;
  doubt: Doubt | null;
  /** How the newest reading that counts was reached; meaningful after `accepted` with a last one before it. */
  step: StepKind = steps.forward;

  constructor(inForce: SegmentInForce, last: UnitReading | null, doubt: Doubt | null) {
    this.#inForce = inForce;
    this.last = last;
    this.doubt = doubt;
  }

  /** Verdict on the next reading in order of time. */
  consider(reading: UnitReading): Verdict {
    if (!isPossible(this.#inForce, reading)) return verdicts.impossibleValue;
    if (this.last === null) {
      this.last = reading;
      return verdicts.accepted;
    }
    const step = stepBetween(this.#inForce, this.last, reading);
    const goesOn = step <= steps.rollover;
    if (
      goesOn &&
      (this.doubt === null || !this.doubt.confirmed || !this.#cameFrom(this.doubt.newest, reading))
    ) {
      this.step = step;
      this.last = reading;
      this.doubt = null;
      return verdicts.accepted;
    }
    return this.#hold(this.last, reading, step);
  }

  #cameFrom(earlier: UnitReading, reading: UnitReading): boolean {
    return stepBetween(this.#inForce, earlier, reading) <= steps.rollover;
  }

  #hold(last: UnitReading, reading: UnitReading, step: StepKind): Verdict {
    const { doubt } = this;
    const isJitter =
      step === steps.fell &&
      last.baseUnits - reading.baseUnits <= jitterCounts * this.#inForce.scaleOf(reading.scaler).count;
    const confirms =
      !isJitter && (step === steps.fell || (doubt !== null && this.#cameFrom(doubt.newest, reading)));
    const confirmed = doubt?.confirmed === true || confirms;
    const fell = step === steps.fell || doubt?.verdict === verdicts.registerFell;
    const verdict = fell ? verdicts.registerFell : verdicts.impossibleValue;
    this.doubt = { sinceMs: doubt?.sinceMs ?? reading.instantMs, newest: reading, confirmed, verdict };
    return verdict;
  }
}
