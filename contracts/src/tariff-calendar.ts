// SPDX-License-Identifier: Apache-2.0
/**
 * A tariff calendar names the time-of-use period of every local instant. Shaped after the COSEM activity calendar
 * (classes 20 and 11): seasons select a week, the weekday selects a day profile, special days override.
 */
import { z } from 'zod';
import { DateTime } from 'luxon';
import { slotLengthMs, type SlotMinutes } from './slot.ts';
import { slotsOfLocalDay, type LocalDay } from './local-day.ts';

/** Names used on screens; a calendar uses any subset. */
export const touPeriods = ['tip', 'peak', 'flat', 'valley', 'deep-valley'] as const;
export type TouPeriod = (typeof touPeriods)[number];

const dayProfileShape = z
  .array(z.object({ fromMinute: z.number().int().min(0).max(1439), period: z.enum(touPeriods) }))
  .min(1)
  .describe('Spans of a local day: each holds from its minute to the next; the first must begin at 0.');

export const tariffCalendarShape = z.object({
  id: z.string(),
  name: z.string(),
  dayProfiles: z.record(z.string(), dayProfileShape),
  seasons: z
    .array(
      z.object({
        name: z.string(),
        fromMonthDay: z.string().regex(/^\d\d-\d\d$/).describe('MM-DD, holds until the next season begins'),
        weekday: z.array(z.string()).length(7).describe('day profile names, Monday first'),
      }),
    )
    .min(1),
  specialDays: z.record(z.string().regex(/^\d{4}-\d\d-\d\d$/), z.string()).describe('local day → day profile'),
});
export type TariffCalendar = z.infer<typeof tariffCalendarShape>;

/** One period all day: the calendar of a flat price. */
export const flatCalendar: TariffCalendar = {
  id: 'flat',
  name: 'Flat',
  dayProfiles: { all: [{ fromMinute: 0, period: 'flat' }] },
  seasons: [{ name: 'year', fromMonthDay: '01-01', weekday: ['all', 'all', 'all', 'all', 'all', 'all', 'all'] }],
  specialDays: {},
};

/** Day profile of a local day. @throws RangeError when the calendar names a profile it does not hold */
export function dayProfileOf(calendar: TariffCalendar, day: LocalDay): readonly { fromMinute: number; period: TouPeriod }[] {
  let name = calendar.specialDays[day];
  if (name === undefined) {
    const monthDay = day.slice(5);
    const seasons = [...calendar.seasons].sort((a, b) => (a.fromMonthDay < b.fromMonthDay ? -1 : 1));
    // Before the year's first season the last one of the year before still holds.
    const season = seasons.findLast((candidate) => candidate.fromMonthDay <= monthDay) ?? seasons.at(-1);
    name = season?.weekday[DateTime.fromISO(day, { zone: 'utc' }).weekday - 1];
  }
  const profile = name === undefined ? undefined : calendar.dayProfiles[name];
  if (profile === undefined) throw new RangeError(`calendar ${calendar.id} has no day profile "${name}" for ${day}`);
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
    if (span === undefined) throw new RangeError(`calendar ${calendar.id}: a day profile does not begin at minute 0`);
    periods.push(span.period);
  }
  byDay.set(key, periods);
  return periods;
}
