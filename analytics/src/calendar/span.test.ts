// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { boundsOfLocalDay, localDayOf } from '@wattledger/contracts';
import { RequestError } from '@wattledger/platform';
import type { Grain } from '@wattledger/contracts/http/analytics';
import { bucketsOf, counterpartsOf, type Counterparts } from './buckets.ts';
import {
  comparisonSpan,
  currentEdges,
  parseEdges,
  shiftEdge,
  shiftOf,
  spanOf,
  type AskedSpan,
  type Grid,
} from './span.ts';

const berlin: Grid = { zone: 'Europe/Berlin', slotMinutes: 30 };
const at = (text: string): number => Date.parse(text);

function spanFrom(
  grid: Grid,
  from: string,
  to: string,
  now: string,
  newest: string | null = null,
): AskedSpan {
  const { fromMs, toMs } = parseEdges(grid, from, to);
  return spanOf(grid, fromMs, toMs, { nowMs: at(now), newestReadingMs: newest === null ? null : at(newest) });
}

function compared(
  grid: Grid,
  from: string,
  to: string,
  kind: 'previous' | 'last-year',
  now = '2100-01-01T00:00:00Z',
): { from: string; to: string; until: string } | null {
  const span = spanFrom(grid, from, to, now);
  const before = comparisonSpan(grid, span, shiftOf(span, kind));
  return before === null
    ? null
    : { from: before.from, to: before.to, until: new Date(before.untilMs).toISOString() };
}

