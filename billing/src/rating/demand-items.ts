// SPDX-License-Identifier: Apache-2.0
/** Demand charges of a month: the highest mean power over windows of the item's length. Pure. */
import { divideRounded, slotLengthMs, type LocalDay, type TouPeriod } from '@wattledger/contracts';
import type { demandItemShape } from '@wattledger/contracts/http/billing';
import type { z } from 'zod';
import type { DemandPeak } from './item-working.ts';
import { wholeMicros, type DemandReading, type MonthItem, type MonthRange } from './month-input.ts';
import { seasonOfDay } from './seasons.ts';

type DemandTerms = z.infer<typeof demandItemShape>;

/** One slot of the metering point, whatever segment it came from. */
interface DemandSlot {
  readonly startMs: number;
  readonly lengthMs: number;
  /** Counts the slots of the local day, for blocks. */
  readonly placeInDay: number;
  readonly localDay: LocalDay;
  readonly period: TouPeriod;
  readonly consumption: number;
}

export function demandItems(range: MonthRange, daysInMonth: number): readonly MonthItem[] {
  const { version } = range;
  if (version.terms.demand.length === 0) return [];
  const slots = slotsInRange(range);
  const daysBySeason = new Map<string, number>();
  for (const day of range.days) {
    const season = seasonOfDay(version.calendar, day);
    daysBySeason.set(season, (daysBySeason.get(season) ?? 0) + 1);
  }
  return version.terms.demand.map((item) => {
    const peaks = peaksBySeason(item, slots, daysBySeason, (day) => seasonOfDay(version.calendar, day));
    const total = peaks.reduce(
      (sum, peak) => sum + BigInt(peak.demandW) * BigInt(peak.rateMicros) * BigInt(peak.days),
      0n,
    );
    return {
      component: 'demand',
      item: item.name,
      priceVersionId: version.priceVersionId,
      amountMicros: wholeMicros(divideRounded(total, 1000n * BigInt(daysInMonth))),
      working: { kind: 'demand', peaks, daysInMonth },
    };
  });
}

/** Known slots of the range by start; where a meter was exchanged within a slot, both meters' parts belong to it. */
function slotsInRange(range: MonthRange): ReadonlyMap<number, DemandSlot> {
  const slots = new Map<number, DemandSlot>();
  for (const reading of range.demand) addReading(slots, reading, range);
  return slots;
}

function addReading(slots: Map<number, DemandSlot>, reading: DemandReading, range: MonthRange): void {
  const lengthMs = slotLengthMs(reading.slotMinutes);
  reading.consumption.forEach((consumption, placeInDay) => {
    const startMs = reading.firstSlotMs + placeInDay * lengthMs;
    const period = reading.periods[placeInDay];
    if (consumption === null || period === undefined) return;
    if (startMs < range.fromMs || startMs >= range.toMs) return;
    const known = slots.get(startMs);
    slots.set(startMs, {
      startMs,
      lengthMs,
      placeInDay,
      localDay: reading.localDay,
      period,
      consumption: consumption + (known?.consumption ?? 0),
    });
  });
}

function peaksBySeason(
  item: DemandTerms,
  slots: ReadonlyMap<number, DemandSlot>,
  daysBySeason: ReadonlyMap<string, number>,
  seasonOf: (day: LocalDay) => string,
): DemandPeak[] {
  const highest = new Map<string, { demandW: number; atMs: number; localDay: LocalDay }>();
  for (const first of slots.values()) {
    const window = windowFrom(item, first, slots);
    if (window === null || (item.period !== null && window.last.period !== item.period)) continue;
    const season = seasonOf(window.last.localDay);
    const known = highest.get(season);
    const higher = known === undefined || window.demandW > known.demandW;
    const earlier = window.demandW === known?.demandW && first.startMs < known.atMs;
    if (!higher && !earlier) continue;
    highest.set(season, { demandW: window.demandW, atMs: first.startMs, localDay: window.last.localDay });
  }
  return [...daysBySeason].map(([season, days]) => {
    const peak = highest.get(season);
    return {
      season,
      // Energy that flowed back is no demand.
      demandW: Math.max(0, peak?.demandW ?? 0),
      atMs: peak?.atMs ?? null,
      localDay: peak?.localDay ?? null,
      rateMicros: item.seasonRatesMicros[season] ?? item.rateMicros,
      days,
    };
  });
}

/** Mean power of the window that begins with a slot; null where none begins, or a slot of it is not known. */
function windowFrom(
  item: DemandTerms,
  first: DemandSlot,
  slots: ReadonlyMap<number, DemandSlot>,
): { readonly demandW: number; readonly last: DemandSlot } | null {
  const slotMinutes = first.lengthMs / 60_000;
  // Where slots are longer than the window, the slot is the window.
  const count = Math.max(1, item.windowMinutes / slotMinutes);
  if (item.window === 'block' && first.placeInDay % count !== 0) return null;
  let consumption = 0;
  let last = first;
  for (let place = 0; place < count; place += 1) {
    const slot = slots.get(first.startMs + place * first.lengthMs);
    if (slot?.lengthMs !== first.lengthMs) return null;
    // A block ends with its day, which may be shorter where the clock changes by half an hour.
    if (item.window === 'block' && slot.localDay !== first.localDay) return null;
    consumption += slot.consumption;
    last = slot;
  }
  return { demandW: (consumption * 60) / (slotMinutes * count), last };
}
