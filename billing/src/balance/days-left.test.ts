// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import { daysLeft, daysLeftRange, type MeasuredDay } from './days-left.ts';

const days = (count: number, amountMicros: number, slotsMissing = 0): MeasuredDay[] =>
  Array.from({ length: count }, (_, index) => ({
    localDay: `2026-02-${index + 10}`,
    amountMicros,
    slotsMeasured: 48,
    slotsMissing,
  }));

describe('days left', () => {
  test.each([
    [100, days(14, 10), { dailyChargeMicros: 10, daysLeft: 10 }],
    [99, days(7, 10), { dailyChargeMicros: 10, daysLeft: 9 }],
    [100, days(6, 10), null],
    [100, [...days(6, 10), ...days(5, 1000, 3)], null], // days with holes do not count
    [0, days(7, 10), { dailyChargeMicros: 10, daysLeft: 0 }],
    [-5, days(7, 10), { dailyChargeMicros: 10, daysLeft: 0 }],
    [100, days(7, 0), { dailyChargeMicros: 0, daysLeft: null }],
  ])('of %d', (balance, measured, expected) => {
    expect(daysLeft(balance, measured)).toEqual(expected);
  });

  test('looks back on fourteen complete days', () => {
    expect(daysLeftRange('2026-03-05')).toEqual({ fromDay: '2026-02-19', toDay: '2026-03-04' });
  });
});
