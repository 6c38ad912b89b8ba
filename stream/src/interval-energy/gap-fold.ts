// SPDX-License-Identifier: Apache-2.0
/**
 * The fast path: readings that fall after everything stored of a segment, before it, or wholly into one of its gaps,
 * are folded with nothing but the remembered neighbours.
 */
import { passedBetween, RegisterJudge, stepBetween, steps } from './register-judge.ts';
import type { SegmentInForce } from './segment-plan.ts';
import {
  compacted,
  lone,
  partsBeside,
  rolloverOf,
  spanBetween,
  type Extent,
  type SegmentState,
  type Tail,
} from './segment-state.ts';
import {
  addToRun,
  emptyRun,
  isGap,
  joined,
  layOnRun,
  maskOfSpan,
  nothing,
  partInSlot,
  slotStart,
  type SlotPart,
  type SlotRun,
} from './slot-span.ts';
import type { UnitReading } from './unit-reading.ts';
import { sameValue } from './unit-reading.ts';
import { verdicts, type Verdict } from './verdict.ts';

export interface GapFold {
  readonly state: SegmentState;
  /** Readings that are new, with their verdicts, in order of time. */
  readonly readings: readonly UnitReading[];
  readonly verdicts: readonly Verdict[];
  /** Another value for the instant of a remembered neighbour. */
  readonly conflicts: readonly UnitReading[];
  /** Readings that were there already. */
  readonly repeated: number;
  /** The touched slots, whole; null when no reading counts. */
  readonly slots: SlotRun | null;
}

/**
 * Folds readings in order of time, no two of one instant, all of one segment.
 * @returns null when stored readings are needed: use the known stretch then
 */
export function foldIntoGap(
  inForce: SegmentInForce,
  state: SegmentState,
  chunk: readonly UnitReading[],
): GapFold | null {
  if (state.endRefused) return null;
  const trimmed = trimAtNeighbours(inForce, state, chunk);
  if (trimmed === null) return null;
  const { readings, left, conflicts, repeated } = trimmed;
  if (readings.length === 0) return { state, readings, verdicts: [], conflicts, repeated, slots: null };
  const judged = judgeInGap(inForce, state, left, readings);
  if (judged === null) return null;
  const counted = { ...state, readings: state.readings + readings.length };
  if (judged.accepted.length === 0) {
    const folded = { ...counted, tail: judged.tail };
    return { state: folded, readings, verdicts: judged.verdicts, conflicts, repeated, slots: null };
  }
  const slots = layInGap(inForce, state, left, judged.accepted);
  const next = stateAfter(inForce, counted, left, judged, readings);
  return { state: next, readings, verdicts: judged.verdicts, conflicts, repeated, slots };
}

/**
 * Lets the reading that the next segment begins with close this one, if the register can have come to it.
 * @returns null when stored readings are needed
 */
export function closeAtEnd(
  inForce: SegmentInForce,
  state: SegmentState,
  reading: UnitReading,
): Pick<GapFold, 'state' | 'slots'> | null {
  const fold = foldIntoGap(inForce, state, [reading]);
  if (fold === null) return null;
  const accepted = fold.verdicts[0] === verdicts.accepted;
  return {
    state: accepted ? { ...fold.state, readings: state.readings } : { ...state, endRefused: true },
    slots: fold.slots,
  };
}

interface Trimmed {
  /** Index of the extent before the gap; -1 when there is none. */
  readonly left: number;
  readonly readings: readonly UnitReading[];
  readonly conflicts: readonly UnitReading[];
  readonly repeated: number;
}

/** Finds the gap; readings exactly at its edges are repetitions or conflicts and are taken off. */
function trimAtNeighbours(
  inForce: SegmentInForce,
  state: SegmentState,
  chunk: readonly UnitReading[],
): Trimmed | null {
  const { extents, tail } = state;
  const begins = chunk[0];
  if (begins === undefined) return { left: -1, readings: chunk, conflicts: [], repeated: 0 };
  if (meetsAnchor(inForce, begins) || meetsAnchor(inForce, chunk.at(-1) as UnitReading)) return null;
  let left = extents.length - 1;
  while (left >= 0 && (extents[left] as Extent).fromMs > begins.instantMs) left -= 1;
  const before = extents[left];
  const after = extents[left + 1];
  const conflicts: UnitReading[] = [];
  let from = 0;
  let to = chunk.length;
  if (before !== undefined && begins.instantMs === before.last.instantMs) {
    if (!sameValue(begins, before.last)) conflicts.push(begins);
    from = 1;
  }
  const ends = chunk[to - 1] as UnitReading;
  if (
    to > from &&
    after !== undefined &&
    ends.instantMs === after.first.instantMs &&
    after.fromMs === ends.instantMs
  ) {
    if (!sameValue(ends, after.first)) conflicts.push(ends);
    to -= 1;
  }
  const readings = from === 0 && to === chunk.length ? chunk : chunk.slice(from, to);
  const first = readings[0];
  const last = readings.at(-1);
  if (first !== undefined && last !== undefined) {
    if (before !== undefined && first.instantMs <= before.last.instantMs) return null;
    if (after !== undefined && (last.instantMs >= after.fromMs || after.fromMs !== after.first.instantMs))
      return null;
    if (tail !== null && after === undefined && first.instantMs <= tail.toMs) return null;
    if (tail !== null && after !== undefined && last.instantMs >= tail.fromMs) return null;
  }
  return { left, readings, conflicts, repeated: chunk.length - readings.length - conflicts.length };
}

