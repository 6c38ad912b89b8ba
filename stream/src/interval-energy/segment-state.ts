// SPDX-License-Identifier: Apache-2.0
/**
 * What is remembered of a segment between batches: enough to fold readings that fall after everything, or wholly into
 * a gap, without looking at stored ones. It changes what a fold costs, never what it gives.
 */
import {
  isGap,
  joined,
  maskOfSpan,
  nothing,
  partInSlot,
  slotStart,
  type EnergySpan,
  type SlotPart,
} from './slot-span.ts';
import { passedBetween, stepBetween, steps, type Doubt, type StepKind } from './register-judge.ts';
import type { SegmentInForce } from './segment-plan.ts';
import type { UnitReading } from './unit-reading.ts';

/**
 * A span of time inside which readings are stored; none is stored between two extents. First and last are readings
 * that count. The parts are what the spans inside the extent put into the slot that holds its first (last) instant;
 * nothing where that instant is the slot's own beginning, because no other extent then has a part in it.
 */
export interface Extent {
  /** Where stored readings begin: before `first` when it begins with held ones. */
  readonly fromMs: number;
  readonly first: UnitReading;
  readonly last: UnitReading;
  readonly firstPart: SlotPart;
  readonly lastPart: SlotPart;
}

/** Held readings after the last extent. */
export interface Tail {
  readonly fromMs: number;
  readonly toMs: number;
  readonly doubt: Doubt | null;
}

export interface SegmentState {
  /** By time, never touching. */
  readonly extents: readonly Extent[];
  readonly tail: Tail | null;
  readonly rollovers: number;
  /** Base units that passed through rollovers. */
  readonly rolloverConsumption: number;
  /** The reading at endMs that the next segment begins with does not close this one: the register cannot have come to it. */
  readonly endRefused: boolean;
  /** Readings stored of the segment's own, whatever their verdict. */
  readonly readings: number;
}

/** More than this many extents: the two nearest become one. */
export const extentsMax = 16;

export const emptyState: SegmentState = {
  extents: [],
  tail: null,
  rollovers: 0,
  rolloverConsumption: 0,
  endRefused: false,
  readings: 0,
};

export function rolloverOf(
  inForce: SegmentInForce,
  kind: StepKind,
  from: UnitReading,
): Pick<SegmentState, 'rollovers' | 'rolloverConsumption'> {
  if (kind !== steps.rollover) return { rollovers: 0, rolloverConsumption: 0 };
  return { rollovers: 1, rolloverConsumption: inForce.scaleOf(from.scaler).capacity ?? 0 };
}

export const lone = (reading: UnitReading): Extent => ({
  fromMs: reading.instantMs,
  first: reading,
  last: reading,
  firstPart: nothing,
  lastPart: nothing,
});

/** The span between two neighbouring readings that count. */
export function spanBetween(inForce: SegmentInForce, from: UnitReading, to: UnitReading): EnergySpan {
  const consumption = passedBetween(inForce, stepBetween(inForce, from, to), from, to);
  const mask = maskOfSpan(to.instantMs - from.instantMs, inForce.slotMs, consumption, to.quality);
  return { fromMs: from.instantMs, toMs: to.instantMs, consumption, mask };
}

/** Two neighbours become one extent; the span between them becomes an inner one. */
export function mergeExtents(inForce: SegmentInForce, left: Extent, right: Extent): Extent {
  const { slotMs } = inForce;
  const between = spanBetween(inForce, left.last, right.first);
  const firstSlot = slotStart(left.first.instantMs, slotMs);
  const lastSlot = slotStart(right.last.instantMs, slotMs);
  let { firstPart } = left;
  if (left.first.instantMs > firstSlot && left.last.instantMs < firstSlot + slotMs) {
    firstPart = joined(firstPart, partInSlot(between, firstSlot, slotMs));
    if (right.first.instantMs < firstSlot + slotMs) firstPart = joined(firstPart, right.firstPart);
  }
  let { lastPart } = right;
  if (right.first.instantMs > lastSlot) {
    lastPart = joined(lastPart, partInSlot(between, lastSlot, slotMs));
    if (left.last.instantMs > lastSlot) lastPart = joined(lastPart, left.lastPart);
  }
  return { fromMs: left.fromMs, first: left.first, last: right.last, firstPart, lastPart };
}

/** Joins what is no gap any more, then the nearest neighbours until there are few enough. */
export function compacted(inForce: SegmentInForce, extents: readonly Extent[]): Extent[] {
  const result: Extent[] = [];
  for (const extent of extents) {
    const before = result.at(-1);
    // Held readings before the first one leave no clean gap on the left.
    const cleanGap = extent.fromMs === extent.first.instantMs;
    const near =
      before !== undefined && !isGap(extent.first.instantMs - before.last.instantMs, inForce.slotMs);
    if (before !== undefined && (near || !cleanGap))
      result[result.length - 1] = mergeExtents(inForce, before, extent);
    else result.push(extent);
  }
  while (result.length > extentsMax) {
    const at = narrowestGap(result);
    result.splice(at, 2, mergeExtents(inForce, result[at] as Extent, result[at + 1] as Extent));
  }
  return result;
}

function narrowestGap(extents: readonly Extent[]): number {
  let found = 0;
  let narrowest = Infinity;
  for (let index = 0; index + 1 < extents.length; index += 1) {
    const width = (extents[index + 1] as Extent).fromMs - (extents[index] as Extent).last.instantMs;
    if (width < narrowest) [found, narrowest] = [index, width];
  }
  return found;
}

/**
 * What everything but the spans between extents `left` and `left + 1` puts into one slot at their edge. Walks on while
 * whole extents lie inside the slot.
 */
export function partsBeside(
  inForce: SegmentInForce,
  extents: readonly Extent[],
  left: number,
  slotMs0: number,
  side: 'left' | 'right',
): SlotPart {
  const { slotMs } = inForce;
  const slotMs1 = slotMs0 + slotMs;
  let part = nothing;
  if (side === 'left') {
    for (let index = left; index >= 0; index -= 1) {
      const extent = extents[index] as Extent;
      if (extent.last.instantMs <= slotMs0) break;
      part = joined(part, extent.lastPart);
      const before = extents[index - 1];
      if (extent.first.instantMs <= slotMs0 || before === undefined) break;
      part = joined(part, partInSlot(spanBetween(inForce, before.last, extent.first), slotMs0, slotMs));
    }
    return part;
  }
  for (let index = left + 1; index < extents.length; index += 1) {
    const extent = extents[index] as Extent;
    if (extent.first.instantMs >= slotMs1) break;
    part = joined(part, extent.firstPart);
    const after = extents[index + 1];
    if (extent.last.instantMs >= slotMs1 || after === undefined) break;
    part = joined(part, partInSlot(spanBetween(inForce, extent.last, after.first), slotMs0, slotMs));
  }
  return part;
}

/** Where a segment's slots lie: from the first to the last reading that counts; null while it has no energy. */
export function coverageOf(state: SegmentState): { readonly fromMs: number; readonly toMs: number } | null {
  const first = state.extents[0];
  const last = state.extents.at(-1);
  if (first === undefined || last === undefined || first.first.instantMs === last.last.instantMs) return null;
  return { fromMs: first.first.instantMs, toMs: last.last.instantMs };
}
