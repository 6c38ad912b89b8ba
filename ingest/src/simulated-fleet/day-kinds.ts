// SPDX-License-Identifier: Apache-2.0
/**
 * What kind of day it is for people in a Chinese city. Fixed holidays and those of the lunar calendar are computed
 * (ICU's Chinese calendar), so no table runs out. Make-up working weekends, which the State Council names year by
 * year, are not modelled.
 */
import { isoOfDay, type DayNumber } from './local-day-line.ts';

/** `festival` is the Spring Festival week, when workshops and offices stand still; `holiday` any other public one. */
export const dayKinds = ['workday', 'saturday', 'sunday', 'holiday', 'festival'] as const;
export type DayKind = (typeof dayKinds)[number];

const lunarCalendar = new Intl.DateTimeFormat('en-u-ca-chinese', {
  month: 'numeric',
  day: 'numeric',
  timeZone: 'UTC',
});
const dayMs = 86_400_000;

function lunarMonthDayOf(day: DayNumber): { readonly month: string; readonly dayOfMonth: number } {
  let month = '';
  let dayOfMonth = 0;
  for (const part of lunarCalendar.formatToParts(day * dayMs + dayMs / 2)) {
    if (part.type === 'month') month = part.value;
    if (part.type === 'day') dayOfMonth = Number(part.value);
  }
  return { month, dayOfMonth };
}

/** Qingming falls on 4 or 5 April; Shou Xing's formula for the 21st century. */
function qingmingDayOfApril(year: number): number {
  const yearOfCentury = year % 100;
  return Math.floor(0.2422 * yearOfCentury + 4.81) - Math.floor(yearOfCentury / 4);
}

function isFixedHoliday(monthDay: string, year: number): boolean {
  if (monthDay === '01-01') return true;
  if (monthDay >= '05-01' && monthDay <= '05-03') return true;
  if (monthDay >= '10-01' && monthDay <= '10-07') return true;
  return monthDay === `04-0${qingmingDayOfApril(year)}`;
}

function classify(day: DayNumber): DayKind {
  const iso = isoOfDay(day);
  const lunar = lunarMonthDayOf(day);
  const isNewYearsEve = lunar.month === '12' && lunarMonthDayOf(day + 1).month === '1';
  if (isNewYearsEve || (lunar.month === '1' && lunar.dayOfMonth <= 7)) return 'festival';
  const isLunarHoliday =
    (lunar.month === '5' && lunar.dayOfMonth === 5) || (lunar.month === '8' && lunar.dayOfMonth === 15);
  if (isLunarHoliday || isFixedHoliday(iso.slice(5), Number(iso.slice(0, 4)))) return 'holiday';
  const weekday = (((day + 3) % 7) + 7) % 7; // 1970-01-01 was a Thursday; Monday is 0.
  if (weekday === 5) return 'saturday';
  return weekday === 6 ? 'sunday' : 'workday';
}

const known = new Map<DayNumber, DayKind>();

/** Kind of a local day. Cached: the calendar is asked once per day. */
export function dayKindOf(day: DayNumber): DayKind {
  let kind = known.get(day);
  if (kind === undefined) known.set(day, (kind = classify(day)));
  return kind;
}
