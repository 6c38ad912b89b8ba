// SPDX-License-Identifier: Apache-2.0
/**
 * The segments of one register as they are in force: ordered, never overlapping, cut at opening and closing readings.
 * Every instant belongs to one segment or to none (a hole).
 */
import { slotLengthMs, type Mounting, type Segment } from '@wattledger/contracts';
import { baseUnitsOf, unitScaleOf, type UnitScale } from './base-units.ts';
import type { UnitReading } from './unit-reading.ts';

/** How counts of one scaler become base units in a segment. */
export interface RegisterScale {
  /** NaN when the value leaves ±2^53 base units. */
  baseUnits(value: number): number;
  /** Base units that pass when the register goes once round; null when its width is unknown. */
  readonly capacity: number | null;
  /** Base units of one count, at least one. */
  readonly count: number;
}

export interface SegmentInForce {
  readonly segment: Segment;
  readonly slotMs: number;
  /** Where counting begins: the opening reading, or fromMs. */
  readonly startMs: number;
  /** Where it ends: the closing reading, or toMs, or the next segment of the register; Infinity while open. */
  readonly endMs: number;
  /** A reading exactly at endMs belongs here: no segment of the register begins there. */
  readonly ownsEnd: boolean;
  /** A reading exactly at endMs belongs to the next segment and closes this one as well. */
  readonly borrowsEnd: boolean;
  readonly opening: UnitReading | null;
  readonly closing: UnitReading | null;
  scaleOf(scaler: number): RegisterScale;
}

/** The segments in force of one register, by start. */
export interface RegisterPlan {
  readonly register: string;
  readonly slotMs: number;
  readonly segments: readonly SegmentInForce[];
}

/** Plans of all registers a mounting mentions. */
export function plansOf(mounting: Mounting): ReadonlyMap<string, RegisterPlan> {
  const byRegister = new Map<string, Segment[]>();
  for (const segment of mounting.segments) {
    const list = byRegister.get(segment.register);
    if (list === undefined) byRegister.set(segment.register, [segment]);
    else list.push(segment);
  }
  const slotMs = slotLengthMs(mounting.slotMinutes);
  const plans = new Map<string, RegisterPlan>();
  for (const [register, segments] of byRegister)
    plans.set(register, { register, slotMs, segments: inForce(segments, slotMs) });
  return plans;
}

/** A register that is mounted nowhere. */
export const emptyPlan = (register: string, slotMs: number): RegisterPlan => ({
  register,
  slotMs,
  segments: [],
});

function inForce(segments: readonly Segment[], slotMs: number): SegmentInForce[] {
  const sorted = [...segments].sort((a, b) => a.fromMs - b.fromMs || (a.segmentId < b.segmentId ? -1 : 1));
  // Where two overlap the one that begins later holds: registry refuses overlaps, the fold must not count twice.
  const bounded = sorted.map((segment, index) => ({
    segment,
    toMs: Math.min(segment.toMs ?? Infinity, sorted[index + 1]?.fromMs ?? Infinity),
  }));
  const spans = bounded
    .map(({ segment, toMs }) => cutAtReadings(segment, toMs))
    .filter((span) => span.startMs < span.endMs);
  return spans.map((span, index) => {
    const next = spans[index + 1];
    const nextBegins = next !== undefined && next.startMs === span.endMs;
    const scaleOf = scalesOf(span.segment);
    return {
      segment: span.segment,
      slotMs,
      startMs: span.startMs,
      endMs: span.endMs,
      ownsEnd: !nextBegins && Number.isFinite(span.endMs),
      borrowsEnd: nextBegins && span.closing === null,
      opening: anchor(span.opening, span.startMs, scaleOf),
      closing: anchor(span.closing, span.endMs, scaleOf),
      scaleOf,
    };
  });
}

type GivenReading = NonNullable<Segment['openingReading']>;
interface CutSegment {
  readonly segment: Segment;
  readonly startMs: number;
  readonly endMs: number;
  readonly opening: GivenReading | null;
  readonly closing: GivenReading | null;
}

/** An opening reading taken before the mounting, or a closing one after it, stands at the edge: nothing flowed between. */
function cutAtReadings(segment: Segment, toMs: number): CutSegment {
  const opening = usable(segment, segment.openingReading);
  const closing = usable(segment, segment.closingReading);
  const startMs =
    opening === null ? segment.fromMs : Math.min(Math.max(opening.instantMs, segment.fromMs), toMs);
  const endMs = closing === null ? toMs : Math.min(Math.max(closing.instantMs, startMs), toMs);
  return { segment, startMs, endMs, opening, closing };
}

/** What the register cannot show is no edge: nothing could ever have come from it, or gone to it. */
function usable(segment: Segment, reading: GivenReading | null): GivenReading | null {
  if (reading === null) return null;
  const { registerMax } = segment;
  const fits = registerMax === null || reading.value <= registerMax;
  return fits && Number.isFinite(scalesOf(segment)(reading.scaler).baseUnits(reading.value)) ? reading : null;
}

function anchor(
  reading: GivenReading | null,
  instantMs: number,
  scaleOf: (scaler: number) => RegisterScale,
): UnitReading | null {
  if (reading === null) return null;
  const { value, scaler } = reading;
  return { instantMs, value, scaler, quality: 0, baseUnits: scaleOf(scaler).baseUnits(value) };
}

function scalesOf(segment: Segment): (scaler: number) => RegisterScale {
  const scales = new Map<number, RegisterScale>();
  return (scaler) => {
    let scale = scales.get(scaler);
    if (scale === undefined) scales.set(scaler, (scale = registerScale(segment, scaler)));
    return scale;
  };
}

function registerScale(segment: Segment, scaler: number): RegisterScale {
  let unitScale: UnitScale;
  try {
    unitScale = unitScaleOf(scaler, segment.multiplierNumerator, segment.multiplierDenominator);
  } catch {
    // A multiplier beyond all reason makes every value impossible; the readings are held, not lost.
    return { baseUnits: () => Number.NaN, capacity: null, count: 1 };
  }
  const { registerMax } = segment;
  const capacity = registerMax === null ? Number.NaN : baseUnitsOf(registerMax + 1, unitScale);
  const count = Math.max(1, Math.ceil(unitScale.factor / unitScale.divisor));
  return {
    baseUnits: (value) => baseUnitsOf(value, unitScale),
    capacity: Number.isNaN(capacity) ? null : capacity,
    count,
  };
}

/** Where an instant belongs: a segment, or -1 for a hole. The index is that of the segment. */
export function segmentIndexAt(plan: RegisterPlan, instantMs: number): number {
  let low = 0;
  let high = plan.segments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((plan.segments[middle] as SegmentInForce).startMs <= instantMs) low = middle + 1;
    else high = middle;
  }
  const found = plan.segments[low - 1];
  if (found === undefined) return -1;
  const inside = instantMs < found.endMs || (instantMs === found.endMs && found.ownsEnd);
  return inside ? low - 1 : -1;
}

/** In a hole: within the time of a segment, but before its opening or after its closing reading? */
export function isOutsideReadings(plan: RegisterPlan, instantMs: number): boolean {
  return plan.segments.some(
    ({ segment }) => instantMs >= segment.fromMs && (segment.toMs === null || instantMs <= segment.toMs),
  );
}
