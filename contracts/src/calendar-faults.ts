// SPDX-License-Identifier: Apache-2.0
/**
 * Calendars against the slot grid: a slot takes one time-of-use period, so every change of period must fall on a slot's
 * start. Apart from the calendar's shape, so that a browser can name faults without carrying the shape's validator.
 */
import { DateTime } from 'luxon';
import type { SlotMinutes } from './slot.ts';
import type { TariffCalendar } from './tariff-calendar.ts';

export interface CalendarFault {
  /** Within the calendar. */
  readonly path: string;
  readonly message: string;
}

const dayProfilesMax = 100;
const seasonsMax = 24;
const specialDaysMax = 5000;

/** Faults of a calendar on a slot grid. */
export function faultsOfCalendar(
  calendar: TariffCalendar,
  slotMinutes: SlotMinutes,
): readonly CalendarFault[] {
  const faults = [...faultsOfLimits(calendar)];
  for (const [name, spans] of Object.entries(calendar.dayProfiles)) {
    faults.push(...faultsOfDayProfile(`dayProfiles.${name}`, spans, slotMinutes));
  }
  const known = (profile: string, path: string): void => {
    if (!Object.hasOwn(calendar.dayProfiles, profile))
      faults.push({ path, message: `there is no day profile "${profile}"` });
  };
  const begins = new Set<string>();
  for (const [index, season] of calendar.seasons.entries()) {
    const path = `seasons.${index}`;
    // 2024 is a leap year: 29 February may begin a season.
    if (!DateTime.fromISO(`2024-${season.fromMonthDay}`, { zone: 'utc' }).isValid) {
      faults.push({
        path: `${path}.fromMonthDay`,
        message: `"${season.fromMonthDay}" is no day of the year; write MM-DD`,
      });
    }
    if (begins.has(season.fromMonthDay)) {
      faults.push({ path: `${path}.fromMonthDay`, message: `two seasons begin on ${season.fromMonthDay}` });
    }
    begins.add(season.fromMonthDay);
    for (const [weekday, profile] of season.weekday.entries()) known(profile, `${path}.weekday.${weekday}`);
  }
  for (const [day, profile] of Object.entries(calendar.specialDays)) {
    if (!DateTime.fromISO(day, { zone: 'utc' }).isValid)
      faults.push({ path: `specialDays.${day}`, message: `there is no day ${day}` });
    known(profile, `specialDays.${day}`);
  }
  return faults;
}

function faultsOfLimits(calendar: TariffCalendar): readonly CalendarFault[] {
  const limits = [
    ['dayProfiles', Object.keys(calendar.dayProfiles).length, dayProfilesMax],
    ['seasons', calendar.seasons.length, seasonsMax],
    ['specialDays', Object.keys(calendar.specialDays).length, specialDaysMax],
  ] as const;
  return limits
    .filter(([, count, max]) => count > max)
    .map(([path, count, max]) => ({ path, message: `at most ${max} are possible, here are ${count}` }));
}

function faultsOfDayProfile(
  path: string,
  spans: readonly { readonly fromMinute: number }[],
  slotMinutes: SlotMinutes,
): readonly CalendarFault[] {
  const faults: CalendarFault[] = [];
  if (spans[0]?.fromMinute !== 0) faults.push({ path, message: 'the first span must begin at minute 0' });
  let previous = -1;
  for (const [index, { fromMinute }] of spans.entries()) {
    if (fromMinute <= previous)
      faults.push({
        path: `${path}.${index}`,
        message: 'spans must stand in order, each later than the one before',
      });
    if (fromMinute % slotMinutes !== 0) {
      faults.push({
        path: `${path}.${index}`,
        message: `${clockOf(fromMinute)} is not on the grid of ${slotMinutes}-minute slots: a slot has one price; move the boundary or shorten the slots`,
      });
    }
    previous = fromMinute;
  }
  return faults;
}

function clockOf(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}
