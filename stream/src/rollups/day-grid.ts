// SPDX-License-Identifier: Apache-2.0
/** The grid on which a project's days are cut, and how the warehouse is told of it in few bytes. Pure. */
import { createHash } from 'node:crypto';
import {
  periodsOfLocalDay,
  slotLengthMs,
  slotsOfLocalDay,
  touPeriods,
  type LocalDay,
  type SlotMinutes,
  type TariffCalendar,
} from '@wattledger/contracts';

export interface DayGrid {
  readonly zone: string;
  readonly slotMinutes: SlotMinutes;
  readonly calendar: TariffCalendar;
}

/** Calendars are interned where grids come by the thousand: their keys are worked out once. */
const keysOf = new WeakMap<TariffCalendar, Map<string, string>>();

/** Same grid, same key. */
export function gridKeyOf({ zone, slotMinutes, calendar }: DayGrid): string {
  let keys = keysOf.get(calendar);
  if (keys === undefined) keysOf.set(calendar, (keys = new Map()));
  const name = `${zone} ${slotMinutes}`;
  let key = keys.get(name);
  if (key === undefined) {
    const text = JSON.stringify([zone, slotMinutes, calendar]);
    keys.set(name, (key = createHash('sha256').update(text).digest('hex').slice(0, 32)));
  }
  return key;
}

/** Parameters of the SQL that lays slots on days and periods: parallel arrays, one element per day. */
export interface WindowParameters extends Record<string, unknown> {
  readonly days: readonly LocalDay[];
  /** Unix seconds of each day's first slot. */
  readonly firsts: readonly number[];
  /** One digit per slot: index into `periodNames`, from 1. */
  readonly codes: readonly string[];
  readonly periodNames: readonly string[];
  readonly slotSeconds: number;
  /** Unix seconds, [from, to) around all the days. */
  readonly from: number;
  readonly to: number;
}

export function windowParameters(
  { zone, slotMinutes, calendar }: DayGrid,
  days: readonly LocalDay[],
): WindowParameters {
  const slotSeconds = slotLengthMs(slotMinutes) / 1000;
  const spans = days.map((day) => slotsOfLocalDay(zone, day, slotMinutes));
  const firsts = spans.map(({ firstSlotMs }) => firstSlotMs / 1000);
  const ends = spans.map(({ firstSlotMs, slotCount }) => firstSlotMs / 1000 + slotCount * slotSeconds);
  const codes = days.map((day) =>
    periodsOfLocalDay(calendar, zone, day, slotMinutes)
      .map((period) => String(touPeriods.indexOf(period) + 1))
      .join(''),
  );
  return {
    days,
    firsts,
    codes,
    periodNames: [...touPeriods],
    slotSeconds,
    from: Math.min(...firsts),
    to: Math.max(...ends),
  };
}
