// SPDX-License-Identifier: Apache-2.0
/** By how much a meter's clock is wrong, from what it shows when it is asked. Pure. */
import { DateTime } from 'luxon';
import { nearestInstant, type LocalMs } from '../import-readings/zone-clock.ts';

/** Seconds by which the meter's clock is ahead (positive) or behind. */
export const driftParameter = 'clock.driftSeconds';

/** What a clock shows; the year counts from 2000. */
export type ShownTime = Readonly<
  Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', number | undefined>
>;

export interface ClockLook {
  /** null: the clock was not read, was never set, or the answer took too long to tell. */
  readonly driftSeconds: number | null;
  /** What somebody ought to know of the answer. */
  readonly fault: string | null;
}
export const noLook: ClockLook = { driftSeconds: null, fault: null };

/** Beyond this nobody knows when between question and answer the clock was looked at. */
const roundTripMsMax = 5_000;
/** A clock shows whole seconds: on average half a second has gone by since. */
const halfSecondMs = 500;
/** A clock that is wrong by more may as well be bytes that we read in the wrong order. */
const inferredMsMax = 86_400_000;

/** null: that is no date, as of a clock that was never set. */
export function localMsOf(shown: ShownTime): LocalMs | null {
  const at = DateTime.fromObject({ ...shown, year: 2000 + (shown.year ?? NaN) }, { zone: 'utc' });
  return at.isValid ? at.toMillis() : null;
}

/**
 * @param read between which instants the clock was looked at
 * @param inferred the layout of its bytes is not certain
 */
export function lookOf(
  localMs: LocalMs | null,
  read: { readonly askedMs: number; readonly atMs: number; readonly zone: string },
  inferred: boolean,
): ClockLook {
  const { askedMs, atMs, zone } = read;
  if (localMs === null || atMs - askedMs > roundTripMsMax) return noLook;
  const middleMs = (askedMs + atMs) / 2;
  const driftMs = nearestInstant(localMs, zone, middleMs) + halfSecondMs - middleMs;
  if (inferred && Math.abs(driftMs) > inferredMsMax) {
    const shown = new Date(localMs).toISOString().slice(0, 19);
    return {
      driftSeconds: null,
      fault: `the clock shows ${shown}, or its bytes lie otherwise than our map says`,
    };
  }
  const seconds = Math.round(driftMs / 1000);
  return { driftSeconds: seconds === 0 ? 0 : seconds, fault: null };
}
