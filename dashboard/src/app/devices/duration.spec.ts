// SPDX-License-Identifier: Apache-2.0
import { countdown, formatSeconds } from './duration.ts';

test('spans are said in the units people use', () => {
  expect(formatSeconds(1800, 'en-GB')).toBe('30 mins');
  expect(formatSeconds(5400, 'en-GB')).toBe('1 hr 30 mins');
  expect(formatSeconds(45, 'en-GB')).toBe('45 secs');
  expect(formatSeconds(0, 'en-GB')).toBe('0 secs');
  expect(formatSeconds(86_400, 'zh-CN')).toBe('24小时');
});

test('a countdown ends at zero', () => {
  expect(countdown(247_000)).toBe('04:07');
  expect(countdown(246_100)).toBe('04:07');
  expect(countdown(3_723_000)).toBe('1:02:03');
  expect(countdown(-5)).toBe('00:00');
});
