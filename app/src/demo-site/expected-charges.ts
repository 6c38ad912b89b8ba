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
import type { MeterHistory } from '@wattledger/ingest';
import { startOfDayMs, type PlannedScheme } from './demo-prices.ts';
import type { PlannedPoint, PlannedProject } from './site-plan.ts';

/** Micros per kWh or m³ at the slots of one local day, in slot order. */
export interface DayRates {
  readonly firstSlotMs: number;
  readonly rates: readonly number[];
}

/** Rates of a scheme day by day from `fromDay` until the day that holds `untilMs`. Worked out once for all accounts. */
export function ratesByDay(
  project: PlannedProject,
  scheme: PlannedScheme,
  fromDay: string,
  untilMs: number,
): readonly DayRates[] {
  const { zone, calendar, slotMinutes } = project;
  const versions = scheme.versions.map(({ fromDay: versionDay, rates }) => ({
    fromMs: startOfDayMs(zone, versionDay),
    rates,
  }));
  const days: DayRates[] = [];
  for (let index = 0; ; index += 1) {
    const day = DateTime.fromISO(fromDay, { zone: 'utc' }).plus({ days: index }).toISODate() as string;
    const { firstSlotMs } = slotsOfLocalDay(zone, day, slotMinutes);
    if (firstSlotMs > untilMs) return days;
    // Versions begin at local midnight, so one holds all day.
    const version = versions.findLast((candidate) => candidate.fromMs <= firstSlotMs);
    const periods = periodsOfLocalDay(calendar, zone, day, slotMinutes);
    days.push({ firstSlotMs, rates: periods.map((period: TouPeriod) => version?.rates[period] ?? 0) });
  }
}

/** consumption × rate / 1000, half away from zero: the rounding of the house, for amounts that are never negative. */
function chargeOf(consumption: number, microsPerUnit: number): number {
  return Math.floor((2 * consumption * microsPerUnit + 1000) / 2000);
}

export interface ChargedPoint {
  readonly point: PlannedPoint;
  readonly rates: readonly DayRates[];
  /** On the slot grid, from the first slot of the first day on. */
  readonly history: MeterHistory;
}

/** Charges per local day, as far as the history goes; the last day may be a part of one. */
export function expectedDailyCharges(
  slotMinutes: SlotMinutes,
  points: readonly ChargedPoint[],
): readonly number[] {
  const charges: number[] = [];
  const stepMs = slotLengthMs(slotMinutes);
  for (const { point, rates: days, history } of points) {
    const { instants, values, scaler } = history;
    const { numerator, denominator } = point.multiplier;
    let cursor = 0;
    for (const [index, { firstSlotMs, rates }] of days.entries()) {
      if (cursor + 1 >= values.length) break;
      if (instants[cursor] !== firstSlotMs)
        throw new RangeError(`history of ${point.code} does not begin with its day`);
      let sum = 0;
      for (let slot = 0; slot < rates.length && cursor + 1 < values.length; slot += 1, cursor += 1) {
        if ((instants[cursor + 1] as number) - (instants[cursor] as number) !== stepMs)
          throw new RangeError(`history of ${point.code} has a hole`);
        const counts = (values[cursor + 1] as number) - (values[cursor] as number);
        const consumption = Math.floor((counts * 10 ** scaler * numerator) / denominator);
        sum += chargeOf(consumption, rates[slot] as number);
      }
      charges[index] = (charges[index] ?? 0) + sum;
    }
  }
  return charges;
}
