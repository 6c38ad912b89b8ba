// SPDX-License-Identifier: Apache-2.0
/** How long a balance lasts at the pace of the last measured days. Pure. */
import { divideRounded } from '@wattledger/contracts';
import { DateTime } from 'luxon';

/** Days looked back on, and how many of them must have been measured. */
export const daysLeftWindow = { daysMax: 14, daysMin: 7 } as const;

/** A day's charge of one account. */
export interface MeasuredDay {
  readonly localDay: string;
  readonly amountMicros: number;
  readonly slotsMeasured: number;
  readonly slotsMissing: number;
}

/** The complete local days looked back on: [from, to], today excluded. */
export function daysLeftRange(today: string): { readonly fromDay: string; readonly toDay: string } {
  const day = DateTime.fromISO(today, { zone: 'utc' });
  return {
    fromDay: day.minus({ days: daysLeftWindow.daysMax }).toISODate() as string,
    toDay: day.minus({ days: 1 }).toISODate() as string,
  };
}

export interface DaysLeft {
  readonly dailyChargeMicros: number;
  /** Null when nothing is being spent. */
  readonly daysLeft: number | null;
}

/**
 * Average charge of the measured days in the window and the whole days the balance lasts. A day counts when it has
 * measured slots and none missing: a hole would make the tenant look thriftier than he is.
 * Null when fewer than seven days count.
 */
export function daysLeft(balanceMicros: number, days: readonly MeasuredDay[]): DaysLeft | null {
  const counted = days.filter((day) => day.slotsMeasured > 0 && day.slotsMissing === 0);
  if (counted.length < daysLeftWindow.daysMin) return null;
  const sum = counted.reduce((total, day) => total + day.amountMicros, 0);
  const dailyChargeMicros = Number(divideRounded(BigInt(sum), BigInt(counted.length)));
  if (balanceMicros <= 0) return { dailyChargeMicros, daysLeft: 0 };
  return {
    dailyChargeMicros,
    daysLeft: dailyChargeMicros > 0 ? Math.floor(balanceMicros / dailyChargeMicros) : null,
  };
}
