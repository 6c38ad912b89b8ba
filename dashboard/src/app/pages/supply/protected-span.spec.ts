// SPDX-License-Identifier: Apache-2.0
import { protectedSpanText } from './protected-span.ts';

test('weekdays in a row are a range; an end on the next day says so', () => {
  expect(protectedSpanText({ weekdays: [1, 2, 3, 4, 5], fromMinute: 1080, toMinute: 1920 }, 'en-GB')).toBe(
    'Mon – Fri  18:00 – 08:00 (+1)',
  );
  expect(protectedSpanText({ weekdays: [7, 6], fromMinute: 0, toMinute: 1440 }, 'en-GB')).toBe(
    'Sat, Sun  00:00 – 24:00',
  );
  expect(protectedSpanText({ weekdays: [1, 3, 5], fromMinute: 90, toMinute: 150 }, 'en-GB')).toBe(
    'Mon, Wed, Fri  01:30 – 02:30',
  );
});
