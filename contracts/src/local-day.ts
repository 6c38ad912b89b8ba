// SPDX-License-Identifier: Apache-2.0
/**
 * Local calendar days of a zone. Only calendars (days, tariffs, reports) know local time; everything else is UTC.
 * Days of 23 and 25 hours come out right because both ends are computed from the zone's rules.
 */
import { DateTime } from 'luxon';
import { slotLengthMs, type SlotMinutes } from './slot.ts';

/** 'YYYY-MM-DD' in the project's zone. */
export type LocalDay = string;

export interface DayBounds {
  readonly startMs: number;
  /** Exclusive. */
  readonly endMs: number;
}

const boundsCache = new Map<string, DayBounds>();
const boundsCacheMax = 50_000;

/**
 * Instants at which a local day begins and ends.
 * @throws RangeError when the zone or the day does not exist
 */
export function boundsOfLocalDay(zone: string, day: LocalDay): DayBounds {
  const key = `${zone}|${day}`;
  const cached = boundsCache.get(key);
  if (cached !== undefined) return cached;
  const start = DateTime.fromISO(day, { zone });
  if (!start.isValid)
    throw new RangeError(`no such day ${day} in zone ${zone}: ${start.invalidReason ?? ''}`);
  const bounds = {
    startMs: firstInstantOf(zone, start),
    endMs: firstInstantOf(zone, start.plus({ days: 1 })),
  };
  if (boundsCache.size >= boundsCacheMax) boundsCache.clear();
  boundsCache.set(key, bounds);
  return bounds;
}

const hourMs = 3_600_000;

/**
 * Where clocks go back across midnight (Azores, Havana), midnight comes twice: the day begins with the first. Steps of
 * a quarter of an hour suffice, since zone offsets are multiples of it.
 */
function firstInstantOf(zone: string, day: DateTime): number {
  const date = day.toISODate();
  let ms = day.startOf('day').toMillis();
  while (DateTime.fromMillis(ms - hourMs / 4, { zone }).toISODate() === date) ms -= hourMs / 4;
  return ms;
}

const dayByHourCache = new Map<string, Map<number, LocalDay>>();

/** The local day that holds the instant. Cached per quarter-hour: zone offsets are multiples of 15 minutes. */
export function localDayOf(zone: string, instantMs: number): LocalDay {
  const quarter = Math.floor(instantMs / (hourMs / 4));
  let days = dayByHourCache.get(zone);
  if (days === undefined || days.size >= 400_000) dayByHourCache.set(zone, (days = new Map()));
  const cached = days.get(quarter);
  if (cached !== undefined) return cached;
  const local = DateTime.fromMillis(quarter * (hourMs / 4), { zone });
  if (!local.isValid) throw new RangeError(`unknown time zone ${zone}`);
  const day = local.toISODate();
  days.set(quarter, day);
  return day;
}

export interface DaySlots {
  /** Start of the first slot that begins within the local day (where the zone is off the grid: at or after midnight). */
  readonly firstSlotMs: number;
  readonly slotCount: number;
}

/** The slots that begin within a local day. A slot belongs to the local day in which it begins. */
export function slotsOfLocalDay(zone: string, day: LocalDay, slotMinutes: SlotMinutes): DaySlots {
  const { startMs, endMs } = boundsOfLocalDay(zone, day);
  const length = slotLengthMs(slotMinutes);
  const firstSlotMs = Math.ceil(startMs / length) * length;
  return { firstSlotMs, slotCount: Math.ceil(endMs / length) - Math.ceil(startMs / length) };
}
