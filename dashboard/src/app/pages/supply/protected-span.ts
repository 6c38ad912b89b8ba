// SPDX-License-Identifier: Apache-2.0
import type { ProtectedSpan } from '@wattledger/contracts/http/billing';

const clock = (minute: number): string =>
  `${String(Math.floor((minute % 1440) / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** Name of a weekday, 1 = Monday; the first of January 2024 was one. */
export function weekdayName(weekday: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: 'UTC' }).format(
    Date.UTC(2024, 0, weekday),
  );
}

/** "Mon – Fri 18:00 – 08:00 (+1)". Weekdays in a row are written as a range. Pure. */
export function protectedSpanText(span: ProtectedSpan, locale: string): string {
  const days = [...span.weekdays].sort((a, b) => a - b);
  const inRow = days.length > 2 && days.every((day, index) => index === 0 || day === days[index - 1]! + 1);
  const names = inRow
    ? `${weekdayName(days[0]!, locale)} – ${weekdayName(days.at(-1)!, locale)}`
    : days.map((day) => weekdayName(day, locale)).join(', ');
  const end = span.toMinute === 1440 ? '24:00' : clock(span.toMinute);
  return `${names}  ${clock(span.fromMinute)} – ${end}${span.toMinute > 1440 ? ' (+1)' : ''}`;
}
