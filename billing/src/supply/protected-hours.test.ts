// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ProtectedSpan } from '@wattledger/contracts/http/billing';
import { inProtectedHours, isHoliday, nextProtectionEdge } from './protected-hours.ts';

const everyDay = [1, 2, 3, 4, 5, 6, 7];
const night: ProtectedSpan = { weekdays: everyDay, fromMinute: 22 * 60, toMinute: 30 * 60 };
const weekend: ProtectedSpan = { weekdays: [5], fromMinute: 18 * 60, toMinute: 24 * 60 };
const at = (text: string): number => Date.parse(text);

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
    expect(inProtectedHours([night], 'Europe/Berlin', at(text))).toBe(expected);
  });

  test('a span belongs to the weekday on which it begins', () => {
    expect(inProtectedHours([weekend], 'Asia/Shanghai', at('2026-02-06T18:00:00+08:00'))).toBe(true); // Friday
    expect(inProtectedHours([weekend], 'Asia/Shanghai', at('2026-02-07T00:00:00+08:00'))).toBe(false);
    const sunday: ProtectedSpan = { weekdays: [7], fromMinute: 1320, toMinute: 1800 };
    expect(inProtectedHours([sunday], 'Asia/Shanghai', at('2026-02-09T05:00:00+08:00'))).toBe(true); // Monday morning
    expect(inProtectedHours([sunday], 'Asia/Shanghai', at('2026-02-10T05:00:00+08:00'))).toBe(false);
  });

  test('holidays are local days', () => {
    expect(isHoliday(['2026-02-17'], 'Asia/Shanghai', at('2026-02-16T16:00:00Z'))).toBe(true);
    expect(isHoliday(['2026-02-17'], 'Asia/Shanghai', at('2026-02-17T16:00:00Z'))).toBe(false);
  });

  test('the next edge is the first minute on which protection differs', () => {
    const span = fc.record({
      weekdays: fc.uniqueArray(fc.constantFrom(...everyDay), { minLength: 1 }),
      fromMinute: fc.integer({ min: 0, max: 95 }).map((quarter) => quarter * 15),
      length: fc.integer({ min: 1, max: 96 }).map((quarter) => quarter * 15),
    });
    const zone = fc.constantFrom('Europe/Berlin', 'Asia/Shanghai', 'America/New_York');
    const quarterMs = 15 * 60_000;
    const instant = fc
      .integer({ min: 0, max: 366 * 96 })
      .map((quarter) => at('2026-01-01T00:00:00Z') + quarter * quarterMs);
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 3 }), zone, instant, (raw, zoneName, atMs) => {
        const spans = raw.map(({ weekdays, fromMinute, length }) => ({
          weekdays,
          fromMinute,
          toMinute: fromMinute + length,
        }));
        const now = inProtectedHours(spans, zoneName, atMs);
        let expected: number | null = null;
        for (let step = 1; step <= 26 * 4 && expected === null; step += 1) {
          if (inProtectedHours(spans, zoneName, atMs + step * quarterMs) !== now)
            expected = atMs + step * quarterMs;
        }
        expect(nextProtectionEdge(spans, [], zoneName, atMs)).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });
});
