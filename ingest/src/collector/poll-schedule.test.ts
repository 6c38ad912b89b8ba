// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import {
  firstDueMs,
  nextDueMs,
  pauseAfterMissesMs,
  phaseOf,
  probePauseMs,
  shareOf,
} from './poll-schedule.ts';
import { afterAnswer, afterMiss, unknownLiveness, type Liveness } from './liveness.ts';

const anyInterval = fc.integer({ min: 1, max: 86_400 }).map((seconds) => seconds * 1000);
const anyNow = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2040, 0, 1) });

describe('when to ask', () => {
  test('the next turn is after now, at most one interval away, and on the same grid in every process', () => {
    fc.assert(
      fc.property(anyNow, anyInterval, fc.string(), (now, interval, gateway) => {
        const phase = phaseOf(gateway, interval);
        const due = nextDueMs(now, interval, phase);
        expect(due).toBeGreaterThan(now);
        expect(due - now).toBeLessThanOrEqual(interval);
        expect((due - phase) % interval).toBe(0);
        expect(nextDueMs(due, interval, phase) - due).toBe(interval);
        expect(phase).toBeLessThan(Math.min(interval, 60_000));
      }),
    );
  });

  test('a meter never asked, or not for an interval, is due at once; one just asked waits for its turn', () => {
    const interval = 1_800_000;
    expect(firstDueMs(5_000_000, null, interval, 7)).toBe(5_000_000);
    expect(firstDueMs(5_000_000, 3_000_000, interval, 7)).toBe(5_000_000);
    expect(firstDueMs(5_000_000, 4_900_000, interval, 7)).toBe(5_400_007);
    // The clock was set back: do not wait for the future.
    expect(firstDueMs(5_000_000, 9_000_000, interval, 7)).toBe(5_000_000);
  });

  test('a thousand gateways do not begin together', () => {
    const bySecond = new Map<number, number>();
    for (let index = 0; index < 1_000; index += 1) {
      const second = Math.floor(phaseOf(`gtw_${index}`, 1_800_000) / 1000);
      bySecond.set(second, (bySecond.get(second) ?? 0) + 1);
    }
    expect(bySecond.size).toBeGreaterThan(55);
    expect(Math.max(...bySecond.values())).toBeLessThan(50);
  });

  test('every gateway belongs to exactly one share', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 16 }), (gateway, count) => {
        expect(shareOf(gateway, count)).toBeGreaterThanOrEqual(0);
        expect(shareOf(gateway, count)).toBeLessThan(count);
      }),
    );
  });

  test('pauses grow, but a meter is left alone no longer than five minutes or its interval, and asked once a cycle at most', () => {
    expect([1, 2, 3, 4, 5, 6, 60].map((missed) => pauseAfterMissesMs(missed, 10_000))).toEqual([
      10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000,
    ]);
    expect([1, 2, 9].map((missed) => pauseAfterMissesMs(missed, 1_800_000))).toEqual([
      1_800_000, 1_800_000, 1_800_000,
    ]);
    expect([0, 1, 2, 3, 4, 5, 50].map(probePauseMs)).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
    ]);
  });
});

describe('online and offline', () => {
  test('raised once after three misses, cleared once after two answers, never twice in a row', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (answers) => {
        let state: Liveness = unknownLiveness;
        let open = false;
        let misses = 0;
        let inRow = 0;
        for (const answered of answers) {
          misses = answered ? 0 : misses + 1;
          inRow = answered ? inRow + 1 : 0;
          const { next, signal } = answered ? afterAnswer(state) : afterMiss(state, true);
          expect(signal).toBe(!open && misses >= 3 ? 'raised' : open && inRow >= 2 ? 'cleared' : null);
          if (signal !== null) open = signal === 'raised';
          expect(next).toEqual({
            online: answered,
            missedCycles: misses,
            answersInRow: inRow,
            alarmed: open,
          });
          state = next;
        }
      }),
    );
  });

  test('a miss that somebody else answers for raises nothing', () => {
    let state: Liveness = unknownLiveness;
    for (let miss = 0; miss < 10; miss += 1) {
      const step = afterMiss(state, false);
      expect(step.signal).toBeNull();
      state = step.next;
    }
    expect(afterMiss(state, true).signal).toBe('raised');
  });
});
