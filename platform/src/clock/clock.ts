// SPDX-License-Identifier: Apache-2.0
import type { Clock } from '../service/port.ts';

/** The machine's clock: the one place of the house that asks it. */
export const systemClock: Clock = { nowMs: () => Date.now() };

/** A clock that stands still until it is told. */
export interface TestClock extends Clock {
  set(nowMs: number): void;
  advance(byMs: number): void;
}

export function createTestClock(nowMs: number): TestClock {
  let now = nowMs;
  return {
    nowMs: () => now,
    set: (next) => void (now = next),
    advance: (byMs) => void (now += byMs),
  };
}
