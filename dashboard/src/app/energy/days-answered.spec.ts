// SPDX-License-Identifier: Apache-2.0
import { changeAgainstMean, daysAnswered, meanNote } from './days-answered.ts';

const dayMs = 86_400_000;
const bucket = (days: number) => ({ startMs: 0, endMs: days * dayMs });

test('a day that answers to two of the longer month before is compared with their mean', () => {
  expect(daysAnswered(bucket(2), 'day')).toBe(2);
  expect(changeAgainstMean(30, 60, 2, 'en-GB')).toBe('0.0%');
  expect(meanNote(2)).toBe('÷ 2');
});

test('a day of 23 or 25 hours is one day, and coarser grains are what they are', () => {
  expect(daysAnswered(bucket(23 / 24), 'day')).toBe(1);
  expect(daysAnswered(bucket(25 / 24), 'day')).toBe(1);
  expect(daysAnswered(bucket(31), 'month')).toBe(1);
  expect(daysAnswered(null, 'day')).toBe(1);
  expect(meanNote(1)).toBe('');
  expect(changeAgainstMean(30, null, 1, 'en-GB')).toBe('–');
});
