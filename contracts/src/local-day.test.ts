// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { boundsOfLocalDay, localDayOf, slotsOfLocalDay } from './local-day.ts';

/** Clock changes of an hour, of half an hour, at midnight, across midnight, offsets off the hour. */
const zones = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'America/Santiago',
  'America/Havana',
  'Atlantic/Azores',
  'Asia/Gaza',
  'Asia/Shanghai',
  'UTC',
];
const dayOfYears = fc
  .integer({ min: Date.UTC(2015, 0, 1) / 86_400_000, max: Date.UTC(2027, 11, 31) / 86_400_000 })
  .map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10));

describe('local days', () => {
  test('begin with their first instant and end where the next begins', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), dayOfYears, (zone, day) => {
        const { startMs, endMs } = boundsOfLocalDay(zone, day);
        expect(localDayOf(zone, startMs)).toBe(day);
        expect(localDayOf(zone, startMs - 1)).not.toBe(day);
        expect(localDayOf(zone, endMs - 1)).toBe(day);
        expect(localDayOf(zone, endMs)).not.toBe(day);
      }),
      { numRuns: 2_000 },
    );
  });

  test('where the clock goes back across midnight, the day holds both passings of the hour', () => {
    const { startMs, endMs } = boundsOfLocalDay('Atlantic/Azores', '2024-10-27');
    expect(new Date(startMs).toISOString()).toBe('2024-10-27T00:00:00.000Z');
    expect((endMs - startMs) / 3_600_000).toBe(25);
    expect(slotsOfLocalDay('America/Havana', '2024-11-03', 30)).toEqual({
      firstSlotMs: Date.parse('2024-11-03T04:00:00Z'),
      slotCount: 50,
    });
  });
});
