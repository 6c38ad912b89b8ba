// SPDX-License-Identifier: Apache-2.0
/**
 * From a file's local clock to real time. Pure.
 *
 * The rule for interval energy, where a label appears once: local time is laid on real time by one continuous line. In
 * the spring gap the line stands still (a label there has no time of its own: its energy goes to the interval that
 * follows); in the autumn hour it runs at half speed (one hour on the clock is two real hours). Every interval therefore
 * ends where the next begins, and no energy is lost or counted twice, whatever the length of the intervals.
 */
import { IANAZone } from 'luxon';

/** Milliseconds since 1970 as the wall clock would count them: the local time read as if it were UTC. */
export type LocalMs = number;

export interface ZoneClock {
  readonly zone: string;
  /** The continuous line. */
  boundaryMs(localMs: LocalMs): number;
  /** All instants at which the clock shows this: none in the spring gap, two in the autumn hour. */
  instantsOf(localMs: LocalMs): readonly number[];
  /** What the clock shows at an instant. */
  localMsOf(instantMs: number): LocalMs;
}

interface Change {
  /** Instant from which `after` holds. */
  readonly atMs: number;
  readonly before: number;
  readonly after: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Changes are looked for week by week: no zone changed its clock twice within one. */
const stepMs = 7 * dayMs;
const clocks = new Map<string, ZoneClock>();

/** @throws RangeError when there is no such zone */
export function zoneClock(zone: string): ZoneClock {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  if (zone === '' || !IANAZone.isValidZone(zone))
    throw new RangeError(`there is no time zone "${zone}": write an IANA name such as Europe/London, or UTC`);
  const clock = makeZoneClock(zone, IANAZone.create(zone));
  clocks.set(zone, clock);
  return clock;
}

function makeZoneClock(zone: string, rules: IANAZone): ZoneClock {
  const offsetMs = (instantMs: number): number => Math.round(rules.offset(instantMs) * 60_000);
  const weeks = new Map<number, { readonly offset: number; readonly change: Change | null }>();
  const weekAt = (week: number): { readonly offset: number; readonly change: Change | null } => {
    let known = weeks.get(week);
    if (known === undefined) {
      const change = changeIn(offsetMs, week * stepMs, (week + 1) * stepMs);
      weeks.set(week, (known = { offset: offsetMs(week * stepMs), change }));
    }
    return known;
  };
  const offsetAt = (instantMs: number): number => {
    const { offset, change } = weekAt(Math.floor(instantMs / stepMs));
    return change !== null && instantMs >= change.atMs ? change.after : offset;
  };
  /** The change whose gap or repeated hour holds the local time, or none. */
  const changeNear = (localMs: LocalMs): Change | null => {
    const week = Math.floor(localMs / stepMs);
    for (let near = week - 1; near <= week + 1; near += 1) {
      const { change } = weekAt(near);
      if (change === null) continue;
      const from = change.atMs + Math.min(change.before, change.after);
      const to = change.atMs + Math.max(change.before, change.after);
      if (localMs >= from && localMs < to) return change;
    }
    return null;
  };
  /** The one instant of a local time outside gaps and repeated hours. */
  const plainInstant = (localMs: LocalMs): number => {
    const guess = localMs - offsetAt(localMs);
    const instant = localMs - offsetAt(guess);
    return instant + offsetAt(instant) === localMs ? instant : guess;
  };
  return {
    zone,
    boundaryMs: (localMs) => {
      const change = changeNear(localMs);
      if (change === null) return plainInstant(localMs);
      if (change.after > change.before) return change.atMs;
      const repeatedFrom = change.atMs + change.after;
      return change.atMs - (change.before - change.after) + 2 * (localMs - repeatedFrom);
    },
    instantsOf: (localMs) => {
      const change = changeNear(localMs);
      if (change === null) return [plainInstant(localMs)];
      return change.after > change.before ? [] : [localMs - change.before, localMs - change.after];
    },
    localMsOf: (instantMs) => instantMs + offsetAt(instantMs),
  };
}

function changeIn(offsetMs: (instantMs: number) => number, fromMs: number, toMs: number): Change | null {
  const before = offsetMs(fromMs);
  // The offset at the very end belongs to the next week.
  const after = offsetMs(toMs - 1);
  if (before === after) return null;
  let low = fromMs;
  let high = toMs - 1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetMs(middle) === before) low = middle;
    else high = middle;
  }
  return { atMs: high, before, after };
}

/** Of the two instants of an hour that the clock repeats, the one nearer to now; in a gap the moment of the change. */
export function nearestInstant(localMs: LocalMs, zone: string, nowMs: number): number {
  const clock = zoneClock(zone);
  const instants = clock.instantsOf(localMs);
  if (instants.length === 0) return clock.boundaryMs(localMs);
  return instants.reduce((nearest, instant) =>
    Math.abs(instant - nowMs) < Math.abs(nearest - nowMs) ? instant : nearest,
  );
}
