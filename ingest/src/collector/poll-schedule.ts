// SPDX-License-Identifier: Apache-2.0
/** When to ask. Pure: instants in, instants out. */

/** Gateways of one interval begin within this window, so that a thousand do not begin in the same second. */
const spreadMsMax = 60_000;

/** FNV-1a over the id: the same gateway has the same phase in every process and after every start. */
function hashOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index += 1)
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193) >>> 0;
  return hash;
}

/** Which of `count` processes looks after a gateway. */
export function shareOf(gatewayId: string, count: number): number {
  return hashOf(gatewayId) % count;
}

/**
 * How long after the grid instant a gateway begins. At most a minute, and less than the interval: the meters of a
 * building are read at nearly the same time, so that parents and children can be compared, yet not all at once.
 */
export function phaseOf(gatewayId: string, intervalMs: number): number {
  return hashOf(gatewayId) % Math.min(intervalMs, spreadMsMax);
}

/** The first instant after `nowMs` at which a meter is due: multiples of the interval since 1970, plus the phase. */
export function nextDueMs(nowMs: number, intervalMs: number, phaseMs: number): number {
  return (Math.floor((nowMs - phaseMs) / intervalMs) + 1) * intervalMs + phaseMs;
}

/** A meter that was last asked longer ago than its interval is due at once, also after a stop of the product. */
export function firstDueMs(
  nowMs: number,
  lastAttemptMs: number | null,
  intervalMs: number,
  phaseMs: number,
): number {
  if (lastAttemptMs === null || nowMs - lastAttemptMs >= intervalMs || lastAttemptMs > nowMs) return nowMs;
  return nextDueMs(nowMs, intervalMs, phaseMs);
}

const pauseMsMax = 300_000;

/**
 * How long a meter that missed so many cycles in a row is left alone, counted from its last attempt: one interval,
 * then doubling up to five minutes (or the interval, where that is longer). Never asked more than once per cycle.
 */
export function pauseAfterMissesMs(missedCycles: number, intervalMs: number): number {
  if (missedCycles <= 1) return intervalMs;
  const grown = intervalMs * 2 ** Math.min(missedCycles - 1, 20);
  return Math.max(intervalMs, Math.min(grown, pauseMsMax));
}

/** How long a gateway that cannot be reached is left alone before it is probed again. */
export function probePauseMs(failuresInRow: number): number {
  return Math.min(30_000, 1000 * 2 ** Math.min(failuresInRow, 5));
}
