// SPDX-License-Identifier: Apache-2.0
import { clockText, minuteOf } from './clock-text.ts';

test('minutes of a day go to hh:mm and back', () => {
  for (const minute of [0, 59, 60, 1439]) expect(minuteOf(clockText(minute))).toBe(minute);
  expect(clockText(1440)).toBe('00:00');
  expect(minuteOf('')).toBeNull();
  expect(clockText(undefined)).toBe('');
});
