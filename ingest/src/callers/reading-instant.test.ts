// SPDX-License-Identifier: Apache-2.0
/** Goal: a reading that came by itself gets the instant at which it was taken. Method: clocks that are right, late, wrong. */
import { expect, test } from '@jest/globals';
import { zoneClock } from '../import-readings/zone-clock.ts';
import { aheadMsMax, behindMsMax, judgeTime, type LagSeen } from './reading-instant.ts';

const zone = 'Asia/Shanghai';
const now = Date.UTC(2026, 10, 20, 6, 30);
const minute = 60_000;
const wall = (ms: number, inZone = zone) =>
  ({ kind: 'local', localMs: zoneClock(inZone).localMsOf(ms) }) as const;

test.each([
  ['exact', 0, 0],
  ['a little behind', -90_000, -90],
  ['a little ahead', 45_000, 45],
  ['ahead to the limit', aheadMsMax, 600],
])('%s: its own clock, and how far it is off', (_name, offMs, driftSeconds) => {
  expect(judgeTime(wall(now + offMs), zone, now, null)).toMatchObject({
    instantMs: now + offMs,
    late: false,
    doubtful: null,
    driftSeconds,
  });
});

test('history keeps its instants and says nothing of the clock', () => {
  let before: LagSeen | null = null;
  for (const halfHours of [48, 2, 47, 1, 48]) {
    const judged = judgeTime(wall(now - halfHours * 30 * minute), zone, now, before);
    expect(judged).toMatchObject({
      instantMs: now - halfHours * 30 * minute,
      late: true,
      driftSeconds: null,
    });
    before = judged.seen;
  }
});

test('always behind by the same time: the clock is wrong, and what comes is no history', () => {
  const first = judgeTime(wall(now - 20 * minute), zone, now, null);
  expect(first).toMatchObject({ late: true, driftSeconds: null });
  const second = judgeTime(wall(now + 10 * minute), zone, now + 30 * minute, first.seen);
  expect(second).toMatchObject({ instantMs: now + 10 * minute, late: false, driftSeconds: -1200 });
});

test.each([
  ['far ahead', aheadMsMax + 1],
  ['from before it can have been kept', -behindMsMax - 1],
])('%s: the time of arrival, and it is told', (_name, offMs) => {
  const judged = judgeTime({ kind: 'instant', instantMs: now + offMs }, zone, now, null);
  expect(judged).toMatchObject({ instantMs: now, late: false, driftSeconds: null });
  expect(judged.doubtful).toMatch(/time of arrival/);
});

test('without a time of its own it was taken when it came', () => {
  expect(judgeTime(null, zone, now, null)).toMatchObject({ instantMs: now, late: false, doubtful: null });
});

test('the hour that clocks repeat is the one nearer to now; the hour they leave out ends at the change', () => {
  const london = 'Europe/London';
  // Clocks go back on 2026-10-25 at 01:00 UTC: 01:30 is shown at 00:30 and at 01:30 UTC.
  const shown = { kind: 'local', localMs: Date.UTC(2026, 9, 25, 1, 30) } as const;
  for (const instantMs of [Date.UTC(2026, 9, 25, 0, 30), Date.UTC(2026, 9, 25, 1, 30)])
    expect(judgeTime(shown, london, instantMs + 2_000, null).instantMs).toBe(instantMs);
  const gap = { kind: 'local', localMs: Date.UTC(2026, 2, 29, 1, 30) } as const;
  const change = Date.UTC(2026, 2, 29, 1);
  expect(judgeTime(gap, london, change + minute, null).instantMs).toBe(change);
});
