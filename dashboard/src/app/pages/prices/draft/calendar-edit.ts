// SPDX-License-Identifier: Apache-2.0
/** Changes of a tariff calendar that touch several of its parts. Pure. */
import type { TariffCalendar } from '@wattledger/contracts';

/** 510 → "08:30". */
export const clockOf = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** "08:30" → 510; null while the field is half filled. */
export function minuteOf(time: string): number | null {
  const match = /^(\d\d):(\d\d)/.exec(time);
  return match === null ? null : Number(match[1]) * 60 + Number(match[2]);
}

/** Days 01 to 29, 30 or 31 of a month: 29 February may begin a season. */
export function daysOfMonth(month: string): readonly string[] {
  const count = new Date(Date.UTC(2024, Number(month), 0)).getUTCDate();
  return Array.from({ length: count }, (_, day) => String(day + 1).padStart(2, '0'));
}

/** A boundary after the last of a day, four hours on where there is room. */
export function nextBoundary(spans: readonly { readonly fromMinute: number }[], slotMinutes: number): number {
  const last = spans.at(-1)?.fromMinute ?? 0;
  return Math.min(last + 240, 1440 - slotMinutes);
}

/** Everything that named the profile names it anew; a name that is taken or empty changes nothing. */
export function renameProfile(calendar: TariffCalendar, from: string, to: string): TariffCalendar {
  if (to === '' || to === from || Object.hasOwn(calendar.dayProfiles, to)) return calendar;
  const named = (name: string): string => (name === from ? to : name);
  return {
    ...calendar,
    dayProfiles: mapKeys(calendar.dayProfiles, named),
    seasons: calendar.seasons.map((season) => ({ ...season, weekday: season.weekday.map(named) })),
    specialDays: Object.fromEntries(
      Object.entries(calendar.specialDays).map(([day, profile]) => [day, named(profile)]),
    ),
  };
}

/** Days of the profile become days of the first that is left. The last profile stays. */
export function withoutProfile(calendar: TariffCalendar, profile: string): TariffCalendar {
  const left = Object.keys(calendar.dayProfiles).filter((name) => name !== profile);
  const heir = left[0];
  if (heir === undefined) return calendar;
  const named = (name: string): string => (name === profile ? heir : name);
  return {
    ...calendar,
    dayProfiles: Object.fromEntries(left.map((name) => [name, calendar.dayProfiles[name] ?? []])),
    seasons: calendar.seasons.map((season) => ({ ...season, weekday: season.weekday.map(named) })),
    specialDays: Object.fromEntries(
      Object.entries(calendar.specialDays).map(([day, of]) => [day, named(of)]),
    ),
  };
}

const mapKeys = <T>(record: Readonly<Record<string, T>>, keyOf: (key: string) => string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [keyOf(key), value]));
