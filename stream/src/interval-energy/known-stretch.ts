// SPDX-License-Identifier: Apache-2.0
/**
 * The slow path: a stretch of a segment whose stored readings are all in hand. Readings are inserted, judged again from
 * the last one that counts, and the slots between readings that count as before and now are laid anew.
 */
import type { KeptReading } from './kept-reading.ts';
import { RegisterJudge, steps as stepKinds, type Doubt } from './register-judge.ts';
import type { SegmentInForce } from './segment-plan.ts';
import { layReadings } from './gap-fold.ts';
import { emptyRun, slotEnd, slotStart, type SlotRun } from './slot-span.ts';
import type { UnitReading } from './unit-reading.ts';
import { verdicts, type Verdict } from './verdict.ts';

/** One position of the register in order of time. */
export interface Step {
  readonly reading: UnitReading;
  /** The stored reading; null for opening and closing readings and for one borrowed from the next segment. */
  readonly kept: KeptReading | null;
  readonly kind: 'own' | 'anchor' | 'borrowed';
  verdict: Verdict;
  /** Base units that passed through a rollover on the way here. */
  rolled: number;
}

export interface Stretch {
  readonly inForce: SegmentInForce;
  readonly steps: Step[];
  /** More is stored before: the first step is then known to count. */
  readonly leftOpen: boolean;
  /** More is stored after. */
  readonly rightOpen: boolean;
  /** Held readings at the end; meaningless while rightOpen. */
  doubt: Doubt | null;
  endRefused: boolean;
}

/** More of the stored readings is needed on one side. */
export class NeedsMore extends Error {
  readonly side: 'left' | 'right';
  constructor(side: 'left' | 'right') {
    super(`the stretch does not reach far enough to the ${side}`);
    this.name = 'NeedsMore';
    this.side = side;
  }
}

export function toUnits(
  inForce: SegmentInForce,
  reading: Pick<KeptReading, 'instantMs' | 'value' | 'scaler' | 'quality'>,
): UnitReading {
  const { instantMs, value, scaler, quality } = reading;
  return { instantMs, value, scaler, quality, baseUnits: inForce.scaleOf(scaler).baseUnits(value) };
}

export const stepOf = (inForce: SegmentInForce, kept: KeptReading): Step => ({
  reading: toUnits(inForce, kept),
  kept,
  kind: 'own',
  verdict: verdicts.accepted,
  rolled: 0,
});

export interface StretchParts {
  /** Own stored readings in order of time, without those at the instant of an opening or closing reading. */
  readonly own: readonly KeptReading[];
  /** The reading at endMs that belongs to the next segment. */
  readonly borrowed: KeptReading | null;
  readonly leftOpen: boolean;
  readonly rightOpen: boolean;
}

/** Builds a stretch and judges it. With leftOpen the first reading must be one that counts. */
export function stretchOf(inForce: SegmentInForce, parts: StretchParts): Stretch {
  const steps = parts.own.map((kept) => stepOf(inForce, kept));
  if (!parts.leftOpen && inForce.opening !== null) steps.unshift(anchorStep(inForce.opening));
  if (!parts.rightOpen) {
    if (inForce.closing !== null) steps.push(anchorStep(inForce.closing));
    else if (parts.borrowed !== null) steps.push(borrowedStep(inForce, parts.borrowed));
  }
  const stretch: Stretch = {
    inForce,
    steps,
    leftOpen: parts.leftOpen,
    rightOpen: parts.rightOpen,
    doubt: null,
    endRefused: false,
  };
  judgeFrom(stretch, 0);
  return stretch;
}

const anchorStep = (reading: UnitReading): Step => ({
  reading,
  kept: null,
  kind: 'anchor',
  verdict: verdicts.accepted,
  rolled: 0,
});
const borrowedStep = (inForce: SegmentInForce, kept: KeptReading): Step => ({
  reading: toUnits(inForce, kept),
  kept: null,
  kind: 'borrowed',
  verdict: verdicts.accepted,
  rolled: 0,
});

/** What an insertion did. */
export interface Insertion {
  /** Spans of time whose slots must be laid anew, in order. */
  readonly touched: readonly (readonly [fromMs: number, toMs: number])[];
  /** Stored readings whose verdict changed, the inserted ones included. */
  readonly judged: readonly Step[];
}

/**
 * Inserts steps (in order of time, none at an instant that has one) and judges again what they bear on.
 * @throws NeedsMore when that reaches beyond the stretch
 */
export function insertSteps(stretch: Stretch, added: readonly Step[]): Insertion {
  const { steps } = stretch;
  const first = added[0];
  const last = added.at(-1);
  if (first === undefined || last === undefined) return { touched: [], judged: [] };
  if (stretch.leftOpen && first.reading.instantMs <= (steps[0]?.reading.instantMs ?? Infinity))
    throw new NeedsMore('left');
  const from = lastAcceptedBefore(steps, first.reading.instantMs);
  const before = steps.slice(from);
  const verdictsBefore = new Map(before.map((step) => [step, step.verdict]));
  const merged = mergedByTime(before, added);
  steps.splice(from, steps.length - from, ...merged);
  const convergedAt = judgeFrom(stretch, from, { pastMs: last.reading.instantMs, before: verdictsBefore });
  if (convergedAt === null && stretch.rightOpen) throw new NeedsMore('right');
  const judged = steps.slice(from, convergedAt ?? steps.length);
  return {
    touched: touchedSpans(judged, verdictsBefore),
    judged: judged.filter((step) => step.kind === 'own' && verdictsBefore.get(step) !== step.verdict),
  };
}

