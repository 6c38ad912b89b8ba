// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import {
  addDays,
  addMonths,
  comparedPeriod,
  daysBetween,
  grainsOf,
  isDay,
  periodOf,
  shiftPeriod,
  weekStart,
  type PeriodKind,
} from './period.ts';

const day = fc.integer({ min: 0, max: 36_000 }).map((days) => addDays('1980-01-01', days));
const kind = fc.constantFrom<PeriodKind>('day', 'week', 'month', 'year');

test('the span that holds a day', () => {
  expect(periodOf('day', '2026-02-28')).toEqual({ kind: 'day', from: '2026-02-28', to: '2026-03-01' });
  expect(periodOf('week', '2026-11-22')).toEqual({ kind: 'week', from: '2026-11-16', to: '2026-11-23' });
  expect(periodOf('month', '2024-02-10')).toEqual({ kind: 'month', from: '2024-02-01', to: '2024-03-01' });
  expect(periodOf('year', '2024-02-10')).toEqual({ kind: 'year', from: '2024-01-01', to: '2025-01-01' });
  expect(periodOf('free', '2026-01-10', '2026-01-05')).toEqual({
    kind: 'free',
    from: '2026-01-05',
    to: '2026-01-11',
  });
});

test('every period holds the day it was made of, and periods of a kind touch without overlap', () => {
  fc.assert(
    fc.property(kind, day, (of, at) => {
      const period = periodOf(of, at);
      expect(period.from <= at && at < period.to).toBe(true);
      expect(shiftPeriod(period, 1).from).toBe(period.to);
      expect(shiftPeriod(shiftPeriod(period, 1), -1)).toEqual(period);
    }),
  );
});

test('months are clamped, not carried over', () => {
  expect(addMonths('2024-03-31', -1)).toBe('2024-02-29');
  expect(addMonths('2026-01-31', 1)).toBe('2026-02-28');
  expect(addMonths('2024-02-29', -12)).toBe('2023-02-28');
});

test('comparison: the span before, or the same calendar span a year earlier', () => {
  expect(comparedPeriod(periodOf('month', '2026-03-15'), 'previous')).toEqual({
    kind: 'month',
    from: '2026-02-01',
    to: '2026-03-01',
  });
  expect(comparedPeriod(periodOf('month', '2026-03-15'), 'last-year')).toEqual({
    kind: 'month',
    from: '2025-03-01',
    to: '2025-04-01',
  });
  expect(comparedPeriod(periodOf('free', '2026-03-01', '2026-03-10'), 'previous')).toEqual({
    kind: 'free',
    from: '2026-02-19',
    to: '2026-03-01',
  });
});

test('weeks begin on Monday', () => {
  fc.assert(fc.property(day, (at) => expect(new Date(`${weekStart(at)}T00:00:00Z`).getUTCDay()).toBe(1)));
});

test('only days that exist are days', () => {
  expect(isDay('2026-02-29')).toBe(false);
  expect(isDay('2024-02-29')).toBe(true);
  expect(isDay('2026-2-9')).toBe(false);
  expect(isDay("2026-01-01'; DROP")).toBe(false);
  expect(isDay(null)).toBe(false);
});

test('grains keep a chart readable', () => {
  const points = { slot: 48, hour: 24, day: 1, week: 1 / 7, month: 1 / 30, year: 1 / 365 } as const;
  fc.assert(
    fc.property(day, fc.integer({ min: 1, max: 3_000 }), (from, days) => {
      const period = { kind: 'free', from, to: addDays(from, days) } as const;
      expect(daysBetween(period.from, period.to)).toBe(days);
      const [natural] = grainsOf(period);
      expect(points[natural!] * days).toBeLessThanOrEqual(200);
    }),
  );
});
