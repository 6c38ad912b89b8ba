// SPDX-License-Identifier: Apache-2.0
/**
 * What an account will have been charged per local day, worked out from the simulated history alone: the seed must know
 * it before the product does, to place top-ups that leave sensible balances.
 */
import { DateTime } from 'luxon';
import { periodsOfLocalDay, slotLengthMs, slotsOfLocalDay, type TouPeriod } from '@wattledger/contracts';
import type { MeterHistory } from '@wattledger/ingest';
import type { PlannedScheme } from './demo-prices.ts';
import { startOfDayMs } from './demo-prices.ts';
import type { PlannedPoint, PlannedProject } from './site-plan.ts';

/** Micros per kWh or m³ at the slots of a local day, in slot order. */
export function ratesOfDay(project: PlannedProject, scheme: PlannedScheme, day: string): readonly number[] {
  const { zone, calendar, slotMinutes } = project;
  const { firstSlotMs } = slotsOfLocalDay(zone, day, slotMinutes);
  const periods = periodsOfLocalDay(calendar, zone, day, slotMinutes);
  const version = scheme.versions.findLast((candidate) => startOfDayMs(zone, candidate.fromDay) <= firstSlotMs);
  const rateOf = (period: TouPeriod): number => version?.rates[period] ?? 0;
  return periods.map(rateOf);
}

/** consumption × rate / 1000, half away from zero: the rounding of the house, for amounts that are never negative. */
function chargeOf(consumption: number, microsPerUnit: number): number {
  return Math.floor((2 * consumption * microsPerUnit + 1000) / 2000);
}

export interface ChargedPoint {
  readonly point: PlannedPoint;
  readonly scheme: PlannedScheme;
  /** On the slot grid, from the first midnight of the days asked about on. */
  readonly history: MeterHistory;
}

/** Charges per local day from `fromDay` on, as far as the history goes; the last day may be a part of one. */
export function expectedDailyCharges(project: PlannedProject, points: readonly ChargedPoint[], fromDay: string): readonly number[] {
  const charges: number[] = [];
  const stepMs = slotLengthMs(project.slotMinutes);
  for (const { point, scheme, history } of points) {
    const { instants, values, scaler } = history;
    const { numerator, denominator } = point.multiplier;
    let cursor = 0;
    for (let index = 0; cursor + 1 < values.length; index += 1) {
      const day = DateTime.fromISO(fromDay, { zone: 'utc' }).plus({ days: index }).toISODate() as string;
      const { firstSlotMs, slotCount } = slotsOfLocalDay(project.zone, day, project.slotMinutes);
      const rates = ratesOfDay(project, scheme, day);
      if (instants[cursor] !== firstSlotMs) throw new RangeError(`history of ${point.code} does not begin with ${day}`);
      let sum = 0;
      for (let slot = 0; slot < slotCount && cursor + 1 < values.length; slot += 1, cursor += 1) {
        if ((instants[cursor + 1] as number) - (instants[cursor] as number) !== stepMs) throw new RangeError(`history of ${point.code} has a hole`);
        const counts = (values[cursor + 1] as number) - (values[cursor] as number);
        const consumption = Math.floor((counts * 10 ** scaler * numerator) / denominator);
        sum += chargeOf(consumption, rates[slot] ?? 0);
      }
      charges[index] = (charges[index] ?? 0) + sum;
    }
  }
  return charges;
}