describe('spans', () => {
  test('local days and instants are read; anything else is refused with the parameter at fault', () => {
    expect(parseEdges(berlin, '2024-03-31', '2024-04-01')).toEqual({
      fromMs: at('2024-03-30T23:00:00Z'),
      toMs: at('2024-03-31T22:00:00Z'),
    });
    expect(parseEdges(berlin, '2024-03-31T01:30:00+02:00', '2024-03-31T00:00:00Z').fromMs).toBe(
      at('2024-03-30T23:30:00Z'),
    );
    const codeOf = (from: string, to: string): string => {
      try {
        parseEdges(berlin, from, to);
        return 'fine';
      } catch (error) {
        return error instanceof RequestError ? `${error.code} ${error.faults?.[0]?.path}` : 'wrong error';
      }
    };
    expect(codeOf('2023-02-29', '2023-03-01')).toBe('no-such-day from');
    expect(codeOf('2023-02-28', '2023-13-01')).toBe('no-such-day to');
    expect(codeOf('2024-01-01T00:10:00Z', '2024-01-02')).toBe('instant-off-grid from');
    expect(codeOf('2024-01-02', '2024-01-02')).toBe('period-empty to');
    expect(codeOf('2000-01-01', '2024-01-01')).toBe('period-too-long to');
  });

  test.each([
    // Whole months and years go back by months, other days by their number.
    ['2024-03-01', '2024-04-01', 'previous', '2024-02-01', '2024-03-01'],
    ['2024-01-01', '2025-01-01', 'previous', '2023-01-01', '2024-01-01'],
    ['2024-03-04', '2024-03-11', 'previous', '2024-02-26', '2024-03-04'],
    ['2024-03-31', '2024-04-01', 'previous', '2024-03-30', '2024-03-31'],
    // February of leap years is February, not a number of days.
    ['2024-02-01', '2024-03-01', 'last-year', '2023-02-01', '2023-03-01'],
    ['2025-02-01', '2025-03-01', 'last-year', '2024-02-01', '2024-03-01'],
    ['2024-02-28', '2024-02-29', 'last-year', '2023-02-28', '2023-03-01'],
    ['2024-03-01', '2024-03-02', 'last-year', '2023-03-01', '2023-03-02'],
    // Of other spans each day has its own counterpart: what ends with the 28th ends with the 28th.
    ['2025-02-28', '2025-03-01', 'last-year', '2024-02-28', '2024-02-29'],
    ['2025-02-15', '2025-03-01', 'last-year', '2024-02-15', '2024-02-29'],
    ['2025-02-28T12:00:00Z', '2025-03-01', 'last-year', '2024-02-28T12:00:00Z', '2024-02-29'],
    ['2024-02-15', '2024-03-01', 'last-year', '2023-02-15', '2023-03-01'],
    ['2025-02-15', '2025-03-15', 'last-year', '2024-02-15', '2024-03-15'],
  ] as const)('%s … %s against %s is %s … %s', (from, to, kind, wantedFrom, wantedTo) => {
    expect(compared(berlin, from, to, kind)).toMatchObject({ from: wantedFrom, to: wantedTo });
  });

  test('29 February has no counterpart a year before', () => {
    expect(compared(berlin, '2024-02-29', '2024-03-01', 'last-year')).toBeNull();
  });

  test('a running span is compared up to the same local time, clock changes or not', () => {
    // 31 March 2024 has 23 hours; 14:30 on it is 14:30 the day before.
    expect(compared(berlin, '2024-03-31', '2024-04-01', 'previous', '2024-03-31T12:41:00Z')).toMatchObject({
      until: '2024-03-30T13:30:00.000Z',
    });
    expect(compared(berlin, '2024-03-01', '2024-04-01', 'previous', '2024-03-30T09:00:00Z')).toMatchObject({
      from: '2024-02-01',
      until: '2024-02-29T23:00:00.000Z',
    });
    expect(compared(berlin, '2024-01-01', '2025-01-01', 'previous', '2024-07-01T10:00:00Z')).toMatchObject({
      until: '2023-07-01T10:00:00.000Z',
    });
  });

  test('what is known ends with the newest reading, unless the span is over by the clock', () => {
    const running = spanFrom(
      berlin,
      '2024-05-01',
      '2024-05-02',
      '2024-05-01T10:20:00Z',
      '2024-05-01T09:47:00Z',
    );
    expect([running.complete, new Date(running.untilMs).toISOString()]).toEqual([
      false,
      '2024-05-01T09:30:00.000Z',
    ]);
    const over = spanFrom(berlin, '2024-05-01', '2024-05-02', '2024-05-03T10:20:00Z', '2024-05-01T09:47:00Z');
    expect([over.complete, over.untilMs]).toEqual([true, over.toMs]);
  });

  test('days, months and years hold their instant and touch their neighbours', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Europe/Berlin', 'America/Havana', 'Asia/Kolkata', 'America/Santiago'),
        fc.constantFrom('day', 'month', 'year'),
        fc.integer({ min: at('2015-01-01'), max: at('2027-12-31') }),
        (zone, unit, nowMs) => {
          const grid: Grid = { zone, slotMinutes: 30 };
          const edges = currentEdges(grid, unit, nowMs);
          expect(nowMs).toBeGreaterThanOrEqual(edges.fromMs);
          expect(nowMs).toBeLessThan(edges.toMs);
          expect(currentEdges(grid, unit, edges.fromMs)).toEqual(edges);
          expect(currentEdges(grid, unit, edges.toMs).fromMs).toBe(edges.toMs);
        },
      ),
    );
  });
});

const zones = fc.constantFrom(
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'America/Havana',
  'America/Santiago',
);
const days = fc
  .integer({ min: Math.round(at('2015-01-02') / 86_400_000), max: Math.round(at('2027-11-30') / 86_400_000) })
  .map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10));

const kinds = fc.constantFrom('previous' as const, 'last-year' as const);

