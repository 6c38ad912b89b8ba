// SPDX-License-Identifier: Apache-2.0
/** How a period is called on the screen. Pure; the locale is handed in. */
import { formatDay } from '../format/time-format.ts';
import { addDays, type Period } from './period.ts';

/** "20 Nov 2026", "16 – 22 Nov 2026", "November 2026", "2026". */
export function periodLabel(period: Period, locale: string): string {
  switch (period.kind) {
    case 'day':
      return formatDay(period.from, 'weekday-day', locale);
    case 'month':
      return formatDay(period.from, 'month', locale);
    case 'year':
      return formatDay(period.from, 'year', locale);
    default: {
      const last = addDays(period.to, -1);
      if (last === period.from) return formatDay(period.from, 'weekday-day', locale);
      return spanLabel(period.from, last, locale);
    }
  }
}

/** Two days as a range, with what they share said once. */
export function spanLabel(first: string, last: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    timeZone: 'UTC',
  }).formatRange(Date.parse(`${first}T00:00:00Z`), Date.parse(`${last}T00:00:00Z`));
}
