// SPDX-License-Identifier: Apache-2.0
/** What is remembered of a segment after its stretch has been folded. */
import { extentsOf } from './gap-fold.ts';
import type { Step, Stretch } from './known-stretch.ts';
import { compacted, spanBetween, type Extent, type SegmentState, type Tail } from './segment-state.ts';
import { joined, nothing, partInSlot, slotEnd, slotStart, type SlotPart } from './slot-span.ts';
import type { UnitReading } from './unit-reading.ts';
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
  return withNeighbours(stretch, earlier, inner, accepted);
}

function hasHeldBetween(steps: readonly Step[], from: number, to: number): boolean {
  for (let index = from + 1; index < to; index += 1) if ((steps[index] as Step).kind === 'own') return true;
  return false;
}

/**
 * Puts the opaque parts of earlier extents back at the open sides. Slots that reach beyond the stretch were not touched
 * (slotsIn saw to that), so what is remembered of them still holds; what joins two extents is added.
 */
function withNeighbours(
  stretch: Stretch,
  earlier: readonly Extent[],
  inner: readonly Extent[],
  accepted: readonly UnitReading[],
): Extent[] {
  const { inForce, leftOpen, rightOpen } = stretch;
  const fromMs = (accepted[0] as UnitReading).instantMs;
  const toMs = (accepted.at(-1) as UnitReading).instantMs;
  const leftIndex = leftOpen ? earlier.findLastIndex((extent) => extent.fromMs <= fromMs) : -1;
  const rightIndex = rightOpen ? earlier.findIndex((extent) => extent.last.instantMs >= toMs) : -1;
  const [left, right] = [earlier[leftIndex], earlier[rightIndex]];
  const joinedUp = [...inner];
  const lastInner = inner.at(-1) as Extent;
  if (right !== undefined) {
    // An extent that begins elsewhere than `right` did was cut off at the beginning of a slot: nothing stands before it.
    const inLastSlot = toMs < slotStart(lastInner.first.instantMs, inForce.slotMs) + inForce.slotMs;
    const firstPart =
      inLastSlot && lastInner.first.instantMs === right.first.instantMs
        ? right.firstPart
        : lastInner.firstPart;
    const lastPart = joined(right.lastPart, partBefore(stretch, lastInner, right, accepted));
    joinedUp[joinedUp.length - 1] = { ...lastInner, firstPart, last: right.last, lastPart };
  }
  const first = joinedUp[0] as Extent;
  if (left !== undefined) {
    const inFirstSlot = slotStart(first.last.instantMs, inForce.slotMs) < fromMs;
    const lastPart =
      inFirstSlot && first.last.instantMs === left.last.instantMs ? left.lastPart : first.lastPart;
    const firstPart = joined(left.firstPart, partAfter(stretch, left, first, accepted));
    joinedUp[0] = { ...first, fromMs: left.fromMs, first: left.first, firstPart, lastPart };
  }
  return [
    ...(leftIndex > 0 ? earlier.slice(0, leftIndex) : []),
    ...joinedUp,
    ...(rightIndex >= 0 ? earlier.slice(rightIndex + 1) : []),
  ];
}

/** What the span that now joins `right` to what is before it puts into the slot of its last reading. */
function partBefore(
  { inForce }: Stretch,
  inner: Extent,
  right: Extent,
  accepted: readonly UnitReading[],
): SlotPart {
  const at = accepted.findIndex((reading) => reading.instantMs === right.first.instantMs);
  const before = accepted[at - 1];
  if (before === undefined || before.instantMs < inner.first.instantMs) return nothing;
  const slot = slotStart(right.last.instantMs, inForce.slotMs);
  return partInSlot(spanBetween(inForce, before, right.first), slot, inForce.slotMs);
}

/** Likewise what follows `left`, in the slot of its first reading. */
function partAfter(
  { inForce }: Stretch,
  left: Extent,
  inner: Extent,
  accepted: readonly UnitReading[],
): SlotPart {
  const at = accepted.findIndex((reading) => reading.instantMs === left.last.instantMs);
  const after = at < 0 ? undefined : accepted[at + 1];
  if (after === undefined || after.instantMs > inner.last.instantMs) return nothing;
  const slot = slotStart(left.first.instantMs, inForce.slotMs);
  if (left.first.instantMs === slot) return nothing;
  return partInSlot(spanBetween(inForce, left.last, after), slot, inForce.slotMs);
}
