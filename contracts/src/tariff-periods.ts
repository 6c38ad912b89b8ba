// SPDX-License-Identifier: Apache-2.0
/**
 * Which time-of-use period holds when. Apart from the calendar's shape, so that a browser can colour a time axis without
 * carrying the shape's validator.
 */
import { DateTime } from 'luxon';
import { slotLengthMs, type SlotMinutes } from './slot.ts';
import { slotsOfLocalDay, type LocalDay } from './local-day.ts';
import type { TariffCalendar } from './tariff-calendar.ts';
import type { TouPeriod } from './tou-period.ts';

/** Seasons in the order of the year, by calendar: asked for every slot that is charged. */
const seasonsInOrder = new WeakMap<TariffCalendar, TariffCalendar['seasons']>();

function seasonOf(calendar: TariffCalendar, day: LocalDay): TariffCalendar['seasons'][number] | undefined {
  let inOrder = seasonsInOrder.get(calendar);
  if (inOrder === undefined) {
    inOrder = [...calendar.seasons].sort((a, b) => (a.fromMonthDay < b.fromMonthDay ? -1 : 1));
    seasonsInOrder.set(calendar, inOrder);
  }
  const monthDay = day.slice(5);
  // Before the year's first season the last one of the year before still holds.
  return inOrder.findLast((candidate) => candidate.fromMonthDay <= monthDay) ?? inOrder.at(-1);
}

/** Name of the season in force on a local day. Seasons that stand in the calendar twice under one name are one season. */
export const seasonOfDay = (calendar: TariffCalendar, day: LocalDay): string =>
  seasonOf(calendar, day)?.name ?? '';

/** Periods that each season can select: by its weekdays and by the special days that fall into it. */
export function periodsBySeason(calendar: TariffCalendar): ReadonlyMap<string, ReadonlySet<TouPeriod>> {
  const seasons = new Map<string, Set<TouPeriod>>();
  const add = (season: string, profile: string): void => {
    let periods = seasons.get(season);
    if (periods === undefined) seasons.set(season, (periods = new Set()));
    for (const span of calendar.dayProfiles[profile] ?? []) periods.add(span.period);
  };
  for (const season of calendar.seasons) for (const profile of season.weekday) add(season.name, profile);
  for (const [day, profile] of Object.entries(calendar.specialDays)) add(seasonOfDay(calendar, day), profile);
  return seasons;
}

/** Day profile of a local day. @throws RangeError when the calendar names a profile it does not hold */
export function dayProfileOf(
  calendar: TariffCalendar,
  day: LocalDay,
): readonly { fromMinute: number; period: TouPeriod }[] {
  const name =
    calendar.specialDays[day] ??
    seasonOf(calendar, day)?.weekday[(new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7];
  const profile = name === undefined ? undefined : calendar.dayProfiles[name];
  if (profile === undefined)
    throw new RangeError(`calendar ${calendar.id} has no day profile "${name}" for ${day}`);
  return profile;
}

const periodsCache = new WeakMap<TariffCalendar, Map<string, readonly TouPeriod[]>>();

/**
 * Period of every slot of a local day, in slot order. A slot takes the period in force when it begins; calendars
 * are accepted only with boundaries on the slot grid, so no slot straddles two prices.
 */
export function periodsOfLocalDay(
  calendar: TariffCalendar,
  zone: string,
  day: LocalDay,
  slotMinutes: SlotMinutes,
): readonly TouPeriod[] {
  let byDay = periodsCache.get(calendar);
  if (byDay === undefined) periodsCache.set(calendar, (byDay = new Map()));
  const key = `${zone}|${day}|${slotMinutes}`;
  const cached = byDay.get(key);
  if (cached !== undefined) return cached;
  const profile = dayProfileOf(calendar, day);
  const { firstSlotMs, slotCount } = slotsOfLocalDay(zone, day, slotMinutes);
  const periods: TouPeriod[] = [];
  for (let index = 0; index < slotCount; index += 1) {
    const local = DateTime.fromMillis(firstSlotMs + index * slotLengthMs(slotMinutes), { zone });
    const minute = local.hour * 60 + local.minute;
    const span = profile.findLast((candidate) => candidate.fromMinute <= minute);
    if (span === undefined)
      throw new RangeError(`calendar ${calendar.id}: a day profile does not begin at minute 0`);
    periods.push(span.period);
  }
  byDay.set(key, periods);
  return periods;
}
