// SPDX-License-Identifier: Apache-2.0
/**
 * Interval energy a second, naive way: everything at once, in exact fractions, from the words of the README. Shares no
 * code with the fold.
 */
import type { Mounting, Segment } from '@wattledger/contracts';

export interface NaiveReading {
  readonly instantMs: number;
  readonly value: number;
  readonly scaler: number;
  readonly quality: number;
}
interface Point extends NaiveReading {
  readonly wh: bigint;
}
export interface NaiveSlot {
  readonly segmentId: string;
  readonly startMs: number;
  readonly consumption: number;
  readonly quality: number;
}
export interface NaiveResult {
  readonly slots: NaiveSlot[];
  /** Instants of readings that count, per register. */
  readonly accepted: Set<string>;
  readonly total: Map<string, bigint>;
}

function halfAway(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n;
  const size = negative ? -numerator : numerator;
  const rounded = (size * 2n + denominator) / (denominator * 2n);
  return negative ? -rounded : rounded;
}

function wh(segment: Segment, value: number, scaler: number): bigint {
  const up = scaler > 0 ? 10n ** BigInt(scaler) : 1n;
  const down = scaler < 0 ? 10n ** BigInt(-scaler) : 1n;
  return halfAway(
    BigInt(value) * up * BigInt(segment.multiplierNumerator),
    down * BigInt(segment.multiplierDenominator),
  );
}

const countOf = (segment: Segment, scaler: number): bigint => {
  const up = scaler > 0 ? 10n ** BigInt(scaler) : 1n;
  const down = scaler < 0 ? 10n ** BigInt(-scaler) : 1n;
  const exact = BigInt(segment.multiplierNumerator) * up;
  const below = BigInt(segment.multiplierDenominator) * down;
  const whole = (exact + below - 1n) / below;
  return whole > 1n ? whole : 1n;
};

/** Energy of the way from a to b; null when the register cannot have gone it; 'fell' when it fell. */
function way(segment: Segment, a: Point, b: Point): bigint | 'jumped' | 'fell' {
  const possible = (energy: bigint): boolean =>
    segment.powerMax === null ||
    (energy - countOf(segment, b.scaler)) * 3_600_000n <=
      BigInt(segment.powerMax) * BigInt(b.instantMs - a.instantMs + 60_000);
  const energy = b.wh - a.wh;
  if (energy >= 0n) return possible(energy) ? energy : 'jumped';
  if (
    segment.registerMax === null ||
    a.scaler !== b.scaler ||
    a.value * 10 < segment.registerMax * 9 ||
    b.value < 0
  )
    return 'fell';
  const round = wh(segment, segment.registerMax + 1, a.scaler);
  const over = energy + round;
  if (over < 0n) return 'fell';
  if (segment.powerMax === null) return over * 10n <= round ? over : 'fell';
  return possible(over) ? over : 'fell';
}

/** Which of the points count: the rule of register-judge, told again. */
function judge(segment: Segment, points: readonly Point[], last: 'own' | 'borrowed'): boolean[] {
  const counts: boolean[] = [];
  let good: Point | null = null;
  let doubtful: Point | null = null;
  let confirmed = false;
  points.forEach((point, index) => {
    counts[index] = false;
    if (segment.registerMax !== null && point.value > segment.registerMax) return;
    if (good === null) {
      good = point;
      counts[index] = true;
      return;
    }
    const step = way(segment, good, point);
    const follows = doubtful !== null && typeof way(segment, doubtful, point) === 'bigint';
    if (typeof step === 'bigint' && !(confirmed && follows)) {
      good = point;
      doubtful = null;
      confirmed = false;
      counts[index] = true;
      return;
    }
    if (last === 'borrowed' && index === points.length - 1) return;
    const jitter = step === 'fell' && good.wh - point.wh <= 2n * countOf(segment, point.scaler);
    if (!jitter && (step === 'fell' || follows)) confirmed = true;
    doubtful = point;
  });
  return counts;
}

/** An edge that the register cannot show is none. */
const shown = <T extends { readonly value: number }>(
  { registerMax }: { readonly registerMax: number | null },
  edge: T | null,
): T | null => (edge !== null && registerMax !== null && edge.value > registerMax ? null : edge);