/** An opening or closing reading is no stored one: whether a reading at its instant is stored cannot be told from here. */
function meetsAnchor({ opening, closing }: SegmentInForce, reading: UnitReading): boolean {
  return reading.instantMs === opening?.instantMs || reading.instantMs === closing?.instantMs;
}

interface Judged {
  readonly verdicts: readonly Verdict[];
  readonly accepted: readonly UnitReading[];
  readonly tail: Tail | null;
  readonly rollovers: number;
  readonly rolloverConsumption: number;
}

function judgeInGap(
  inForce: SegmentInForce,
  state: SegmentState,
  left: number,
  readings: readonly UnitReading[],
): Judged | null {
  const before = state.extents[left] ?? null;
  const after = state.extents[left + 1] ?? null;
  const atEnd = after === null;
  const judge = new RegisterJudge(inForce, before?.last ?? null, atEnd ? (state.tail?.doubt ?? null) : null);
  const found = new Array<Verdict>(readings.length);
  const accepted: UnitReading[] = [];
  let rollovers = 0;
  let rolloverConsumption = 0;
  let lastAccepted = -1;
  for (let index = 0; index < readings.length; index += 1) {
    const reading = readings[index] as UnitReading;
    const from = judge.last;
    const verdict = judge.consider(reading);
    found[index] = verdict;
    if (verdict !== verdicts.accepted) continue;
    if (from !== null && judge.step === steps.rollover) {
      rollovers += 1;
      rolloverConsumption += rolloverOf(inForce, steps.rollover, from).rolloverConsumption;
    }
    lastAccepted = index;
    accepted.push(reading);
  }
  const heldAtEnd = lastAccepted < readings.length - 1;
  if (!atEnd)
    return closeAgainst(
      inForce,
      before,
      after,
      { verdicts: found, accepted, tail: state.tail, rollovers, rolloverConsumption },
      heldAtEnd,
    );
  const tail = heldAtEnd ? tailAfter(state.tail, readings, lastAccepted, judge) : null;
  return { verdicts: found, accepted, tail, rollovers, rolloverConsumption };
}

/** The gap has a right neighbour: it must count as before, and no held reading may stand at its left. */
function closeAgainst(
  inForce: SegmentInForce,
  before: Extent | null,
  after: Extent,
  judged: Judged,
  heldAtEnd: boolean,
): Judged | null {
  const last = judged.accepted.at(-1);
  if (heldAtEnd || last === undefined) return null;
  const closing = stepBetween(inForce, last, after.first);
  if (closing > steps.rollover) return null;
  const gained = rolloverOf(inForce, closing, last);
  const lost =
    before === null ? null : rolloverOf(inForce, stepBetween(inForce, before.last, after.first), before.last);
  return {
    ...judged,
    rollovers: judged.rollovers + gained.rollovers - (lost?.rollovers ?? 0),
    rolloverConsumption:
      judged.rolloverConsumption + gained.rolloverConsumption - (lost?.rolloverConsumption ?? 0),
  };
}

function tailAfter(
  earlier: Tail | null,
  readings: readonly UnitReading[],
  lastAccepted: number,
  judge: RegisterJudge,
): Tail {
  const firstHeld = readings[lastAccepted + 1] as UnitReading;
  const fromMs = lastAccepted < 0 && earlier !== null ? earlier.fromMs : firstHeld.instantMs;
  return { fromMs, toMs: (readings.at(-1) as UnitReading).instantMs, doubt: judge.doubt };
}

/** Lays [left neighbour, readings that count…, right neighbour] and adds what the neighbours' insides put into the slots at the edges. */
function layInGap(
  inForce: SegmentInForce,
  state: SegmentState,
  left: number,
  accepted: readonly UnitReading[],
): SlotRun | null {
  const { slotMs } = inForce;
  const before = state.extents[left]?.last;
  const after = state.extents[left + 1]?.first;
  const first = before ?? (accepted[0] as UnitReading);
  const last = after ?? (accepted.at(-1) as UnitReading);
  if (first.instantMs === last.instantMs) return null;
  const run = emptyRun(first.instantMs, last.instantMs, slotMs);
  layReadings(inForce, run, before, accepted);
  if (after !== undefined) layOnRun(run, spanBetween(inForce, accepted.at(-1) as UnitReading, after));
  const firstSlot = slotStart(first.instantMs, slotMs);
  if (before !== undefined && firstSlot < first.instantMs) {
    addToRun(run, firstSlot, partsBeside(inForce, state.extents, left, firstSlot, 'left'));
  }
  const lastSlot = slotStart(last.instantMs, slotMs);
  if (after !== undefined && lastSlot < last.instantMs) {
    addToRun(run, lastSlot, partsBeside(inForce, state.extents, left, lastSlot, 'right'));
  }
  return run;
}

