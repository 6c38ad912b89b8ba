// SPDX-License-Identifier: Apache-2.0
/** What is remembered of a segment after its stretch has been folded. */
import { extentsOf } from './gap-fold.ts';
import type { Step, Stretch } from './known-stretch.ts';
import { compacted, type Extent, type SegmentState, type Tail } from './segment-state.ts';
import { slotEnd, slotStart } from './slot-span.ts';
import { verdicts } from './verdict.ts';

export interface RolloverSum {
  readonly rollovers: number;
  readonly rolloverConsumption: number;
}

/** Rollovers on the way through a stretch. */
export function rolloversIn(stretch: Stretch): RolloverSum {
  let rollovers = 0;
  let rolloverConsumption = 0;
  for (const step of stretch.steps) {
    if (step.verdict !== verdicts.accepted || step.rolled === 0) continue;
    rollovers += 1;
    rolloverConsumption += step.rolled;
  }
  return { rollovers, rolloverConsumption };
}

/**
 * The state after a stretch: its own extents, joined to those of `earlier` that reach beyond it.
 * @param before rollovers in the stretch before anything was inserted
 */
export function stateOfStretch(
  stretch: Stretch,
  earlier: SegmentState,
  before: RolloverSum,
  readings: number,
): SegmentState {
  const after = rolloversIn(stretch);
  return {
    extents: compacted(stretch.inForce, joinedExtents(stretch, earlier.extents)),
    tail: stretch.rightOpen ? earlier.tail : tailOf(stretch),
    rollovers: earlier.rollovers + after.rollovers - before.rollovers,
    rolloverConsumption: earlier.rolloverConsumption + after.rolloverConsumption - before.rolloverConsumption,
    endRefused: stretch.rightOpen ? earlier.endRefused : stretch.endRefused,
    readings,
  };
}

function tailOf(stretch: Stretch): Tail | null {
  const { steps } = stretch;
  const lastAccepted = steps.findLastIndex((step) => step.verdict === verdicts.accepted);
  const held = steps.slice(lastAccepted + 1).filter((step) => step.kind !== 'borrowed');
  const first = held[0];
  const last = held.at(-1);
  if (first === undefined || last === undefined) return null;
  return { fromMs: first.reading.instantMs, toMs: last.reading.instantMs, doubt: stretch.doubt };
}

function joinedExtents(stretch: Stretch, earlier: readonly Extent[]): Extent[] {
  const { steps, inForce, leftOpen, rightOpen } = stretch;
  const acceptedAt = steps.flatMap((step, index) => (step.verdict === verdicts.accepted ? [index] : []));
  const accepted = acceptedAt.map((index) => (steps[index] as Step).reading);
  const first = accepted[0];
  const last = accepted.at(-1);
  if (first === undefined || last === undefined) return [];
  // At an open side the slot at the edge is only half in hand: no extent may end there.
  const solidFrom = leftOpen
    ? accepted.findIndex((reading) => reading.instantMs >= slotEnd(first.instantMs, inForce.slotMs))
    : 0;
  const solidTo = rightOpen
    ? accepted.findLastIndex((reading) => reading.instantMs <= slotStart(last.instantMs, inForce.slotMs))
    : accepted.length - 1;
  const solid = (index: number): boolean => solidFrom >= 0 && index >= solidFrom && index + 1 <= solidTo;
  const heldAfter = (index: number): boolean =>
    hasHeldBetween(steps, acceptedAt[index] as number, acceptedAt[index + 1] as number);
  const fromMs = (steps.find((step) => step.kind !== 'borrowed') ?? (steps[0] as Step)).reading.instantMs;
  const inner = extentsOf(
    inForce,
    accepted,
    (index) => !solid(index) || heldAfter(index),
    Math.min(fromMs, first.instantMs),
  );
  return withNeighbours(stretch, earlier, inner, [first.instantMs, last.instantMs]);
}

function hasHeldBetween(steps: readonly Step[], from: number, to: number): boolean {
  for (let index = from + 1; index < to; index += 1) if ((steps[index] as Step).kind === 'own') return true;
  return false;
}

/** Puts the opaque parts of earlier extents back at the open sides. */
function withNeighbours(
  stretch: Stretch,
  earlier: readonly Extent[],
  inner: Extent[],
  [fromMs, toMs]: readonly [number, number],
): Extent[] {
  const joinedUp = [...inner];
  const leftIndex = stretch.leftOpen ? earlier.findLastIndex((extent) => extent.fromMs <= fromMs) : -1;
  const rightIndex = stretch.rightOpen ? earlier.findIndex((extent) => extent.last.instantMs >= toMs) : -1;
  const right = earlier[rightIndex];
  const last = joinedUp.at(-1) as Extent;
  if (right !== undefined)
    joinedUp[joinedUp.length - 1] = { ...last, last: right.last, lastPart: right.lastPart };
  const left = earlier[leftIndex];
  const first = joinedUp[0] as Extent;
  if (left !== undefined) {
    // Everything in hand lies in the first slot: nothing there was touched, what was remembered of its end still holds.
    const untouched =
      first.last.instantMs === left.last.instantMs &&
      slotStart(first.last.instantMs, stretch.inForce.slotMs) < fromMs;
    const lastPart = untouched ? left.lastPart : first.lastPart;
    joinedUp[0] = { ...first, fromMs: left.fromMs, first: left.first, firstPart: left.firstPart, lastPart };
  }
  return [
    ...(leftIndex > 0 ? earlier.slice(0, leftIndex) : []),
    ...joinedUp,
    ...(rightIndex >= 0 ? earlier.slice(rightIndex + 1) : []),
  ];
}
