// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chargeAmountMicros, roundingMilliMicros } from './amount.ts';

describe('charge of a slot', () => {
  test.each([
    [1000, 600_000, 600_000],
    [1, 500, 1], // half away from zero
    [1, 499, 0],
    [-1, 500, -1],
    [-1, 499, 0],
    [3, 333_333, 1000],
    [0, 1_000_000, 0],
    [2 ** 40, 1_000_000_000, 1_099_511_627_776_000_000 / 1],
  ])('%d × %d', (consumption, rate, amount) => {
    if (!Number.isSafeInteger(amount)) {
      expect(() => chargeAmountMicros(consumption, rate)).toThrow();
      return;
    }
    expect(Object.is(chargeAmountMicros(consumption, rate), amount)).toBe(true);
  });

  test('is the exact product within half a micro, whatever the size', () => {
    const consumption = fc.oneof(
      fc.integer({ min: -100_000, max: 5_000_000 }),
      fc.integer({ min: 2 ** 25, max: 2 ** 31 }),
    );
    const rate = fc.oneof(fc.integer({ min: 0, max: 5_000_000 }), fc.integer({ min: 2 ** 18, max: 2 ** 24 }));
    fc.assert(
      fc.property(consumption, rate, (wh, micros) => {
        const amount = chargeAmountMicros(wh, micros);
        const rounding = roundingMilliMicros(wh, micros, amount);
        expect(Math.abs(rounding)).toBeLessThanOrEqual(500);
        // A tie goes away from zero.
        if (Math.abs(rounding) === 500) expect(Math.sign(rounding)).toBe(Math.sign(amount));
      }),
      { numRuns: 2000 },
    );
  });
});
