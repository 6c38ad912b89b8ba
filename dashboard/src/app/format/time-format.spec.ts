// SPDX-License-Identifier: Apache-2.0
import { dayOfInstant, formatAge, formatDay, formatInstant, minuteOfInstant } from './time-format.ts';

const instant = Date.parse('2026-11-20T16:30:05Z');

test('instants are shown on the clocks of the project, not of the reader', () => {
  expect(formatInstant(instant, 'time', 'Asia/Shanghai', 'en-GB')).toBe('00:30');
  expect(formatInstant(instant, 'date', 'Asia/Shanghai', 'en-GB')).toBe('21 Nov 2026');
  expect(formatInstant(instant, 'time-seconds', 'UTC', 'en-GB')).toBe('16:30:05');
  expect(formatInstant(null, 'time', 'UTC', 'en-GB')).toBe('–');
  expect(dayOfInstant(instant, 'Asia/Shanghai')).toBe('2026-11-21');
  expect(dayOfInstant(instant, 'America/New_York')).toBe('2026-11-20');
  expect(minuteOfInstant(instant, 'Asia/Shanghai')).toBe(30);
});

test('a local day is a date without a zone', () => {
  expect(formatDay('2026-03-29', 'day', 'en-GB')).toBe('29 Mar 2026');
  expect(formatDay('2026-03-01', 'month', 'zh-CN')).toBe('2026年3月');
});

test('ages in the largest unit that fits', () => {
  expect(formatAge(5_000, 'en-GB')).toBe('5 sec ago');
  expect(formatAge(3 * 60_000, 'en-GB')).toBe('3 min ago');
  expect(formatAge(49 * 3_600_000, 'en-GB')).toBe('2 days ago');
});
