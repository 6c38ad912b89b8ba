// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ProtectedSpan } from '@wattledger/contracts/http/billing';
import {
  concerns,
  inProtectedHours,
  isProtected,
  nextProtectionEdge,
  protectedDayAt,
  protectionAt,
  unprotectedFrom,
  type ProtectedTimes,
} from './protected-hours.ts';

const everyDay = [1, 2, 3, 4, 5, 6, 7];
const times = (changes: Partial<ProtectedTimes>): ProtectedTimes => ({
  name: 'Calendar',
  spans: [],
  days: [],
  fromDay: null,
  toDay: null,
  ...changes,
});
const night: ProtectedSpan = { weekdays: everyDay, fromMinute: 22 * 60, toMinute: 30 * 60 };
const weekend: ProtectedSpan = { weekdays: [5], fromMinute: 18 * 60, toMinute: 24 * 60 };
const at = (text: string): number => Date.parse(text);
const zones = ['Europe/Berlin', 'Asia/Shanghai', 'America/New_York', 'Australia/Lord_Howe'] as const;
const quarterMs = 15 * 60_000;

describe('protected hours', () => {
  test.each([
    ['2026-02-02T21:59:59+01:00', false],
    ['2026-02-02T22:00:00+01:00', true],
    ['2026-02-03T05:59:59+01:00', true], // over midnight
    ['2026-02-03T06:00:00+01:00', false],
    // The night in which clocks go forward (03-29, 02:00 → 03:00) and back (10-25, 03:00 → 02:00).
    ['2026-03-29T01:59:00+01:00', true],
    ['2026-03-29T05:59:00+02:00', true],
    ['2026-03-29T06:00:00+02:00', false],
    ['2026-10-25T02:30:00+02:00', true],
    ['2026-10-25T02:30:00+01:00', true],
    ['2026-10-25T06:00:00+01:00', false],
  ])('the night at %s: %s', (text, expected) => {
    expect(inProtectedHours(times({ spans: [night] }), 'Europe/Berlin', at(text))).toBe(expected);
  });

  test('a span belongs to the weekday on which it begins', () => {
    const friday = times({ spans: [weekend] });
    expect(inProtectedHours(friday, 'Asia/Shanghai', at('2026-02-06T18:00:00+08:00'))).toBe(true);
    expect(inProtectedHours(friday, 'Asia/Shanghai', at('2026-02-07T00:00:00+08:00'))).toBe(false);
    const sunday = times({ spans: [{ weekdays: [7], fromMinute: 1320, toMinute: 1800 }] });
    expect(inProtectedHours(sunday, 'Asia/Shanghai', at('2026-02-09T05:00:00+08:00'))).toBe(true); // Monday morning
    expect(inProtectedHours(sunday, 'Asia/Shanghai', at('2026-02-10T05:00:00+08:00'))).toBe(false);
  });

  test('and to the time of the calendar that day lies in', () => {
    const winter = times({ spans: [night], fromDay: '2026-02-02', toDay: '2026-02-03' });
    const inside = (text: string): boolean => inProtectedHours(winter, 'Europe/Berlin', at(text));
    expect(inside('2026-02-02T05:00:00+01:00')).toBe(false); // began the day before
    expect(inside('2026-02-02T23:00:00+01:00')).toBe(true);
    expect(inside('2026-02-04T05:00:00+01:00')).toBe(true); // the night of the last day goes to its end
    expect(inside('2026-02-04T23:00:00+01:00')).toBe(false);
  });

  test('special days are local days, with their names', () => {
    const days = times({ days: [{ day: '2026-02-17', name: 'Spring Festival' }] });
    const nameAt = (text: string) => protectedDayAt(days, 'Asia/Shanghai', at(text))?.name;
    expect(nameAt('2026-02-16T16:00:00Z')).toBe('Spring Festival');
    expect(nameAt('2026-02-17T16:00:00Z')).toBeUndefined();
  });

  test('a calendar concerns everybody, or the kinds and accounts it names', () => {
    const account = { accountId: 'acc_1', tenantClass: 'flat' };
    expect(concerns({ tenantClasses: [], accountIds: [] }, account)).toBe(true);
    expect(concerns({ tenantClasses: ['flat'], accountIds: [] }, account)).toBe(true);
    expect(concerns({ tenantClasses: ['shop'], accountIds: [] }, account)).toBe(false);
    expect(concerns({ tenantClasses: ['shop'], accountIds: ['acc_1'] }, account)).toBe(true);
    expect(concerns({ tenantClasses: ['flat'], accountIds: [] }, { ...account, tenantClass: null })).toBe(
      false,
    );
  });

  test('says what protects and until when, over days in a row', () => {
    const days = ['2026-02-17', '2026-02-18', '2026-02-19'].map((day) => ({ day, name: 'Festival' }));
    const calendars = [times({ name: 'Nights', spans: [night] }), times({ days })];
    expect(protectionAt(calendars, 'Asia/Shanghai', at('2026-02-17T12:00:00+08:00'))).toEqual({
      name: 'Festival',
      untilMs: at('2026-02-20T06:00:00+08:00'), // the night after the last day, too
    });
    expect(protectionAt(calendars, 'Asia/Shanghai', at('2026-02-16T12:00:00+08:00'))).toBeNull();
  });

  const span = fc
    .record({
      weekdays: fc.uniqueArray(fc.constantFrom(...everyDay), { minLength: 1 }),
      fromMinute: fc.integer({ min: 0, max: 95 }).map((quarter) => quarter * 15),
      length: fc.integer({ min: 1, max: 96 }).map((quarter) => quarter * 15),
    })
    .map(({ weekdays, fromMinute, length }) => ({ weekdays, fromMinute, toMinute: fromMinute + length }));
  const dayOfYear = fc
    .integer({ min: 0, max: 364 })
    .map((day) => new Date(at('2026-01-01T12:00:00Z') + day * 86_400_000).toJSON().slice(0, 10));
  const calendar = fc
    .record({
      spans: fc.array(span, { maxLength: 3 }),
      days: fc.uniqueArray(dayOfYear, { maxLength: 10 }),
      fromDay: fc.option(dayOfYear),
      toDay: fc.option(dayOfYear),
    })
    .map(({ days, ...rest }) => times({ ...rest, days: days.map((day) => ({ day, name: day })) }));
  const instant = fc
    .integer({ min: 0, max: 366 * 96 })
    .map((quarter) => at('2026-01-01T00:00:00Z') + quarter * quarterMs);

  test('the next edge is the first minute on which protection differs', () => {
    fc.assert(
      fc.property(
        fc.array(calendar, { minLength: 1, maxLength: 2 }),
        fc.constantFrom(...zones),
        instant,
        (calendars, zone, atMs) => {
          const now = isProtected(calendars, zone, atMs);
          let expected: number | null = null;
          for (let step = 1; step <= 26 * 4 && expected === null; step += 1) {
            if (isProtected(calendars, zone, atMs + step * quarterMs) !== now)
              expected = atMs + step * quarterMs;
          }
          expect(nextProtectionEdge(calendars, zone, atMs)).toBe(expected);
          const free = unprotectedFrom(calendars, zone, atMs);
          if (free !== null) expect(isProtected(calendars, zone, free)).toBe(false);
        },
      ),
      { numRuns: 100 },
    );
  });
});
