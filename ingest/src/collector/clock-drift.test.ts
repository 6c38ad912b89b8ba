// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import { localMsOf, lookOf } from './clock-drift.ts';

const zone = 'Europe/Berlin';
const shown = (hour: number, minute: number, second: number) =>
  localMsOf({ year: 26, month: 10, day: 25, hour, minute, second }) ?? NaN;
/** Asked and answered within two seconds. */
const at = (utc: string) => ({ askedMs: Date.parse(utc) - 1_000, atMs: Date.parse(utc) + 1_000, zone });

describe('a clock that is read', () => {
  test.each([
    ['right', shown(12, 0, 0), '2026-10-25T11:00:00.400Z', 0],
    ['ahead', shown(12, 1, 30), '2026-10-25T11:00:00.500Z', 90],
    ['behind', shown(11, 59, 0), '2026-10-25T11:00:00.500Z', -60],
    ['in the first of the two hours that autumn repeats', shown(2, 30, 0), '2026-10-25T00:30:00.500Z', 0],
    ['in the second of them', shown(2, 30, 0), '2026-10-25T01:30:00.500Z', 0],
  ])('is %s', (_, localMs, utc, driftSeconds) => {
    expect(lookOf(localMs, at(utc), false)).toEqual({ driftSeconds, fault: null });
  });

  test('was never set', () => {
    expect(localMsOf({ year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 })).toBeNull();
    expect(lookOf(null, at('2026-10-25T11:00:00Z'), false).driftSeconds).toBeNull();
  });

  test('is not judged by an answer that took long', () => {
    const read = { ...at('2026-10-25T11:00:00Z'), askedMs: Date.parse('2026-10-25T10:59:54Z') };
    expect(lookOf(shown(12, 0, 0), read, false).driftSeconds).toBeNull();
  });

  test('of whose bytes the order is a guess is not judged by what lies days away', () => {
    const look = lookOf(shown(12, 0, 0), at('2026-11-25T11:00:00Z'), true);
    expect(look).toEqual({ driftSeconds: null, fault: expect.stringContaining('2026-10-25T12:00:00') });
  });
});
