// SPDX-License-Identifier: Apache-2.0
/**
 * What flows through a metering point: whole base units (Wh, l) since the model's first day. A tenant's flow stands
 * still while its supply switch is open; a main or feeder carries what its children really take, the conductor's loss
 * on top and a little that nobody meters. Both are functions of the instant that never fall, so a parent's register
 * can never count less than its children's together.
 */
import type { LoadCurve } from './load-model.ts';
import { halfHourMs, type DayNumber, type LocalDayLine } from './local-day-line.ts';

export interface MeteredFlow {
  /** Base units since the first day, until the instant. */
  flowedUntil(instantMs: number): number;
  /** The same at the beginning of the day and at the end of each of its half-hours; do not change the array. */
  flowedOnDay(day: DayNumber): Float64Array;
  /** Base units per hour at the instant. */
  rateAt(instantMs: number): number;
  /** Told after a switch below has moved: what was worked out ahead no longer holds. */
  forget(): void;
}

export interface SwitchedFlow extends MeteredFlow {
  /** Opens or closes the supply from the instant on, which must not lie before an earlier one. */
  switchAt(instantMs: number, closed: boolean): void;
  readonly closed: boolean;
  /** What flows at the instant where the switch is closed, base units per hour. */
  wantedRateAt(instantMs: number): number;
}

export function isSwitched(flow: MeteredFlow): flow is SwitchedFlow {
  return 'switchAt' in flow;
}

/** From `fromMs` the switch stands so; `flowed` had passed until then, `potential` would have passed without switch. */
interface SwitchPosition {
  readonly fromMs: number;
  readonly closed: boolean;
  readonly flowed: number;
  readonly potential: number;
}

/** Days kept worked out per point: history is made a day at a time, children before parents. */
const daysKeptMax = 2;

function keepDays(work: (day: DayNumber) => Float64Array): {
  of(day: DayNumber): Float64Array;
  forget(): void;
} {
  const kept = new Map<DayNumber, Float64Array>();
  return {
    of(day) {
      let flowed = kept.get(day);
      if (flowed !== undefined) return flowed;
      flowed = work(day);
      if (kept.size >= daysKeptMax) kept.delete(kept.keys().next().value as DayNumber);
      kept.set(day, flowed);
      return flowed;
    },
    forget: () => kept.clear(),
  };
}

/** Flow of a load behind a supply switch that is closed from the start. */
export function createSwitchedFlow(curve: LoadCurve, days: LocalDayLine): SwitchedFlow {
  const positions: SwitchPosition[] = [{ fromMs: -Infinity, closed: true, flowed: 0, potential: 0 }];
  const newest = (): SwitchPosition => positions.at(-1) as SwitchPosition;

  const positionAt = (instantMs: number): SwitchPosition => {
    let low = 0;
    let high = positions.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((positions[middle] as SwitchPosition).fromMs <= instantMs) low = middle;
      else high = middle - 1;
    }
    return positions[low] as SwitchPosition;
  };
  const flowedUntil = (instantMs: number): number => {
    const position = positionAt(instantMs);
    return position.closed
      ? position.flowed + curve.consumedUntil(instantMs) - position.potential
      : position.flowed;
  };

  const kept = keepDays((day) => {
    const flowed = new Float64Array(days.halfHoursOf(day) + 1);
    const startMs = days.startMsOf(day);
    const position = positionAt(startMs);
    if (position === positionAt(days.startMsOf(day + 1))) {
      if (!position.closed) return flowed.fill(position.flowed);
      const count = curve.fillDay(day, flowed);
      const before = position.flowed + curve.consumedBefore(day) - position.potential;
      for (let index = 0; index <= count; index += 1) flowed[index] = (flowed[index] as number) + before;
      return flowed;
    }
    for (let index = 0; index < flowed.length; index += 1)
      flowed[index] = flowedUntil(startMs + index * halfHourMs);
    return flowed;
  });

  return {
    flowedUntil,
    flowedOnDay: kept.of,
    rateAt: (instantMs) => (positionAt(instantMs).closed ? curve.rateAt(instantMs) : 0),
    wantedRateAt: (instantMs) => curve.rateAt(instantMs),
    forget: kept.forget,
    switchAt(instantMs, closed) {
      const before = newest();
      if (before.closed === closed) return;
      if (instantMs < before.fromMs) throw new RangeError('a supply switch cannot move before it last moved');
      positions.push({
        fromMs: instantMs,
        closed,
        flowed: flowedUntil(instantMs),
        potential: curve.consumedUntil(instantMs),
      });
      kept.forget();
    },
    get closed() {
      return newest().closed;
    },
  };
}

/**
 * Flow of a main or feeder: ⌊Σ children × (1000 + lossPermille) / 1000⌋ + what is not metered below it.
 * Rounding the sum down keeps it whole and growing, and at least the children's sum.
 */
export function createSummedFlow(
  children: readonly MeteredFlow[],
  lossPermille: number,
  unmetered: LoadCurve | null,
  days: LocalDayLine,
): MeteredFlow {
  const withLoss = (sum: number): number => sum + Math.floor((sum * lossPermille) / 1000);
  const kept = keepDays((day) => {
    const flowed = new Float64Array(days.halfHoursOf(day) + 1);
    for (const child of children) {
      const below = child.flowedOnDay(day);
      for (let index = 0; index < flowed.length; index += 1)
        flowed[index] = (flowed[index] as number) + (below[index] as number);
    }
    const own = new Float64Array(flowed.length + 1);
    if (unmetered !== null) unmetered.fillDay(day, own);
    const ownBefore = unmetered?.consumedBefore(day) ?? 0;
    for (let index = 0; index < flowed.length; index += 1) {
      flowed[index] = withLoss(flowed[index] as number) + ownBefore + (own[index] as number);
    }
    return flowed;
  });
  return {
    flowedUntil(instantMs) {
      let sum = 0;
      for (const child of children) sum += child.flowedUntil(instantMs);
      return withLoss(sum) + (unmetered?.consumedUntil(instantMs) ?? 0);
    },
    flowedOnDay: kept.of,
    rateAt(instantMs) {
      let sum = 0;
      for (const child of children) sum += child.rateAt(instantMs);
      return withLoss(sum) + (unmetered?.rateAt(instantMs) ?? 0);
    },
    forget: kept.forget,
  };
}