/** Lays the spans between readings that count, beginning at the one before them if there is one. */
export function layReadings(
  inForce: SegmentInForce,
  run: SlotRun,
  before: UnitReading | undefined,
  accepted: readonly UnitReading[],
): void {
  const { slotMs } = inForce;
  let from = before;
  for (const to of accepted) {
    if (from !== undefined) {
      const lengthMs = to.instantMs - from.instantMs;
      let consumption = to.baseUnits - from.baseUnits;
      if (consumption < 0) consumption = passedBetween(inForce, steps.rollover, from, to);
      const mask = maskOfSpan(lengthMs, slotMs, consumption, to.quality);
      const index = (from.instantMs - run.firstSlotMs) / slotMs;
      if (lengthMs === slotMs && Number.isInteger(index)) {
        // One whole slot: what nearly every span is.
        run.consumption[index] = (run.consumption[index] as number) + consumption;
        run.mask[index] = (run.mask[index] as number) | mask;
      } else {
        layOnRun(run, { fromMs: from.instantMs, toMs: to.instantMs, consumption, mask });
      }
    }
    from = to;
  }
}

function stateAfter(
  inForce: SegmentInForce,
  state: SegmentState,
  left: number,
  judged: Judged,
  readings: readonly UnitReading[],
): SegmentState {
  const held = state.tail !== null && left === state.extents.length - 1 ? state.tail.fromMs : Infinity;
  const fromMs = Math.min(held, (readings[0] as UnitReading).instantMs);
  const added = extentOf(inForce, fromMs, judged.accepted);
  const extents = compacted(inForce, [
    ...state.extents.slice(0, left + 1),
    added,
    ...state.extents.slice(left + 1),
  ]);
  return {
    extents,
    tail: judged.tail,
    rollovers: state.rollovers + judged.rollovers,
    rolloverConsumption: state.rolloverConsumption + judged.rolloverConsumption,
    endRefused: state.endRefused,
    readings: state.readings,
  };
}

/** One extent over readings that count; gaps inside it are not remembered. */
export function extentOf(inForce: SegmentInForce, fromMs: number, accepted: readonly UnitReading[]): Extent {
  const first = accepted[0] as UnitReading;
  const last = accepted.at(-1) as UnitReading;
  if (accepted.length === 1) return { ...lone(first), fromMs };
  return {
    fromMs,
    first,
    last,
    firstPart: partFromStart(inForce, accepted),
    lastPart: partFromEnd(inForce, accepted),
  };
}

function partFromStart(inForce: SegmentInForce, accepted: readonly UnitReading[]): SlotPart {
  const slot = slotStart((accepted[0] as UnitReading).instantMs, inForce.slotMs);
  if ((accepted[0] as UnitReading).instantMs === slot) return nothing;
  let part = nothing;
  for (let index = 1; index < accepted.length; index += 1) {
    const from = accepted[index - 1] as UnitReading;
    if (from.instantMs >= slot + inForce.slotMs) break;
    part = joined(
      part,
      partInSlot(spanBetween(inForce, from, accepted[index] as UnitReading), slot, inForce.slotMs),
    );
  }
  return part;
}

function partFromEnd(inForce: SegmentInForce, accepted: readonly UnitReading[]): SlotPart {
  const slot = slotStart((accepted.at(-1) as UnitReading).instantMs, inForce.slotMs);
  let part = nothing;
  for (let index = accepted.length - 1; index >= 1; index -= 1) {
    const to = accepted[index] as UnitReading;
    if (to.instantMs <= slot) break;
    part = joined(
      part,
      partInSlot(spanBetween(inForce, accepted[index - 1] as UnitReading, to), slot, inForce.slotMs),
    );
  }
  return part;
}

/** Extents of readings that count, apart where nothing is stored for longer than a gap; `heldAfter` tells whether a held reading follows one. */
export function extentsOf(
  inForce: SegmentInForce,
  accepted: readonly UnitReading[],
  heldAfter: (index: number) => boolean,
  fromMs: number,
): Extent[] {
  const found: Extent[] = [];
  let from = 0;
  for (let index = 1; index <= accepted.length; index += 1) {
    const before = accepted[index - 1] as UnitReading;
    const next = accepted[index];
    const apart =
      next === undefined ||
      (isGap(next.instantMs - before.instantMs, inForce.slotMs) && !heldAfter(index - 1));
    if (!apart) continue;
    const part = accepted.slice(from, index);
    found.push(extentOf(inForce, found.length === 0 ? fromMs : (part[0] as UnitReading).instantMs, part));
    from = index;
  }
  return found;
}