function lastAcceptedBefore(steps: readonly Step[], instantMs: number): number {
  for (let index = steps.length - 1; index >= 0; index -= 1) {
    const step = steps[index] as Step;
    if (step.verdict === verdicts.accepted && step.reading.instantMs < instantMs) return index;
  }
  return 0;
}

function mergedByTime(a: readonly Step[], b: readonly Step[]): Step[] {
  const merged: Step[] = [];
  let next = 0;
  for (const step of a) {
    while (next < b.length && (b[next] as Step).reading.instantMs < step.reading.instantMs)
      merged.push(b[next++] as Step);
    merged.push(step);
  }
  while (next < b.length) merged.push(b[next++] as Step);
  return merged;
}

interface Convergence {
  /** Nothing was inserted after this. */
  readonly pastMs: number;
  readonly before: ReadonlyMap<Step, Verdict>;
}

/**
 * Judges steps[from…]; the step at `from` counts or is the first. With a convergence it stops after the first step past
 * the insertions that counted before and counts now: from there on nothing changes.
 * @returns index after that step; null when it went to the end
 */
function judgeFrom(stretch: Stretch, from: number, convergence?: Convergence): number | null {
  const { inForce, steps } = stretch;
  const judge = new RegisterJudge(inForce, null, null);
  let index = from;
  const start = steps[from];
  if (start !== undefined && from > 0) {
    judge.last = start.reading;
    index = from + 1;
  }
  for (; index < steps.length; index += 1) {
    const step = steps[index] as Step;
    judgeStep(stretch, judge, step);
    const converged =
      convergence !== undefined &&
      step.reading.instantMs > convergence.pastMs &&
      step.verdict === verdicts.accepted &&
      convergence.before.get(step) === verdicts.accepted;
    if (converged) return index + 1;
  }
  stretch.doubt = judge.doubt;
  return null;
}

function judgeStep(stretch: Stretch, judge: RegisterJudge, step: Step): void {
  const { last, doubt } = judge;
  step.verdict = judge.consider(step.reading);
  const rolledOver = step.verdict === verdicts.accepted && last !== null && judge.step === stepKinds.rollover;
  step.rolled = rolledOver ? (stretch.inForce.scaleOf(last.scaler).capacity ?? 0) : 0;
  if (step.kind !== 'borrowed') return;
  stretch.endRefused = step.verdict !== verdicts.accepted;
  // A foreign reading that does not fit says nothing about this segment.
  if (stretch.endRefused) judge.doubt = doubt;
}

/** Between neighbours that counted before and count now, wherever the readings that count in between differ. */
function touchedSpans(judged: readonly Step[], before: ReadonlyMap<Step, Verdict>): [number, number][] {
  const touched: [number, number][] = [];
  let common: number | null = null;
  let firstChange: number | null = null;
  let lastChange: number | null = null;
  for (const step of judged) {
    const counted = before.get(step) === verdicts.accepted;
    const counts = step.verdict === verdicts.accepted;
    if (!counted && !counts) continue;
    const at = step.reading.instantMs;
    if (counted !== counts) {
      firstChange ??= at;
      lastChange = at;
      continue;
    }
    if (firstChange !== null) touched.push([common ?? firstChange, at]);
    common = at;
    firstChange = null;
  }
  if (firstChange !== null) touched.push([common ?? firstChange, lastChange ?? firstChange]);
  // A single reading has no energy yet.
  return touched.filter(([fromMs, toMs]) => fromMs < toMs);
}

/**
 * The slots that [fromMs, toMs) touches as they are now. A slot whose mask is 0 is one of which nothing is known.
 * @throws NeedsMore
 */
export function slotsIn(stretch: Stretch, fromMs: number, toMs: number): SlotRun {
  const { inForce, steps } = stretch;
  const begin = slotStart(fromMs, inForce.slotMs);
  const end = slotEnd(toMs, inForce.slotMs);
  const run = emptyRun(fromMs, toMs, inForce.slotMs);
  let low = steps.findLastIndex(
    (step) => step.verdict === verdicts.accepted && step.reading.instantMs <= begin,
  );
  if (low < 0) {
    if (stretch.leftOpen) throw new NeedsMore('left');
    low = 0;
  }
  const accepted: UnitReading[] = [];
  let reached = false;
  for (let index = low; index < steps.length && !reached; index += 1) {
    const step = steps[index] as Step;
    if (step.verdict !== verdicts.accepted) continue;
    accepted.push(step.reading);
    reached = step.reading.instantMs >= end;
  }
  if (!reached && stretch.rightOpen) throw new NeedsMore('right');
  layReadings(inForce, run, undefined, accepted);
  return run;
}

/** All slots of a stretch that is whole; null while it has no energy. */
export function allSlots(stretch: Stretch): SlotRun | null {
  const accepted = stretch.steps.filter((step) => step.verdict === verdicts.accepted);
  const first = accepted[0]?.reading.instantMs;
  const last = accepted.at(-1)?.reading.instantMs;
  if (first === undefined || last === undefined || first === last) return null;
  return slotsIn(stretch, first, last);
}
