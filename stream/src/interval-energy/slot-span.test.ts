// SPDX-License-Identifier: Apache-2.0
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { divideRounded } from '@wattledger/contracts';
import { baseUnitsOf, roundedQuotient, unitScaleOf } from './base-units.ts';
import { emptyRun, flowedBy, layOnRun, maskOf, qualityOfMask } from './slot-span.ts';

const safe = fc.maxSafeInteger();

test('values become whole base units as exact fractions do, rounded half away from zero; beyond ±2^53 they become nothing', () => {
  fc.assert(
    fc.property(
      safe,
      fc.integer({ min: -6, max: 6 }),
      fc.integer({ min: 1, max: 100_000 }),
      fc.integer({ min: 1, max: 1000 }),
      (value, scaler, numerator, denominator) => {
        const exact = divideRounded(
          BigInt(value) * BigInt(numerator) * 10n ** BigInt(Math.max(scaler, 0)),
          BigInt(denominator) * 10n ** BigInt(Math.max(-scaler, 0)),
        );
        const found = baseUnitsOf(value, unitScaleOf(scaler, numerator, denominator));
        expect(found).toBe(Number.isSafeInteger(Number(exact)) ? Number(exact) : Number.NaN);
      },
    ),
  );
});

test('the quotient of two safe integers is rounded exactly', () => {
  fc.assert(
    fc.property(safe, fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (numerator, denominator) => {
      // -0 is a number of its own to toBe, and no energy.
      expect(roundedQuotient(numerator, denominator) + 0).toBe(
        Number(divideRounded(BigInt(numerator), BigInt(denominator))),
      );
    }),
  );
});

test('the parts of a span add up to it, never run backwards, and lie within half a unit of its share of time', () => {
  const span = fc.record({
    fromMs: fc.integer({ min: 0, max: 4_000_000_000_000 }),
    lengthMs: fc.oneof(fc.integer({ min: 1, max: 7_200_000 }), fc.integer({ min: 1, max: 40 * 86_400_000 })),
    consumption: fc.oneof(
      fc.nat({ max: 1000 }),
      fc.nat({ max: 2 ** 31 - 1 }),
      fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    ),
    slotMs: fc.constantFrom(900_000, 1_800_000, 3_600_000),
  });
  fc.assert(
    fc.property(span, ({ fromMs, lengthMs, consumption, slotMs }) => {
      const whole = { fromMs, toMs: fromMs + lengthMs, consumption, mask: maskOf(0) };
      const run = emptyRun(whole.fromMs, whole.toMs, slotMs);
      layOnRun(run, whole);
      expect(run.consumption.reduce((sum, part) => sum + part, 0)).toBe(consumption);
      expect(run.consumption.every((part) => part >= 0)).toBe(true);
      expect(run.mask.every((mask) => mask === maskOf(0))).toBe(true);
      const middle = fromMs + Math.floor(lengthMs / 3);
      const exact = BigInt(consumption) * BigInt(middle - fromMs);
      const off = BigInt(flowedBy(whole, middle)) * BigInt(lengthMs) - exact;
      expect((off < 0n ? -off : off) * 2n <= BigInt(lengthMs)).toBe(true);
    }),
  );
});

test.each([
  [[0], 0],
  [[1], 1],
  [[2], 2],
  [[3], 3],
  [[0, 1], 1],
  [[0, 2], 2],
  [[0, 3], 1],
  [[1, 2], 1],
  [[2, 3], 1],
  [[0, 1, 2, 3], 1],
])('qualities %j make a slot of quality %i', (codes, expected) => {
  expect(qualityOfMask(codes.reduce((mask, code) => mask | maskOf(code), 0))).toBe(expected);
});