const plusDays = (day: string, count: number): string =>
  new Date(at(`${day}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);
const daysBetween = (from: string, to: string): number => Math.round((at(to) - at(from)) / 86_400_000);
const daysOf = (from: string, to: string): string[] =>
  Array.from({ length: daysBetween(from, to) }, (_unused, index) => plusDays(from, index));
const monthOf = (day: string): number => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1;
const monthsBetween = (from: string, to: string): number => monthOf(to) - monthOf(from);
const monthsBack = (kind: 'previous' | 'last-year', from: string, to: string): number =>
  kind === 'last-year' ? 12 : monthsBetween(from, to);
const nextMonth = (day: string): string =>
  new Date(Date.UTC(2000, monthOf(day) + 1 - 24_000, 1)).toISOString().slice(0, 10);
/** The day of the same number so many months before; null where that month has none. */
function sameDayOf(day: string, months: number): string | null {
  const month = monthOf(day) - months;
  const text = `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}-${day.slice(8)}`;
  return plusDays(text, 0) === text ? text : null;
}

/** Counterparts of the buckets of whole local days, all of them over. */
function counterpartsFrom(
  zone: string,
  from: string,
  to: string,
  grain: Grain,
  kind: 'previous' | 'last-year',
): { readonly comparison: AskedSpan | null; readonly counterparts: Counterparts | null } {
  const grid: Grid = { zone, slotMinutes: 30 };
  const span = spanFrom(grid, from, to, '2100-01-01T00:00:00Z');
  const shift = shiftOf(span, kind);
  const comparison = comparisonSpan(grid, span, shift);
  return {
    comparison,
    counterparts:
      comparison === null || shift === null
        ? null
        : counterpartsOf(grid, bucketsOf(grid, span, grain), shift, comparison, grain),
  };
}

describe('buckets', () => {
  test('touch, cover the span and hold whole local hours, days, weeks, months', () => {
    fc.assert(
      fc.property(
        zones,
        days,
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom('slot', 'hour', 'day', 'week', 'month', 'year'),
        (zone, day, length, grain) => {
          const grid: Grid = { zone, slotMinutes: 30 };
          const fromMs = boundsOfLocalDay(zone, day).startMs;
          const toMs = boundsOfLocalDay(
            zone,
            localDayOf(zone, fromMs + length * 86_400_000 + 43_200_000),
          ).startMs;
          const buckets = bucketsOf(grid, { fromMs, toMs }, grain);
          buckets.forEach((bucket, index) => {
            expect(bucket.endMs).toBeGreaterThan(bucket.startMs);
            if (index > 0) expect(bucket.startMs).toBe(buckets[index - 1]?.endMs);
            if (grain === 'day')
              expect(boundsOfLocalDay(zone, bucket.label)).toEqual({
                startMs: bucket.startMs,
                endMs: bucket.endMs,
              });
            if (grain === 'hour') expect(bucket.endMs - bucket.startMs).toBeLessThanOrEqual(3_600_000);
          });
          expect(buckets[0]?.startMs).toBe(
            grain === 'slot' ? Math.ceil(fromMs / 1_800_000) * 1_800_000 : fromMs,
          );
          expect(buckets.at(-1)?.endMs).toBe(toMs);
        },
      ),
    );
  });

  test('counterparts keep order and do not overlap; with what stands alone they cover the comparison', () => {
    fc.assert(
      fc.property(
        zones,
        days,
        fc.integer({ min: 1, max: 70 }),
        fc.constantFrom('hour', 'day', 'week', 'month'),
        kinds,
        (zone, day, length, grain, kind) => {
          const { comparison, counterparts } = counterpartsFrom(
            zone,
            day,
            plusDays(day, length),
            grain,
            kind,
          );
          if (comparison === null || counterparts === null) return;
          const { beside, alone } = counterparts;
          const found = beside.filter((bucket) => bucket !== null);
          found.forEach((bucket, index) => {
            expect(bucket.startMs).toBeGreaterThanOrEqual(found[index - 1]?.endMs ?? comparison.fromMs);
          });
          let endMs = comparison.fromMs;
          for (const bucket of [...found, ...alone].sort((a, b) => a.startMs - b.startMs)) {
            expect(bucket.startMs).toBe(endMs);
            endMs = bucket.endMs;
          }
          expect(endMs).toBe(comparison.toMs);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('each day stands beside its own counterpart or none; whole months beside whole months', () => {
    fc.assert(
      fc.property(zones, days, fc.integer({ min: 1, max: 70 }), kinds, (zone, day, length, kind) => {
        const monthStart = `${day.slice(0, 7)}-01`;
        const monthEnd = nextMonth(monthStart);
        for (const { from, to } of [
          { from: day, to: plusDays(day, length) },
          { from: monthStart, to: monthEnd },
        ]) {
          const { comparison, counterparts } = counterpartsFrom(zone, from, to, 'day', kind);
          const wholeMonths = from.endsWith('-01') && to.endsWith('-01');
          const own = (one: string): string | null =>
            kind === 'last-year'
              ? sameDayOf(one, 12)
              : wholeMonths
                ? sameDayOf(one, monthsBetween(from, to))
                : plusDays(one, -daysBetween(from, to));
          const wanted = daysOf(from, to).map(own);
          if (comparison === null || counterparts === null) {
            expect(wanted.every((one) => one === null)).toBe(true);
            continue;
          }
          expect(counterparts.beside.map((bucket) => bucket?.label ?? null)).toEqual(wanted);
          const besides = wanted.filter((one) => one !== null);
          const covered = wholeMonths
            ? daysOf(
                sameDayOf(from, monthsBack(kind, from, to)) ?? '',
                sameDayOf(to, monthsBack(kind, from, to)) ?? '',
              )
            : daysOf(besides[0] ?? '', plusDays(besides.at(-1) ?? '', 1));
          expect(counterparts.alone.map((bucket) => bucket.label)).toEqual(
            covered.filter((one) => !besides.includes(one)),
          );
        }
      }),
      {
        numRuns: 300,
        examples: [
          ['Europe/Berlin', '2025-02-10', 19, 'last-year'],
          ['Europe/Berlin', '2025-02-10', 19, 'previous'],
        ],
      },
    );
  });

  test('an edge keeps its local time of day; what the other day lacks or has twice is decided', () => {
    fc.assert(
      fc.property(
        zones,
        days,
        fc.integer({ min: 0, max: 95 }),
        fc.constantFrom(1, 3, 12),
        (zone, day, quarter, months) => {
          const grid: Grid = { zone, slotMinutes: 15 };
          const ms = boundsOfLocalDay(zone, day).startMs + quarter * 900_000;
          const from = DateTime.fromMillis(ms, { zone });
          const there = sameDayOf(from.toISODate() ?? '', months);
          if (there === null) return;
          const shifted = DateTime.fromMillis(shiftEdge(grid, ms, { kind: 'months', months }), { zone });
          const wanted = DateTime.fromISO(`${there}T${from.toFormat('HH:mm')}`, { zone });
          if (ms === boundsOfLocalDay(zone, from.toISODate() ?? '').startMs)
            expect(shifted.toMillis()).toBe(boundsOfLocalDay(zone, there).startMs);
          else if (wanted.toFormat('HH:mm') === from.toFormat('HH:mm')) {
            expect(shifted.toFormat('yyyy-MM-dd HH:mm')).toBe(`${there} ${from.toFormat('HH:mm')}`);
            // A time that comes twice is its first passing.
            expect(shifted.toMillis()).toBeLessThanOrEqual(wanted.toMillis());
          } else expect(shifted.minus(1).offset).not.toBe(shifted.offset);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('the extra day of a leap year stands alone at every grain', () => {
    const alone = (grain: Grain): number | undefined =>
      counterpartsFrom('Europe/Berlin', '2025-02-01', '2025-03-01', grain, 'last-year').counterparts?.alone
        .length;
    expect({ slot: alone('slot'), hour: alone('hour'), day: alone('day') }).toEqual({
      slot: 48,
      hour: 24,
      day: 1,
    });
    // A month is compared as a whole.
    expect(alone('month')).toBe(0);
  });

  test('too many buckets are refused', () => {
    expect(() => bucketsOf(berlin, { fromMs: at('2020-01-01'), toMs: at('2024-01-01') }, 'slot')).toThrow(
      /more than/,
    );
  });
});
