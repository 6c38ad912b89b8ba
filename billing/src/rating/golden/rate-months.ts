// SPDX-License-Identifier: Apache-2.0
/** For tests: days of slots rated as charging does it, month by month, without stores. */
import {
  periodsOfLocalDay,
  slotLengthMs,
  slotsOfLocalDay,
  type SlotMinutes,
  type TariffCalendar,
} from '@wattledger/contracts';
import { priceTermsShape, type PriceVersionBody } from '@wattledger/contracts/http/billing';
import type { PriceVersionTerms } from '../../prices/price-version.ts';
import { chargeSlot, noPriceSeries, type PriceSeriesBook } from '../energy-charge.ts';
import type { DemandReading, MonthItem } from '../month-input.ts';
import { monthItems } from '../month-items.ts';
import { seasonOfDay } from '../seasons.ts';
import { faultsOfTerms } from '../terms-faults.ts';

/** Local day → consumption by slot. */
export type DaySlots = ReadonlyMap<string, readonly (number | null)[]>;

export interface RatedMonth {
  readonly consumption: number;
  readonly energyMicros: number;
  readonly byPeriod: ReadonlyMap<string, { readonly consumption: number; readonly amountMicros: number }>;
  readonly unpriced: number;
  readonly items: readonly MonthItem[];
  readonly totalMicros: number;
}

/** A version from the body of the public contract. @throws Error when the service would refuse it */
export function versionOf(
  body: Omit<PriceVersionBody, 'effectiveFromMs' | 'calendar'> & { readonly calendar: TariffCalendar },
): PriceVersionTerms {
  const draft = {
    rates: body.rates,
    terms: priceTermsShape.parse(body.terms ?? {}),
    calendar: body.calendar,
  };
  const faults = faultsOfTerms(draft, () => true);
  if (faults.length > 0) throw new Error(JSON.stringify(faults));
  return {
    ...draft,
    priceVersionId: 'pvr',
    priceSchemeId: 'psc',
    number: 1,
    effectiveFromMs: 0,
    approved: true,
  };
}

export function rateMonths(
  version: PriceVersionTerms,
  days: DaySlots,
  options: {
    readonly zone: string;
    readonly slotMinutes: SlotMinutes;
    readonly series?: PriceSeriesBook;
    readonly contractedDemandW?: number;
  },
): ReadonlyMap<string, RatedMonth> {
  const byMonth = new Map<string, [string, readonly (number | null)[]][]>();
  for (const entry of days) {
    const month = entry[0].slice(0, 7);
    const known = byMonth.get(month);
    if (known === undefined) byMonth.set(month, [entry]);
    else known.push(entry);
  }
  const used = { year: '', consumption: 0 };
  const rated = new Map<string, RatedMonth>();
  for (const [month, ofMonth] of byMonth) {
    if (used.year !== month.slice(0, 4)) Object.assign(used, { year: month.slice(0, 4), consumption: 0 });
    rated.set(month, rateMonth(version, month, ofMonth, used, options));
  }
  return rated;
}

function rateMonth(
  version: PriceVersionTerms,
  month: string,
  days: readonly [string, readonly (number | null)[]][],
  used: { consumption: number },
  options: Parameters<typeof rateMonths>[2],
): RatedMonth {
  const byPeriod = new Map<string, { consumption: number; amountMicros: number }>();
  const readings: DemandReading[] = [];
  let [monthConsumption, energyMicros, unpriced] = [0, 0, 0];
  for (const [localDay, consumption] of days) {
    const { firstSlotMs } = slotsOfLocalDay(options.zone, localDay, options.slotMinutes);
    const periods = periodsOfLocalDay(version.calendar, options.zone, localDay, options.slotMinutes);
    const season = seasonOfDay(version.calendar, localDay);
    readings.push({ localDay, firstSlotMs, slotMinutes: options.slotMinutes, consumption, periods });
    for (const [slot, known] of consumption.entries()) {
      if (known === null) continue;
      const period = periods[slot] ?? 'flat';
      const position = { monthConsumption, yearConsumption: used.consumption };
      const startMs = firstSlotMs + slot * slotLengthMs(options.slotMinutes);
      const charge = chargeSlot(
        version,
        { period, season, startMs, consumption: known, position },
        options.series ?? noPriceSeries,
      );
      if (charge === null) unpriced += known;
      if (charge === null) continue;
      const sum = byPeriod.get(period) ?? { consumption: 0, amountMicros: 0 };
      sum.consumption += known;
      sum.amountMicros += charge.amountMicros;
      byPeriod.set(period, sum);
      monthConsumption += known;
      used.consumption += known;
      energyMicros += charge.amountMicros;
    }
  }
  const daysInMonth = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).getUTCDate();
  const names = Array.from(
    { length: daysInMonth },
    (_, day) => `${month}-${String(day + 1).padStart(2, '0')}`,
  );
  const items = monthItems({
    month,
    daysInMonth,
    ended: true,
    contractedDemandW: options.contractedDemandW ?? null,
    ranges: [
      {
        version,
        fromMs: 0,
        toMs: Number.MAX_SAFE_INTEGER,
        days: names,
        daysFinished: daysInMonth,
        energy: { consumption: monthConsumption, amountMicros: energyMicros },
        demand: readings,
      },
    ],
  });
  const totalMicros = items.reduce((sum, item) => sum + item.amountMicros, energyMicros);
  return { consumption: monthConsumption, energyMicros, byPeriod, unpriced, items, totalMicros };
}
