// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { boundsOfLocalDay, localDayOf } from '@wattledger/contracts';
import { RequestError } from '@wattledger/platform';
import { bucketsOf, counterpartsOf } from './buckets.ts';
import {
  comparisonSpan,
  currentEdges,
  parseEdges,
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

  test('counterparts keep order, do not overlap and stay inside the comparison', () => {
    fc.assert(
      fc.property(
        zones,
        days,
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom('hour', 'day', 'week', 'month'),
        fc.constantFrom('previous', 'last-year'),
        (zone, day, length, grain, kind) => {
          const grid: Grid = { zone, slotMinutes: 30 };
          const fromMs = boundsOfLocalDay(zone, day).startMs;
          const toMs = boundsOfLocalDay(
            zone,
            localDayOf(zone, fromMs + length * 86_400_000 + 43_200_000),
          ).startMs;
          const span = spanOf(grid, fromMs, toMs, { nowMs: at('2100-01-01'), newestReadingMs: null });
          const shift = shiftOf(span, kind);
          const comparison = comparisonSpan(grid, span, shift);
          if (comparison === null || shift === null) return;
          const counterparts = counterpartsOf(
            grid,
            bucketsOf(grid, span, grain),
            shift,
            comparison,
            grain,
          ).filter((bucket) => bucket !== null);
          let endMs = comparison.fromMs;
          for (const bucket of counterparts) {
            expect(bucket.startMs).toBe(endMs);
            endMs = bucket.endMs;
          }
          expect(endMs).toBe(comparison.toMs);
        },
      ),
    );
  });

  test('too many buckets are refused', () => {
    expect(() => bucketsOf(berlin, { fromMs: at('2020-01-01'), toMs: at('2024-01-01') }, 'slot')).toThrow(
      /more than/,
    );
  });
});
