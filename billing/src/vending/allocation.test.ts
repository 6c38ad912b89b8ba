// SPDX-License-Identifier: Apache-2.0
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { allocateVend, emergencyUsed } from './allocation.ts';

const money = fc.integer({ min: 1, max: 10 ** 12 });
const cap = fc.option(fc.integer({ min: 0, max: 10 ** 9 }));

test('parts sum to the amount, none is negative, and no debt or cap is exceeded', () => {
  const recovery = fc.record({
    owedMicros: fc.nat(10 ** 10),
    sharePpm: fc.integer({ min: 1, max: 1_000_000 }),
    capPerVendMicros: cap,
    monthLeftMicros: cap,
  });
  fc.assert(
    fc.property(money, fc.option(recovery), fc.nat(10 ** 9), (amountMicros, arrears, emergencyOwedMicros) => {
      const parts = allocateVend({ amountMicros, arrears, emergencyOwedMicros });
      const { arrearsMicros, emergencyMicros, balanceMicros } = parts;
      expect(arrearsMicros + emergencyMicros + balanceMicros).toBe(amountMicros);
      expect(Math.min(arrearsMicros, emergencyMicros, balanceMicros)).toBeGreaterThanOrEqual(0);
      if (arrears === null) expect(arrearsMicros).toBe(0);
      else {
        expect(arrearsMicros).toBeLessThanOrEqual(arrears.owedMicros);
        expect(arrearsMicros).toBeLessThanOrEqual(arrears.capPerVendMicros ?? Infinity);
        expect(arrearsMicros).toBeLessThanOrEqual(arrears.monthLeftMicros ?? Infinity);
        // Half a micro is the rounding of the share.
        expect(BigInt(2 * arrearsMicros) * 1_000_000n).toBeLessThanOrEqual(
          2n * BigInt(amountMicros) * BigInt(arrears.sharePpm) + 1_000_000n,
        );
      }
      expect(emergencyMicros).toBeLessThanOrEqual(emergencyOwedMicros);
      if (balanceMicros > 0) expect(emergencyMicros).toBe(emergencyOwedMicros);
    }),
  );
});

test('a quarter of each top up, at most 20 of one and what the month leaves, then the emergency credit', () => {
  const arrears = {
    owedMicros: 100,
    sharePpm: 250_000,
    capPerVendMicros: 20,
    monthLeftMicros: null as number | null,
  };
  const parts = (amountMicros: number, changes: Partial<typeof arrears> = {}, emergencyOwedMicros = 0) =>
    Object.values(allocateVend({ amountMicros, arrears: { ...arrears, ...changes }, emergencyOwedMicros }));
  expect(parts(40)).toEqual([10, 0, 30]);
  expect(parts(200)).toEqual([20, 0, 180]);
  expect(parts(200, { monthLeftMicros: 7 })).toEqual([7, 0, 193]);
  expect(parts(200, { owedMicros: 3 })).toEqual([3, 0, 197]);
  expect(parts(40, {}, 50)).toEqual([10, 30, 0]);
  expect(parts(2, {})).toEqual([1, 0, 1]); // a half is rounded away from zero
  expect(allocateVend({ amountMicros: 40, arrears: null, emergencyOwedMicros: 15 })).toEqual({
    arrearsMicros: 0,
    emergencyMicros: 15,
    balanceMicros: 25,
  });
});

test('emergency credit is the first part below zero', () => {
  expect([5, 0, -3, -10, -12].map((balance) => emergencyUsed(10, balance))).toEqual([0, 0, 3, 10, 10]);
});
