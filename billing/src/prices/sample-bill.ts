// SPDX-License-Identifier: Apache-2.0
/** The bill of a month of made-up consumption under a draft: the same arithmetic as charging, nothing stored. Pure. */
import {
  boundsOfLocalDay,
  periodsOfLocalDay,
  slotLengthMs,
  slotsOfLocalDay,
  type LocalDay,
  type SlotMinutes,
  type TouPeriod,
} from '@wattledger/contracts';
import type { PricePreview, SampleShape } from '@wattledger/contracts/http/billing';
import { DateTime } from 'luxon';
import { chargeSlot, type ChargePart, type PriceSeriesBook } from '../rating/energy-charge.ts';
import type { DemandReading } from '../rating/month-input.ts';
import { monthItems } from '../rating/month-items.ts';
import { seasonOfDay } from '../rating/seasons.ts';
import type { PriceVersionTerms } from './price-version.ts';

export interface Sample {
  /** YYYY-MM. */
  readonly month: string;
  readonly consumption: number;
  readonly shape: SampleShape;
  readonly contractedDemandW: number;
}
export type Bill = NonNullable<PricePreview['bill']>;
type BillLine = Bill['lines'][number];

export function sampleBill(
  version: PriceVersionTerms,
  sample: Sample,
  place: { readonly zone: string; readonly slotMinutes: SlotMinutes },
  series: PriceSeriesBook,
): Bill {
  const days = daysOfMonth(sample.month);
  const readings = sampleReadings(version, sample, place, days);
  const energy = energyLines(version, sample, readings, series);
  const lines = [...energy.lines];
  const consumption = sumOf(lines, (line) => line.consumption ?? 0);
  const items = monthItems({
    month: sample.month,
    daysInMonth: days.length,
    ended: true,
    contractedDemandW: sample.contractedDemandW,
    ranges: [
      {
        version,
        ...spanOfMonth(sample.month, place.zone),
        days,
        daysFinished: days.length,
        energy: { consumption, amountMicros: sumOf(lines, (line) => line.amountMicros) },
        demand: readings,
      },
    ],
  });
  for (const { component, item, working, amountMicros } of items)
    lines.push({ ...noEnergy, component, item, working, amountMicros });
  return {
    lines,
    totalMicros: sumOf(lines, (line) => line.amountMicros),
    consumption: sample.consumption,
    unpricedConsumption: energy.unpriced,
  };
}

const noEnergy = { period: null, season: null, tier: null, rateMicros: null, consumption: null } as const;

const sumOf = (lines: readonly BillLine[], of: (line: BillLine) => number): number =>
  lines.reduce((sum, line) => sum + of(line), 0);

function daysOfMonth(month: string): readonly LocalDay[] {
  const first = DateTime.fromISO(`${month}-01`, { zone: 'utc' });
  return Array.from(
    { length: first.daysInMonth ?? 0 },
    (_, day) => first.plus({ days: day }).toISODate() ?? '',
  );
}

/** The instants of a sample's month. */
export function spanOfMonth(month: string, zone: string): { readonly fromMs: number; readonly toMs: number } {
  const days = daysOfMonth(month);
  return {
    fromMs: boundsOfLocalDay(zone, days[0] ?? '').startMs,
    toMs: boundsOfLocalDay(zone, days.at(-1) ?? '').endMs,
  };
}

/** Parts of an even day that a slot weighs, by the sample's shape. */
function weightOf(shape: SampleShape, weekday: number, hour: number): number {
  if (shape === 'even') return 1;
  const byDay = hour >= 8 && hour < 20;
  return shape === 'day' ? (byDay && weekday <= 5 ? 8 : 1) : byDay ? 1 : 4;
}

/** Whole base units by slot, whose sum is the sample's consumption. */
function sampleReadings(
  version: PriceVersionTerms,
  sample: Sample,
  { zone, slotMinutes }: { readonly zone: string; readonly slotMinutes: SlotMinutes },
  days: readonly LocalDay[],
): readonly DemandReading[] {
  const grids = days.map((localDay) => ({ localDay, ...slotsOfLocalDay(zone, localDay, slotMinutes) }));
  const weights = grids.map(({ firstSlotMs, slotCount }) =>
    Array.from({ length: slotCount }, (_, slot) => {
      const local = DateTime.fromMillis(firstSlotMs + slot * slotLengthMs(slotMinutes), { zone });
      return weightOf(sample.shape, local.weekday, local.hour);
    }),
  );
  const whole = BigInt(weights.flat().reduce((sum, weight) => sum + weight, 0));
  let passed = 0n;
  let given = 0n;
  return grids.map(({ localDay, firstSlotMs }, day) => ({
    localDay,
    firstSlotMs,
    slotMinutes,
    consumption: (weights[day] ?? []).map((weight) => {
      passed += BigInt(weight);
      const upTo = (BigInt(sample.consumption) * passed) / whole;
      const own = Number(upTo - given);
      given = upTo;
      return own;
    }),
    periods: periodsOfLocalDay(version.calendar, zone, localDay, slotMinutes),
  }));
}

function energyLines(
  version: PriceVersionTerms,
  sample: Sample,
  readings: readonly DemandReading[],
  series: PriceSeriesBook,
): { readonly lines: readonly BillLine[]; readonly unpriced: number } {
  const lines = new Map<string, BillLine>();
  const before = sample.consumption * (Number(sample.month.slice(5)) - 1);
  let used = 0;
  let unpriced = 0;
  for (const reading of readings) {
    const season = seasonOfDay(version.calendar, reading.localDay);
    for (const [slot, known] of reading.consumption.entries()) {
      const consumption = known ?? 0;
      const period = reading.periods[slot] as TouPeriod;
      const startMs = reading.firstSlotMs + slot * slotLengthMs(reading.slotMinutes);
      const position = { monthConsumption: used, yearConsumption: before + used };
      const charge = chargeSlot(version, { period, season, startMs, consumption, position }, series);
      if (charge === null) unpriced += consumption;
      else {
        used += consumption;
        const fromSeries = version.terms.priceSeriesId !== null;
        for (const part of charge.parts) addPart(lines, { part, period, season, fromSeries });
      }
    }
  }
  return { lines: [...lines.values()].filter((line) => line.consumption !== 0), unpriced };
}

function addPart(
  lines: Map<string, BillLine>,
  found: {
    readonly part: ChargePart;
    readonly period: TouPeriod;
    readonly season: string;
    readonly fromSeries: boolean;
  },
): void {
  const { part, period, season, fromSeries } = found;
  const key = `${season}|${period}|${part.tier}`;
  const line = lines.get(key);
  lines.set(key, {
    component: 'energy',
    period,
    season,
    tier: part.tier,
    rateMicros: fromSeries ? null : part.rateMicros,
    consumption: (line?.consumption ?? 0) + part.consumption,
    item: null,
    working: null,
    amountMicros: (line?.amountMicros ?? 0) + part.amountMicros,
  });
}