export function naiveEnergy(
  mounting: Mounting,
  readings: ReadonlyMap<string, readonly NaiveReading[]>,
): NaiveResult {
  const result: NaiveResult = { slots: [], accepted: new Set(), total: new Map() };
  for (const [register, list] of readings) {
    const segments = mounting.segments
      .filter((segment) => segment.register === register)
      .sort((a, b) => a.fromMs - b.fromMs)
      .map((segment) => ({
        ...segment,
        openingReading: shown(segment, segment.openingReading),
        closingReading: shown(segment, segment.closingReading),
      }));
    segments.forEach((segment, index) => {
      const next = segments[index + 1];
      const { openingReading: opening, closingReading: closing } = segment;
      const fromMs = opening === null ? segment.fromMs : Math.max(opening.instantMs, segment.fromMs);
      const toMs =
        closing === null ? (segment.toMs ?? Infinity) : Math.min(closing.instantMs, segment.toMs ?? Infinity);
      const nextFrom =
        next === undefined ? null : Math.max(next.openingReading?.instantMs ?? next.fromMs, next.fromMs);
      const touching = nextFrom === toMs;
      const point = (
        reading: { instantMs: number; value: number; scaler: number; quality?: number },
        at = reading.instantMs,
      ): Point => ({
        ...reading,
        instantMs: at,
        quality: reading.quality ?? 0,
        wh: wh(segment, reading.value, reading.scaler),
      });
      const sorted = [...list].sort((a, b) => a.instantMs - b.instantMs);
      const inside = sorted.filter(
        ({ instantMs }) =>
          !(opening !== null && instantMs === fromMs) &&
          !(closing !== null && instantMs === toMs) &&
          instantMs >= fromMs &&
          (instantMs < toMs || (instantMs === toMs && !touching)),
      );
      const points = inside.map((reading) => point(reading));
      if (opening !== null) points.unshift(point(opening, fromMs));
      const borrowed =
        closing === null && touching ? sorted.find(({ instantMs }) => instantMs === toMs) : undefined;
      if (closing !== null) points.push(point(closing, toMs));
      else if (borrowed !== undefined) points.push(point(borrowed));
      const counts = judge(segment, points, borrowed === undefined ? 'own' : 'borrowed');
      for (const reading of sorted) {
        const edge =
          opening !== null && reading.instantMs === fromMs
            ? opening
            : closing !== null && reading.instantMs === toMs && !touching
              ? closing
              : null;
        if (
          edge !== null &&
          wh(segment, edge.value, edge.scaler) === wh(segment, reading.value, reading.scaler)
        )
          result.accepted.add(`${register} ${reading.instantMs}`);
      }
      const good = points.filter((_point, at) => counts[at]);
      good
        .filter((one) => inside.some((reading) => reading.instantMs === one.instantMs))
        .forEach((one) => result.accepted.add(`${register} ${one.instantMs}`));
      lay(mounting, segment, good, result);
    });
  }
  return result;
}

function lay(mounting: Mounting, segment: Segment, good: readonly Point[], result: NaiveResult): void {
  const slotMs = mounting.slotMinutes * 60_000;
  const parts = new Map<number, { energy: bigint; qualities: Set<number> }>();
  let total = 0n;
  for (let index = 1; index < good.length; index += 1) {
    const a = good[index - 1] as Point;
    const b = good[index] as Point;
    const energy = way(segment, a, b) as bigint;
    total += energy;
    const length = BigInt(b.instantMs - a.instantMs);
    const gap = 2 * (b.instantMs - a.instantMs) > 3 * slotMs;
    const quality = b.quality === 3 ? (energy === 0n ? 3 : 1) : gap ? 1 : b.quality;
    for (let start = Math.floor(a.instantMs / slotMs) * slotMs; start < b.instantMs; start += slotMs) {
      const upTo = (at: number): bigint =>
        halfAway(energy * BigInt(Math.min(Math.max(at, a.instantMs), b.instantMs) - a.instantMs), length);
      const part = parts.get(start) ?? { energy: 0n, qualities: new Set<number>() };
      part.energy += upTo(start + slotMs) - upTo(start);
      part.qualities.add(quality);
      parts.set(start, part);
    }
  }
  result.total.set(segment.segmentId, total);
  for (const [startMs, { energy, qualities }] of parts) {
    const only = (code: number): boolean => qualities.has(code) && qualities.size === 1;
    const quality = only(3) ? 3 : qualities.has(1) || qualities.has(3) ? 1 : qualities.has(2) ? 2 : 0;
    result.slots.push({ segmentId: segment.segmentId, startMs, consumption: Number(energy), quality });
  }
}
