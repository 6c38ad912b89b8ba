// SPDX-License-Identifier: Apache-2.0
import { flatCalendar, type TariffCalendar } from '@wattledger/contracts';
import { touRuns } from './tou-runs.ts';

const calendar: TariffCalendar = {
  ...flatCalendar,
  dayProfiles: {
    work: [
      { fromMinute: 0, period: 'valley' },
      { fromMinute: 480, period: 'peak' },
      { fromMinute: 720, period: 'flat' },
    ],
    rest: [{ fromMinute: 0, period: 'valley' }],
  },
  seasons: [
    {
      name: 'year',
      fromMonthDay: '01-01',
      weekday: ['work', 'work', 'work', 'work', 'work', 'rest', 'rest'],
    },
  ],
};
const labelsOf = (day: string): string[] =>
  Array.from(
    { length: 48 },
    (_, slot) => `${day}T${String(Math.floor(slot / 2)).padStart(2, '0')}:${slot % 2 === 0 ? '00' : '30'}`,
  );

test('runs of equal period cover the buckets without gap', () => {
  expect(touRuns(calendar, labelsOf('2026-11-20'))).toEqual([
    { period: 'valley', from: 0, to: 16 },
    { period: 'peak', from: 16, to: 24 },
    { period: 'flat', from: 24, to: 48 },
  ]);
});

test('a period goes on over midnight; a flat price has no strip', () => {
  expect(
    touRuns(calendar, [...labelsOf('2026-11-20').slice(-2), ...labelsOf('2026-11-21').slice(0, 2)]),
  ).toEqual([
    { period: 'flat', from: 0, to: 2 },
    { period: 'valley', from: 2, to: 4 },
  ]);
  expect(touRuns(calendar, labelsOf('2026-11-21'))).toEqual([]);
  expect(touRuns(flatCalendar, labelsOf('2026-11-20'))).toEqual([]);
});
