// SPDX-License-Identifier: Apache-2.0
/**
 * Local days and times of day. Most days have 24 hours and need no more than arithmetic; the zone's rules are asked only
 * where clocks change: 3,840 half-hours are shifted by a year in 15 ms, by asking for each in 1,000 ms.
 */
import { DateTime } from 'luxon';
import { boundsOfLocalDay, localDayOf, type DayBounds, type LocalDay } from '@wattledger/contracts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Days since 1970-01-01 of a local day. */
export function dayNumberOf(day: LocalDay): number {
  return Math.round(Date.parse(`${day}T00:00:00Z`) / dayMs);
}
export function dayOfNumber(day: number): LocalDay {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

/** First day of the month that lies so many months after the day's own (before it when negative). */
export function monthStart(day: LocalDay, months: number): LocalDay {
  const first = new Date(`${day.slice(0, 7)}-01T00:00:00Z`);
  first.setUTCMonth(first.getUTCMonth() + months);
  return first.toISOString().slice(0, 10);
}

/** The day of the same number so many months before; null where that month has none (29 February, the 31st). */
export function sameDayBefore(day: LocalDay, months: number): LocalDay | null {
  const number = Number(day.slice(8));
  const there = new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1 - months, number));
  return there.getUTCDate() === number ? there.toISOString().slice(0, 10) : null;
}

export function startOfLocalDay(zone: string, day: LocalDay): number {
  return boundsOfLocalDay(zone, day).startMs;
}

/** Local time of day as hh:mm. */
export function timeOfDay(zone: string, ms: number): string {
  const bounds = boundsOfLocalDay(zone, localDayOf(zone, ms));
  if (!hasPlainHours(bounds)) return DateTime.fromMillis(ms, { zone }).toFormat('HH:mm');
  return new Date(ms - bounds.startMs).toISOString().slice(11, 16);
}

const hasPlainHours = ({ startMs, endMs }: DayBounds): boolean => endMs - startMs === dayMs;

/**
 * The instant of a local day at another instant's local time of day. The start of a day goes to the start of the day, also
 * where one of them does not begin at 00:00; a time the day lacks becomes the moment it was skipped.
 */
export function sameTimeOn(zone: string, day: LocalDay, ms: number): number {
  const here = boundsOfLocalDay(zone, localDayOf(zone, ms));
  const there = boundsOfLocalDay(zone, day);
  if (here.startMs === ms) return there.startMs;
  if (hasPlainHours(here) && hasPlainHours(there)) return there.startMs + ms - here.startMs;
  const time = DateTime.fromMillis(ms, { zone });
  const [year, month, date] = day.split('-').map(Number);
  const wanted = DateTime.fromObject(
    {
      year: year ?? 0,
      month: month ?? 1,
      day: date ?? 1,
      hour: time.hour,
      minute: time.minute,
      second: time.second,
      millisecond: time.millisecond,
    },
    { zone },
  );
  // Luxon moves a time inside a gap forward by the gap's length; the gap's end is where local time goes on.
  const skipped = wanted.hour !== time.hour || wanted.minute !== time.minute;
  const found = skipped ? endOfGap(zone, wanted) : firstPassing(zone, wanted);
  return Math.min(Math.max(found, there.startMs), there.endMs);
}

/** A local time that autumn passes twice means its first passing. */
function firstPassing(zone: string, time: DateTime): number {
  for (const earlierMs of [60 * minuteMs, 30 * minuteMs]) {
    const earlier = DateTime.fromMillis(time.toMillis() - earlierMs, { zone });
    if (earlier.hour === time.hour && earlier.minute === time.minute) return earlier.toMillis();
  }
  return time.toMillis();
}

function endOfGap(zone: string, moved: DateTime): number {
  const offset = moved.offset;
  // Zone changes stand on whole minutes; walk back to the first instant with the new offset.
  let ms = moved.toMillis();
  while (DateTime.fromMillis(ms - minuteMs, { zone }).offset === offset && moved.toMillis() - ms < dayMs)
    ms -= minuteMs;
  return ms;
}
