// SPDX-License-Identifier: Apache-2.0
/** Which part of a span is read from the daily sums and which from the slots. Pure. */
import { localDayOf, slotLengthMs } from '@wattledger/contracts';
import type { Grid } from '../calendar/span.ts';
import { dayNumberOf, dayOfNumber, startOfLocalDay } from '../calendar/wall-clock.ts';
import type { BucketEdges } from '../coverage/expected-slots.ts';

interface EdgeDays {
  readonly first: number;
  readonly end: number;
}
const edgeDays = new Map<string, Map<number, EdgeDays>>();
const edgesKeptMax = 20_000;

/** Thousands of terms share a handful of edges: each is looked up once. */
function edgeDaysOf({ zone }: Grid, ms: number): EdgeDays {
  let known = edgeDays.get(zone);
  if (known === undefined || known.size >= edgesKeptMax) edgeDays.set(zone, (known = new Map()));
  const found = known.get(ms);
  if (found !== undefined) return found;
  const day = localDayOf(zone, ms);
  const end = dayNumberOf(day);
  const edge = { first: startOfLocalDay(zone, day) === ms ? end : end + 1, end };
  known.set(ms, edge);
  return edge;
}

/** First local day that begins at or after the instant. */
export function firstDayFrom(grid: Grid, ms: number): number {
  return edgeDaysOf(grid, ms).first;
}
/** The local day after the last one that ends at or before the instant. */
export function endDayAt(grid: Grid, ms: number): number {
  return edgeDaysOf(grid, ms).end;
}
export function startOfDayNumber(grid: Grid, day: number): number {
  return startOfLocalDay(grid.zone, dayOfNumber(day));
}

export interface SpanParts {
  /** Whole local days [fromDay, toDay) without the listed ones; null when there are none. */
  readonly days: {
    readonly fromDay: number;
    readonly toDay: number;
    readonly without: readonly number[];
  } | null;
  /** The rest, as instants, in order and apart from one another. */
  readonly slots: readonly { readonly fromMs: number; readonly toMs: number }[];
}

/** Clocks of collectors may run ahead of ours; beyond this no slot has anything. */
const aheadMsMax = 3_600_000;

/**
 * Splits the buckets' span, up to now. Daily sums serve local days that lie in one bucket and are over; everything else is read
 * from the slots: the ends of a span inside a day, a day that a bucket boundary cuts, and today, whose open slot must
 * not be taken for a present one.
 */
export function partsOf(grid: Grid, { startsMs, endMs: spanEndMs }: BucketEdges, nowMs: number): SpanParts {
  // What is still to come has no slots, and asking for it would cost as if it had.
  const endMs = Math.min(spanEndMs, closedSecond(grid, nowMs + aheadMsMax) * 1_000);
  const startMs = startsMs[0] ?? endMs;
  const today = dayNumberOf(localDayOf(grid.zone, nowMs));
  const fromDay = firstDayFrom(grid, startMs);
  const toDay = Math.min(endDayAt(grid, endMs), today);
  if (toDay <= fromDay)
    return { days: null, slots: endMs > startMs ? [{ fromMs: startMs, toMs: endMs }] : [] };
  const without = new Set<number>();
  for (const edgeMs of startsMs) {
    const day = dayNumberOf(localDayOf(grid.zone, edgeMs));
    if (day >= fromDay && day < toDay && startOfDayNumber(grid, day) !== edgeMs) without.add(day);
  }
  if (without.size === toDay - fromDay) return { days: null, slots: [{ fromMs: startMs, toMs: endMs }] };
  const slots: { fromMs: number; toMs: number }[] = [];
  const add = (fromMs: number, toMs: number): void => {
    if (toMs <= fromMs) return;
    const last = slots.at(-1);
    if (last?.toMs === fromMs) last.toMs = toMs;
    else slots.push({ fromMs, toMs });
  };
  add(startMs, startOfDayNumber(grid, fromDay));
  for (const day of [...without].sort((a, b) => a - b))
    add(startOfDayNumber(grid, day), startOfDayNumber(grid, day + 1));
  add(startOfDayNumber(grid, toDay), endMs);
  return { days: { fromDay, toDay, without: [...without].sort((a, b) => a - b) }, slots };
}

/** Day numbers at which buckets begin; a bucket that begins inside a day begins, for whole days, with the next. */
export function bucketDays(grid: Grid, edges: BucketEdges): number[] {
  return edges.startsMs.map((ms) => firstDayFrom(grid, ms));
}

/** Slots that begin before this second have ended. */
export function closedSecond(grid: Grid, nowMs: number): number {
  const length = slotLengthMs(grid.slotMinutes);
  return (Math.floor(nowMs / length) * length) / 1_000;
}
