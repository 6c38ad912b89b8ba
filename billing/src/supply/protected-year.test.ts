// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: over a year with its changes of the clocks nobody is cut in a protected instant, and everybody is cut in every
 * other. Method: quarters of an hour all over a year, and all around its changes, are decided on for random calendars, and compared with what the
 * platform's own calendar (Intl, not ours) says of the wall clock.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ProtectionCalendar } from '@wattledger/contracts/http/billing';
import { decideSupply, type SupplyEvidence } from './decision.ts';
import { defaultSupplyPolicy } from './default-policy.ts';

const quarterMs = 15 * 60_000;
const names = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

const atOf = (index: number): number => Date.parse('2025-12-31T12:00:00Z') + index * quarterMs;

interface WallClock {
  readonly atMs: number;
  readonly day: string;
  readonly weekday: number;
  readonly minute: number;
}

/** Every 13th quarter of an hour of 2026 and every one of the days around its changes, as clocks in a zone show it. */
function yearOf(zone: string): readonly WallClock[] {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const changes = ['2026-03-08', '2026-03-29', '2026-10-25', '2026-11-01'].map((day) => Date.parse(day));
  const wanted = Array.from({ length: 366 * 96 }, (_, index) => index).filter(
    (index) => index % 13 === 0 || changes.some((dayMs) => Math.abs(atOf(index) - dayMs) < 36 * 3_600_000),
  );
  return wanted.map((index) => {
    const atMs = atOf(index);
    const part = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
    return {
      atMs,
      day: `${part['year']}-${part['month']}-${part['day']}`,
      weekday: names.indexOf(part['weekday'] ?? '') + 1,
      minute: Number(part['hour']) * 60 + Number(part['minute']),
    };
  });
}
const years = new Map(
  ['Europe/Berlin', 'America/New_York', 'Asia/Shanghai'].map((zone) => [zone, yearOf(zone)]),
);

const evidence = (zone: string, atMs: number, calendar: ProtectionCalendar): SupplyEvidence => ({
  atMs,
  zone,
  accountOpen: true,
  mode: 'automatic',
  desired: 'closed',
  protectedSupply: false,
  balanceMicros: -1,
  emergencyCreditMicros: 0,
  arrearsMicros: 0,
  belowSinceMs: 0,
  readings: [{ meteringPointId: 'pnt_e', electricity: true, lastReadingMs: atMs, lastReadingQuality: 0 }],
  readingsAtMs: atMs,
  unchargedAgeMs: 0,
  paymentsPending: 0,
  policy: { ...defaultSupplyPolicy, automatic: true },
  calendars: [calendar],
});

const span = fc
  .record({
    weekdays: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
    from: fc.integer({ min: 0, max: 95 }),
    length: fc.integer({ min: 1, max: 96 }),
  })
  .map(({ weekdays, from, length }) => ({ weekdays, fromMinute: from * 15, toMinute: (from + length) * 15 }));

test('nobody is cut in a protected instant of a year, and everybody else is', () => {
  const dayOf = (index: number): string =>
    new Date(Date.parse('2026-01-01T12:00:00Z') + index * 86_400_000).toJSON().slice(0, 10);
  const day = fc.integer({ min: 0, max: 364 }).map(dayOf);
  fc.assert(
    fc.property(
      fc.constantFrom(...years.keys()),
      fc.array(span, { maxLength: 3 }),
      fc.uniqueArray(day, { maxLength: 12 }),
      fc.nat(4),
      (zone, spans, days, phase) => {
        const calendar: ProtectionCalendar = {
          calendarId: 'pca_1',
          name: 'Random',
          spans,
          days: days.map((name) => ({ day: name, name })),
          fromDay: null,
          toDay: null,
          tenantClasses: [],
          accountIds: [],
        };
        const year = years.get(zone) ?? [];
        for (let index = phase; index < year.length; index += 5) {
          const clock = year[index] as WallClock;
          const yesterday = clock.weekday === 1 ? 7 : clock.weekday - 1;
          const expected =
            days.includes(clock.day) ||
            spans.some(
              ({ weekdays, fromMinute, toMinute }) =>
                (weekdays.includes(clock.weekday) && clock.minute >= fromMinute && clock.minute < toMinute) ||
                (weekdays.includes(yesterday) && clock.minute + 1440 < toMinute),
            );
          const { action } = decideSupply(evidence(zone, clock.atMs, calendar));
          if ((action === 'leave') !== expected)
            throw new Error(`${zone} ${clock.day} ${clock.minute}: ${action}`);
        }
      },
    ),
    { numRuns: 25 },
  );
  expect(years.size).toBe(3);
});
