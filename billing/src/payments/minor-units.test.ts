// SPDX-License-Identifier: Apache-2.0
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decimalOfMicros, microsOfDecimal, microsOfMinor, minorOfMicros } from './minor-units.ts';

test.each([
  ['EUR', 12_340_000, 1234, '12.34'],
  ['CNY', 50_000, 5, '0.05'],
  ['JPY', 1_500_000_000, 1500, '1500'],
  ['KWD', 1_234_000, 1234, '1.234'],
])('%s: %i micros are %i of the smallest coin', (currency, micros, minor, decimal) => {
  expect(minorOfMicros(micros, currency)).toBe(minor);
  expect(decimalOfMicros(micros, currency)).toBe(decimal);
});

test('what the smallest coin cannot pay is refused', () => {
  expect(() => minorOfMicros(12_345_000, 'EUR')).toThrow('2 decimals');
  expect(() => minorOfMicros(1_500_000, 'JPY')).toThrow('0 decimals');
  expect(() => microsOfDecimal('1e3')).toThrow('cannot be read');
});

test('there and back is the same', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10 ** 8 }),
      fc.constantFrom('EUR', 'JPY', 'BHD'),
      (minor, currency) => {
        const micros = microsOfMinor(minor, currency);
        expect(minorOfMicros(micros, currency)).toBe(minor);
        expect(microsOfDecimal(decimalOfMicros(micros, currency))).toBe(micros);
      },
    ),
  );
});
