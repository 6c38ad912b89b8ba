// SPDX-License-Identifier: Apache-2.0
/** Local labels of buckets ('2026', '2026-03', '2026-03-01', '2026-03-01T08:30') into text. Pure. */
import type { Grain } from '@wattledger/contracts/http/analytics';
import { formatDay } from '../format/time-format.ts';

/** Short, for an axis: what is the same for all is left out. */
export function axisLabel(label: string, grain: Grain, singleDay: boolean, locale: string): string {
  switch (grain) {
    case 'slot':
    case 'hour': {
      const time = label.slice(11, 16);
      return singleDay ? time : `${formatDay(label.slice(0, 10), 'day-short', locale)} ${time}`;
    }
    case 'day':
    case 'week':
      return formatDay(label.slice(0, 10), 'day-short', locale);
    case 'month':
      return formatDay(`${label.slice(0, 7)}-01`, 'month-short', locale);
    case 'year':
      return label.slice(0, 4);
  }
}

/** In full, for tooltips and tables. */
export function fullLabel(label: string, grain: Grain, locale: string): string {
  switch (grain) {
    case 'slot':
    case 'hour':
      return `${formatDay(label.slice(0, 10), 'weekday-day', locale)} ${label.slice(11, 16)}`;
    case 'day':
      return formatDay(label, 'weekday-day', locale);
    case 'week':
      return formatDay(label, 'day', locale);
    case 'month':
      return formatDay(`${label.slice(0, 7)}-01`, 'month', locale);
    case 'year':
      return label.slice(0, 4);
  }
}
