// SPDX-License-Identifier: Apache-2.0
/** Shape of a load: average day, hours by days, maximum demand, load factor, base load. Pure. */
import { DateTime } from 'luxon';
import { boundsOfLocalDay, localDayOf, minuteMs, slotLengthMs } from '@wattledger/contracts';
import type { LoadProfileAnswer } from '@wattledger/contracts/http/analytics';
import type { Grid } from '../../calendar/span.ts';

export interface ProfileSlot {
  readonly startMs: number;
  readonly consumption: number;
  /** Nearly every meter has it: its demand is not too small. */
  readonly complete: boolean;
}

/** Share of the mounted meters that a slot must have to be counted. */
export const presentShareMin = 0.95;
/** Share of the slots whose demand lies at or below the base load. */
const baseShare = 0.05;
const hourMs = 3_600_000;
const dayHours = 24;

interface LocalSlot extends ProfileSlot {
  readonly localDay: string;
  readonly localTime: string;
  readonly hour: number;
  readonly isWeekend: boolean;
}

/** Clock time of slots in order, one day at a time: only days with a clock change ask the zone for every slot. */
function* withLocalTime(grid: Grid, slots: readonly ProfileSlot[]): Generator<LocalSlot> {
  let day = '';
  let bounds = { startMs: 0, endMs: 0 };
  let regular = false;
  let isWeekend = false;
  for (const slot of slots) {
    if (slot.startMs < bounds.startMs || slot.startMs >= bounds.endMs) {
      day = localDayOf(grid.zone, slot.startMs);
      bounds = boundsOfLocalDay(grid.zone, day);
      regular =
        bounds.endMs - bounds.startMs === dayHours * hourMs &&
        DateTime.fromMillis(bounds.startMs, { zone: grid.zone }).hour === 0;
      isWeekend = DateTime.fromISO(day, { zone: 'utc' }).weekday >= 6;
    }
    const minute = regular
      ? (slot.startMs - bounds.startMs) / minuteMs
      : minuteOfDay(grid.zone, slot.startMs);
    const hour = Math.floor(minute / 60);
    yield { ...slot, localDay: day, localTime: `${pad(hour)}:${pad(minute % 60)}`, hour, isWeekend };
  }
}

function minuteOfDay(zone: string, ms: number): number {
  const local = DateTime.fromMillis(ms, { zone });
  return local.hour * 60 + local.minute;
}

const pad = (value: number): string => String(value).padStart(2, '0');
/** To a hundredth of a watt. */
const rounded = (value: number): number => Math.round(value * 100) / 100;

class TimeOfDay {
  #sum = 0;
  #workSum = 0;
  #workDays = 0;
  #days = 0;
  #highest = -Infinity;
  #lowest = Infinity;

  add(demand: number, isWeekend: boolean): void {
    this.#sum += demand;
    this.#days += 1;
    if (!isWeekend) {
      this.#workSum += demand;
      this.#workDays += 1;
    }
    this.#highest = Math.max(this.#highest, demand);
    this.#lowest = Math.min(this.#lowest, demand);
  }

  answer(localTime: string): LoadProfileAnswer['averageDay'][number] {
    const weekendDays = this.#days - this.#workDays;
    const mean = (sum: number, days: number): number | null => (days === 0 ? null : rounded(sum / days));
    return {
      localTime,
      all: mean(this.#sum, this.#days),
      workdays: mean(this.#workSum, this.#workDays),
      weekends: mean(this.#sum - this.#workSum, weekendDays),
      highest: this.#days === 0 ? null : rounded(this.#highest),
      lowest: this.#days === 0 ? null : rounded(this.#lowest),
      days: this.#days,
    };
  }
}

type Profile = Pick<
  LoadProfileAnswer,
  | 'averageDay'
  | 'heatMap'
  | 'maximumDemand'
  | 'meanDemandW'
  | 'loadFactor'
  | 'baseLoadW'
  | 'baseLoadShare'
  | 'slotsCounted'
>;

/**
 * Works out the profile. Demand is the mean power of a slot: base units × 60 / slot minutes.
 * @param slots in order of time, only those of which something is known
 * @param days every local day of the span, so that days without data are seen
 */
export function loadProfile(grid: Grid, slots: readonly ProfileSlot[], days: readonly string[]): Profile {
  const perHour = hourMs / slotLengthMs(grid.slotMinutes);
  const times = new Map<string, TimeOfDay>();
  const rowOf = new Map(days.map((day, index) => [day, index]));
  const hours = days.map(() => Array.from({ length: dayHours }, (): number | null => null));
  const demands: number[] = [];
  let highest: LocalSlot | null = null;
  for (const slot of withLocalTime(grid, slots)) {
    const row = hours[rowOf.get(slot.localDay) ?? -1];
    if (row !== undefined) row[slot.hour] = (row[slot.hour] ?? 0) + slot.consumption;
    if (!slot.complete) continue;
    const demand = slot.consumption * perHour;
    demands.push(demand);
    if (highest === null || slot.consumption > highest.consumption) highest = slot;
    let time = times.get(slot.localTime);
    if (time === undefined) times.set(slot.localTime, (time = new TimeOfDay()));
    time.add(demand, slot.isWeekend);
  }
  return {
    averageDay: [...times]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([localTime, time]) => time.answer(localTime)),
    heatMap: { days: [...days], hours },
    ...measures(demands, highest, perHour),
  };
}

function measures(
  demands: number[],
  highest: LocalSlot | null,
  perHour: number,
): Omit<Profile, 'averageDay' | 'heatMap'> {
  if (highest === null)
    return {
      maximumDemand: null,
      meanDemandW: null,
      loadFactor: null,
      baseLoadW: null,
      baseLoadShare: null,
      slotsCounted: 0,
    };
  const mean = demands.reduce((sum, demand) => sum + demand, 0) / demands.length;
  const maximum = highest.consumption * perHour;
  const sorted = Float64Array.from(demands).sort();
  const base = sorted[Math.max(0, Math.ceil(baseShare * sorted.length) - 1)] ?? 0;
  const ratio = (a: number, b: number): number | null => (b === 0 ? null : Math.round((a / b) * 1e6) / 1e6);
  return {
    maximumDemand: {
      demandW: maximum,
      slotStartMs: highest.startMs,
      localTime: `${highest.localDay}T${highest.localTime}`,
    },
    meanDemandW: rounded(mean),
    loadFactor: ratio(mean, maximum),
    baseLoadW: rounded(base),
    baseLoadShare: ratio(base, mean),
    slotsCounted: demands.length,
  };
}
