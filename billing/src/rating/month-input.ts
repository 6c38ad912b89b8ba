// SPDX-License-Identifier: Apache-2.0
/** What a month's items are made of, and what they are. */
import assert from 'node:assert/strict';
import type { LocalDay, SlotMinutes, TouPeriod } from '@wattledger/contracts';
import type { ChargeComponent } from '@wattledger/contracts/http/billing';
import type { PriceVersionTerms } from '../prices/price-version.ts';
import type { ItemWorking } from './item-working.ts';

/** Slots of one segment of the metering point on one local day. */
export interface DemandReading {
  readonly localDay: LocalDay;
  /** Start of the local day's first slot: blocks are counted from it. */
  readonly firstSlotMs: number;
  readonly slotMinutes: SlotMinutes;
  /** By slot; null where nothing is known, or where the slot is not the account's. */
  readonly consumption: readonly (number | null)[];
  /** By slot, under the calendar of the range's version. */
  readonly periods: readonly TouPeriod[];
}

/** A version's time in the account's month at the metering point. */
export interface MonthRange {
  readonly version: PriceVersionTerms;
  /** The instants at which its slots begin: [fromMs, toMs). */
  readonly fromMs: number;
  readonly toMs: number;
  /**
   * Local days whose last instant is the account's and this version's, of the whole month: those to come are named too,
   * up to the end of the month or of a closed account's span.
   */
  readonly days: readonly LocalDay[];
  /** How many of `days` have ended. */
  readonly daysFinished: number;
  /** Σ of the energy lines of this version in the month. */
  readonly energy: { readonly consumption: number; readonly amountMicros: number };
  /** Needed only where the version has demand items; slots outside the range are passed over. */
  readonly demand: readonly DemandReading[];
}

export interface MonthInput {
  /** YYYY-MM. */
  readonly month: string;
  readonly daysInMonth: number;
  /** The month, or the account's span in it, is over. */
  readonly ended: boolean;
  /** Of the metering point; null counts as 0. */
  readonly contractedDemandW: number | null;
  readonly ranges: readonly MonthRange[];
}

export interface MonthItem {
  readonly component: Exclude<ChargeComponent, 'energy'>;
  /** Its name in the price version. */
  readonly item: string;
  readonly priceVersionId: string;
  readonly amountMicros: number;
  /** The numbers that explain it. */
  readonly working: ItemWorking;
}

/** @throws AssertionError beyond 2^53: a month costs less */
export function wholeMicros(amount: bigint): number {
  const micros = Number(amount);
  assert.ok(Number.isSafeInteger(micros), 'a month costs less than 2^53 micros');
  return micros;
}
