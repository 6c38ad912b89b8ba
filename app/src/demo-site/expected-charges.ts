// SPDX-License-Identifier: Apache-2.0
/**
 * What an account will have been charged per local day, worked out from the simulated history alone: the seed must know
 * it before the product does, to place top-ups that leave sensible balances.
 */
import { DateTime } from 'luxon';
import {
  periodsOfLocalDay,
  slotLengthMs,
  slotsOfLocalDay,
  type SlotMinutes,
  type TouPeriod,
} from '@wattledger/contracts';
import type { PriceTerms, Rates } from '@wattledger/contracts/http/billing';
import type { MeterHistory } from '@wattledger/ingest';
import { startOfDayMs, type PlannedScheme } from './demo-prices.ts';
import type { PlannedPoint, PlannedProject } from './site-plan.ts';

/** Micros per kWh or m³ at the slots of one local day, in slot order. */
export interface DayRates {
  readonly day: string;
  readonly firstSlotMs: number;
  readonly rates: readonly number[];
  /** Beyond so much of the year, these instead. */
  readonly tiers?: readonly { readonly above: number; readonly rates: readonly number[] }[];
  /** Of the month, beside its energy. */
  readonly terms?: PriceTerms;
}

/** Rates of a scheme day by day from `fromDay` until the day that holds `untilMs`. Worked out once for all accounts. */
export function ratesByDay(
  project: PlannedProject,
  scheme: PlannedScheme,
  fromDay: string,
  untilMs: number,
): readonly DayRates[] {
  const { zone, calendar, slotMinutes } = project;
  const versions = scheme.versions.map((version) => ({
    ...version,
    fromMs: startOfDayMs(zone, version.fromDay),
  }));
  const days: DayRates[] = [];
  for (let index = 0; ; index += 1) {
    const day = DateTime.fromISO(fromDay, { zone: 'utc' }).plus({ days: index }).toISODate() as string;
    const { firstSlotMs } = slotsOfLocalDay(zone, day, slotMinutes);
    if (firstSlotMs > untilMs) return days;
    // Versions begin at local midnight, so one holds all day.
    const version = versions.findLast((candidate) => candidate.fromMs <= firstSlotMs);
    const periods = periodsOfLocalDay(calendar, zone, day, slotMinutes);
    const ratesOf = (rates: Rates | undefined): number[] =>
      periods.map((period: TouPeriod) => rates?.[period] ?? 0);
    const steps = version?.terms?.tiers?.steps.map(({ above, rates }) => ({ above, rates: ratesOf(rates) }));
    days.push({
      day,
      firstSlotMs,
      rates: ratesOf(version?.rates),
      ...(steps === undefined ? {} : { tiers: steps }),
      ...(version?.terms === undefined ? {} : { terms: version.terms }),
    });
  }
}

/** consumption × rate / 1000, half away from zero: the rounding of the house, for amounts that are never negative. */
function chargeOf(consumption: number, microsPerUnit: number): number {
  return Math.floor((2 * consumption * microsPerUnit + 1000) / 2000);
}

/** The slot cut at the tiers' boundaries, each part rounded by itself. */
function slotCharge(
  { rates, tiers = [] }: DayRates,
  slot: number,
  used: number,
  consumption: number,
): number {
  const bounds = [0, ...tiers.map(({ above }) => above), Infinity];
  return [rates, ...tiers.map((tier) => tier.rates)].reduce((sum, ofTier, tier) => {
    const from = Math.max(used, bounds[tier] as number);
    const part = Math.min(used + consumption, bounds[tier + 1] as number) - from;
    return part <= 0 ? sum : sum + chargeOf(part, ofTier[slot] as number);
  }, 0);
}

/** What is known of a point's month. */
interface Month {
  readonly days: DayRates[];
  energyMicros: number;
  highestW: number;
}

const rounded = (amount: number, by: number): number => Math.floor((2 * amount + by) / (2 * by));

/**
 * Demand, standing charges and tax of a month, the account open from its first day here to the month's end; of days, those that
 * have ended count for standing charges.
 */
function itemsOf({ days, energyMicros, highestW }: Month, finished: number): number {
  const [first] = days;
  const terms = first?.terms;
  if (first === undefined || terms === undefined) return 0;
  const { daysInMonth = 30, day: dayOfMonth } = DateTime.fromISO(first.day, { zone: 'utc' });
  const daysOfAccount = daysInMonth - dayOfMonth + 1;
  const demand = terms.demand.reduce(
    (sum, { rateMicros }) => sum + rounded(highestW * rateMicros * daysOfAccount, 1000 * daysInMonth),
    0,
  );
  const fixed = terms.fixed.reduce(
    (sum, { amountMicros }) => sum + rounded(amountMicros * finished, daysInMonth),
    0,
  );
  return terms.adjustments.reduce(
    (sum, { value }) => sum + rounded((energyMicros + demand + fixed) * value, 1_000_000),
    demand + fixed,
  );
}

export interface ChargedPoint {
  readonly point: PlannedPoint;
  readonly rates: readonly DayRates[];
  /** On the slot grid, from the first slot of the first day on. */
  readonly history: MeterHistory;
}

/** Charges per local day, as far as the history goes; the last day may be a part of one. A month's items stand on its last day. */
export function expectedDailyCharges(
  slotMinutes: SlotMinutes,
  points: readonly ChargedPoint[],
): readonly number[] {
  const charges: number[] = [];
  for (const charged of points) addPoint(charges, slotLengthMs(slotMinutes), charged);
  return charges;
}

function addPoint(charges: number[], stepMs: number, { point, rates: days, history }: ChargedPoint): void {
  const { instants, values, scaler } = history;
  const { numerator, denominator } = point.multiplier;
  let cursor = 0;
  let usedInYear = 0;
  let month: Month = { days: [], energyMicros: 0, highestW: 0 };
  for (const [index, day] of days.entries()) {
    if (cursor + 1 >= values.length) break;
    if (instants[cursor] !== day.firstSlotMs)
      throw new RangeError(`history of ${point.code} does not begin with its day`);
    if (day.day.endsWith('-01-01')) usedInYear = 0;
    if (day.day.endsWith('-01')) month = { days: [], energyMicros: 0, highestW: 0 };
    let sum = 0;
    for (let slot = 0; slot < day.rates.length && cursor + 1 < values.length; slot += 1, cursor += 1) {
      if ((instants[cursor + 1] as number) - (instants[cursor] as number) !== stepMs)
        throw new RangeError(`history of ${point.code} has a hole`);
      const counts = (values[cursor + 1] as number) - (values[cursor] as number);
      const consumption = Math.floor((counts * 10 ** scaler * numerator) / denominator);
      sum += slotCharge(day, slot, usedInYear, consumption);
      usedInYear += consumption;
      month.highestW = Math.max(month.highestW, Math.floor((consumption * 3_600_000) / stepMs));
    }
    month.energyMicros += sum;
    month.days.push(day);
    const isLast = cursor + 1 >= values.length || index === days.length - 1;
    const monthEnds = days[index + 1]?.day.endsWith('-01') === true;
    // The day that the history ends in has not ended.
    if (isLast || monthEnds) sum += itemsOf(month, month.days.length - (isLast ? 1 : 0));
    charges[index] = (charges[index] ?? 0) + sum;
  }
}
