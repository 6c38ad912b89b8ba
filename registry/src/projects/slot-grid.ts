// SPDX-License-Identifier: Apache-2.0
/**
 * Zones and calendars against the slot grid. Slots lie on the UTC grid and take one time-of-use period each, so every
 * local boundary (midnight and each change of period) must fall on a slot's start, in summer and in winter.
 */
import { slotMinutesAllowed, type SlotMinutes, type TariffCalendar } from '@wattledger/contracts';
import { DateTime, IANAZone } from 'luxon';
import type { FieldFault } from '../changes/faults.ts';

const firstYear = 2000;
const lastYear = 2045;
const offsetsOfZone = new Map<string, readonly number[]>();
const zonesKeptMax = 1000;

/** Offsets from UTC, in minutes, that a zone uses in the years a project can have readings of. */
function offsetsOf(zone: string): readonly number[] {
  const known = offsetsOfZone.get(zone);
  if (known !== undefined) return known;
  const offsets = new Set<number>();
  for (let year = firstYear; year <= lastYear; year += 1) {
    // Every offset that is in force for two weeks is met.
    for (let month = 1; month <= 12; month += 1) {
      for (const day of [1, 15]) offsets.add(DateTime.fromObject({ year, month, day }, { zone }).offset);
    }
  }
  if (offsetsOfZone.size >= zonesKeptMax) offsetsOfZone.clear();
  const found = [...offsets];
  offsetsOfZone.set(zone, found);
  return found;
}

/** Faults of a zone with a slot length. */
export function faultsOfZone(zone: string, slotMinutes: SlotMinutes): readonly FieldFault[] {
  // Luxon also knows "local" and "UTC+3"; a project needs a place's own rules.
  if (!zone.includes('/') && zone !== 'UTC') return [unknownZone(zone)];
  if (!IANAZone.isValidZone(zone)) return [unknownZone(zone)];
  const offGrid = offsetsOf(zone).find((offset) => offset % slotMinutes !== 0);
  if (offGrid === undefined) return [];
  const shorter = slotMinutesAllowed
    .filter((minutes) => offsetsOf(zone).every((offset) => offset % minutes === 0))
    .at(-1);
  return [
    {
      path: 'slotMinutes',
      message: `local days of ${zone} do not begin on slots of ${slotMinutes} minutes${shorter === undefined ? '' : `; use ${shorter}`}`,
    },
  ];
}

const unknownZone = (zone: string): FieldFault => ({
  path: 'zone',
  message: `"${zone}" is no time zone; use an IANA name such as Asia/Shanghai or Europe/Berlin`,
});

const dayProfilesMax = 100;
const seasonsMax = 24;
const specialDaysMax = 5000;

/** Faults of a calendar on a slot grid. Paths are within the calendar. */
export function faultsOfCalendar(calendar: TariffCalendar, slotMinutes: SlotMinutes): readonly FieldFault[] {
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

function faultsOfLimits(calendar: TariffCalendar): readonly FieldFault[] {
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
): readonly FieldFault[] {
  const faults: FieldFault[] = [];
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
