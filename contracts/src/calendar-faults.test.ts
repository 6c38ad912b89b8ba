// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import { faultsOfCalendar } from './calendar-faults.ts';
import { flatCalendar, type TariffCalendar } from './tariff-calendar.ts';

describe('calendar', () => {
  const weekday = ['work', 'work', 'work', 'work', 'work', 'rest', 'rest'];
  const good: TariffCalendar = {
    id: 'c',
    name: 'C',
    dayProfiles: {
      work: [
        { fromMinute: 0, period: 'valley' },
        { fromMinute: 480, period: 'peak' },
      ],
      rest: [{ fromMinute: 0, period: 'flat' }],
    },
    seasons: [
      { name: 'winter', fromMonthDay: '10-01', weekday },
      { name: 'summer', fromMonthDay: '04-01', weekday },
    ],
    specialDays: { '2026-10-01': 'rest' },
  };
  const [winter, summer] = good.seasons;
  test('a sound one has no fault', () => {
    expect([...faultsOfCalendar(good, 60), ...faultsOfCalendar(flatCalendar, 60)]).toEqual([]);
  });
  test.each<[string, Partial<TariffCalendar>, string]>([
    [
      'boundary off the grid',
      {
        dayProfiles: {
          ...good.dayProfiles,
          work: [
            { fromMinute: 0, period: 'flat' },
            { fromMinute: 495, period: 'peak' },
          ],
        },
      },
      'dayProfiles.work.1',
    ],
    [
      'late begin',
      { dayProfiles: { ...good.dayProfiles, rest: [{ fromMinute: 60, period: 'flat' }] } },
      'dayProfiles.rest',
    ],
    [
      'spans out of order',
      {
        dayProfiles: {
          ...good.dayProfiles,
          rest: [
            { fromMinute: 0, period: 'flat' },
            { fromMinute: 0, period: 'peak' },
          ],
        },
      },
      'dayProfiles.rest.1',
    ],
    [
      'unknown profile in a season',
      {
        seasons: winter
          ? [{ ...winter, weekday: ['work', 'work', 'work', 'work', 'work', 'work', 'party'] }]
          : [],
      },
      'seasons.0.weekday.6',
    ],
    ['unknown profile on a day', { specialDays: { '2026-10-01': 'party' } }, 'specialDays.2026-10-01'],
    ['a day that is not', { specialDays: { '2026-02-30': 'rest' } }, 'specialDays.2026-02-30'],
    [
      'a profile called like a method',
      { specialDays: { '2026-02-28': 'constructor' } },
      'specialDays.2026-02-28',
    ],
    [
      'a season that begins on no day',
      { seasons: winter ? [{ ...winter, fromMonthDay: '02-30' }] : [] },
      'seasons.0.fromMonthDay',
    ],
    [
      'two seasons at once',
      { seasons: winter && summer ? [winter, { ...summer, fromMonthDay: '10-01' }] : [] },
      'seasons.1.fromMonthDay',
    ],
  ])('%s', (_name, change, path) => {
    expect(faultsOfCalendar({ ...good, ...change }, 30).map((fault) => fault.path)).toEqual([path]);
  });
});
