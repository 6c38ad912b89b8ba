// SPDX-License-Identifier: Apache-2.0
import { boundsOfLocalDay, type LocalDay } from '@wattledger/contracts';

/** Local days counted from 1970-01-01, whatever the zone: day 0 is that date, day 1 the next. */
export type DayNumber = number;

const dayMs = 86_400_000;
export const isoOfDay = (day: DayNumber): LocalDay => new Date(day * dayMs).toISOString().slice(0, 10);
export const dayOfIso = (iso: LocalDay): DayNumber => Math.round(Date.parse(`${iso}T00:00:00Z`) / dayMs);

/** The local days of one zone with their beginnings, so that the model never does calendar arithmetic per slot. */
export interface LocalDayLine {
  startMsOf(day: DayNumber): number;
  /** The day that holds the instant. */
  dayAt(instantMs: number): DayNumber;
  /** Half-hours of the day: 48, and 46 or 50 where clocks change. */
  halfHoursOf(day: DayNumber): number;
}

export const halfHourMs = 1_800_000;

/** @throws RangeError (on first use) when the zone does not exist */
export function createLocalDayLine(zone: string): LocalDayLine {
  const starts = new Map<DayNumber, number>();
  const startMsOf = (day: DayNumber): number => {
    let start = starts.get(day);
    if (start === undefined) starts.set(day, (start = boundsOfLocalDay(zone, isoOfDay(day)).startMs));
    return start;
  };
  const dayAt = (instantMs: number): DayNumber => {
    let day = Math.floor(instantMs / dayMs);
    while (startMsOf(day) > instantMs) day -= 1;
    while (startMsOf(day + 1) <= instantMs) day += 1;
    return day;
  };
  const halfHoursOf = (day: DayNumber): number =>
    Math.round((startMsOf(day + 1) - startMsOf(day)) / halfHourMs);
  return { startMsOf, dayAt, halfHoursOf };
}
