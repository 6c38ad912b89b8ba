// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  boolean,
  CellFault,
  clock,
  instant,
  instantIn,
  integer,
  multiplier,
  reduce,
  registerValue,
  text,
} from './site-cells.ts';

describe('what is written is read back', () => {
  test('register values keep their digits', () => {
    fc.assert(
      fc.property(fc.nat(999_999_999), fc.integer({ min: -6, max: 3 }), (value, scaler) => {
        expect(registerValue.read(registerValue.write({ value, scaler }))).toEqual({ value, scaler });
      }),
    );
  });
  test('multipliers', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 1_000_000 }),
        (numerator, denominator) => {
          const fraction = reduce(BigInt(numerator), BigInt(denominator));
          expect(fraction).not.toBeNull();
          if (fraction !== null) expect(multiplier.read(multiplier.write(fraction))).toEqual(fraction);
        },
      ),
    );
  });
  test('times of day', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1439 }), (minute) =>
        expect(clock.read(clock.write(minute))).toBe(minute),
      ),
    );
  });
  test('instants', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (ms) =>
        expect(instant.read(instant.write({ ms }))).toEqual({ ms }),
      ),
    );
  });
});

describe('register values', () => {
  test.each([
    ['1234.56', { value: 123456, scaler: 1 }],
    ['1234.50', { value: 123450, scaler: 1 }],
    ['7', { value: 7, scaler: 3 }],
    [0.1 + 0.2, { value: 3, scaler: 2 }],
  ])('%s', (cell, expected) => {
    expect(registerValue.read(cell)).toEqual(expected);
  });
  test.each(['-1', '1,5', '1e3', 'abc', '1.2.3', ''])('"%s" is refused', (cell) => {
    expect(() => registerValue.read(cell)).toThrow(CellFault);
  });
});

describe('multipliers', () => {
  test.each([
    ['40', 40, 1],
    [40, 40, 1],
    ['200/5', 40, 1],
    ['200:5', 40, 1],
    ['1.5', 3, 2],
    ['3.785', 757, 200],
    ['2.5 / 0.5', 5, 1],
  ])('%s', (cell, numerator, denominator) => {
    expect(multiplier.read(cell)).toEqual({ numerator, denominator });
  });
  test.each(['0', '-5', '1/0', '5/', 'x', '99999999999'])('%s is refused', (cell) => {
    expect(() => multiplier.read(cell)).toThrow(CellFault);
  });
});

describe('instants in a zone', () => {
  const berlin = (cell: string | Date): number => instantIn('Europe/Berlin', instant.read(cell));
  test('local time, with an offset, with Z, and as a spreadsheet date', () => {
    const expected = Date.parse('2026-01-15T11:30:00Z');
    expect(berlin('2026-01-15 12:30')).toBe(expected);
    expect(berlin('2026-01-15T19:30+08:00')).toBe(expected);
    expect(berlin('2026-01-15T11:30:00Z')).toBe(expected);
    // Excel's 46037.520833333336 comes 29 ms short of the minute.
    expect(berlin(new Date(Date.parse('2026-01-15T12:30:00Z') - 29))).toBe(expected);
  });
  test('a day begins at local midnight', () => {
    expect(berlin('2026-07-01')).toBe(Date.parse('2026-06-30T22:00:00Z'));
  });
  test('an hour that is skipped or comes twice is refused, and taken with an offset', () => {
    expect(() => berlin('2026-03-29 02:30')).toThrow(/does not exist/);
    expect(() => berlin('2026-10-25 02:30')).toThrow(/comes twice/);
    expect(berlin('2026-10-25 02:30+01:00')).toBe(Date.parse('2026-10-25T01:30:00Z'));
  });
  test.each(['31.03.2026', '2026-13-01', '2026-02-30', '1969-12-31T00:00Z', 'soon'])(
    '%s is refused',
    (cell) => {
      expect(() => berlin(cell)).toThrow(CellFault);
    },
  );
});

test.each([
  ['yes', true],
  ['TRUE', true],
  [1, true],
  ['no', false],
  [false, false],
  ['0', false],
])('%s is %s', (cell, expected) => {
  expect(boolean.read(cell)).toBe(expected);
});

test('a serial that a spreadsheet took for a number is text again', () => {
  expect(text(64).read(240100101)).toBe('240100101');
});
test.each(["Robert'); DROP TABLE meters;--", '=1+1', '<script>', '日本'])('text is text: %s', (cell) => {
  expect(text(64).read(cell)).toBe(cell);
});
test.each([['1.5'], ['1,500'], ['x'], [300]])('%s is no unit id', (cell) => {
  expect(() => integer(1, 247).read(cell)).toThrow(CellFault);
});
