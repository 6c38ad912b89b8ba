// SPDX-License-Identifier: Apache-2.0
import { expect, test } from '@jest/globals';
import { readDays } from './read-days.ts';

const range = { fromDay: '2026-01-01', toDay: '2027-12-31' };
const ics = (...events: string[]): string =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//EN', ...events, 'END:VCALENDAR'].join('\r\n');
const event = (...lines: string[]): string => ['BEGIN:VEVENT', ...lines, 'END:VEVENT'].join('\r\n');

test('events of whole days; the end is exclusive', () => {
  const text = ics(
    event(
      'UID:1',
      'DTSTART;VALUE=DATE:20260217',
      'DTEND;VALUE=DATE:20260220',
      'SUMMARY:Spring Festival\\, second part',
    ),
    event('UID:2', 'DTSTART;VALUE=DATE:20260501', 'SUMMARY:Labour Day'),
    event('UID:3', 'DTSTART;VALUE=DATE:20250101', 'SUMMARY:Too early'),
  );
  expect(readDays({ format: 'ics', text, ...range })).toEqual({
    days: [
      { day: '2026-02-17', name: 'Spring Festival, second part' },
      { day: '2026-02-18', name: 'Spring Festival, second part' },
      { day: '2026-02-19', name: 'Spring Festival, second part' },
      { day: '2026-05-01', name: 'Labour Day' },
    ],
    faults: [],
  });
});

test('repetitions are written out, without the days taken out, and end with the range', () => {
  const text = ics(
    event(
      'UID:1',
      'DTSTART;VALUE=DATE:20201225',
      'RRULE:FREQ=YEARLY',
      'EXDATE;VALUE=DATE:20231225',
      'SUMMARY:Christmas Day',
    ),
    event('UID:2', 'DTSTART;VALUE=DATE:20261101', 'RRULE:FREQ=YEARLY;COUNT=1', 'SUMMARY:Once'),
  );
  expect(readDays({ format: 'ics', text, ...range }).days).toEqual([
    { day: '2026-11-01', name: 'Once' },
    { day: '2026-12-25', name: 'Christmas Day' },
    { day: '2027-12-25', name: 'Christmas Day' },
  ]);
});

test('an event with a time of day protects the days it touches', () => {
  const text = ics(
    event('UID:1', 'DTSTART:20260310T200000Z', 'DTEND:20260311T040000Z', 'SUMMARY:Frost'),
    event('UID:2', 'DTSTART:20260320T100000Z', 'DTEND:20260321T000000Z', 'SUMMARY:Heat'),
  );
  expect(readDays({ format: 'ics', text, ...range }).days.map(({ day }) => day)).toEqual([
    '2026-03-10',
    '2026-03-11',
    '2026-03-20',
  ]);
});

test('what is no calendar says so', () => {
  const { days, faults } = readDays({ format: 'ics', text: 'day,name\n2026-05-01,Labour Day', ...range });
  expect(days).toEqual([]);
  expect(faults).toHaveLength(1);
});

test('CSV with comma or semicolon, heading, quotes and other ways to write a day', () => {
  const text =
    '\uFEFFday;name\n2026-05-01;"Labour Day; first"\n2026/10/1,National Day\n20261002\n2026-02-30;No day\n01/05/2026;Which?';
  expect(readDays({ format: 'csv', text, ...range })).toEqual({
    days: [
      { day: '2026-05-01', name: 'Labour Day; first' },
      { day: '2026-10-01', name: 'National Day' },
      { day: '2026-10-02', name: '2026-10-02' },
    ],
    faults: [
      { where: 'line 5', message: '"2026-02-30" is no day: write 2027-02-05' },
      { where: 'line 6', message: '"01/05/2026" is no day: write 2027-02-05' },
    ],
  });
});
