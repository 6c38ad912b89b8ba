// SPDX-License-Identifier: Apache-2.0
/**
 * Rating: what the slots of a day cost, and whom. A pure function of the slots, the accounts of the metering point
 * and the price versions; charging posts the difference between two of its results.
 */
import assert from 'node:assert/strict';
import {
  periodsOfLocalDay,
  slotLengthMs,
  type Medium,
  type Quantity,
  type TouPeriod,
} from '@wattledger/contracts';
import type { UnpricedReason } from '@wattledger/contracts/http/billing';
import { priceInForce, type PriceVersionTerms } from '../prices/price-version.ts';
import { chargeAmountMicros } from './amount.ts';
import {
  emptyCharge,
  noAccount,
  noPriceInForce,
  quantityNotCharged,
  type SlotDay,
  type SlotDayCharge,
} from './slot-day.ts';

/** The time an account pays for a metering point: it owns the slots that begin in [openedAtMs, closedAtMs). */
export interface AccountSpan {
  readonly accountId: string;
  readonly medium: Medium;
  readonly priceSchemeId: string;
  readonly openedAtMs: number;
  readonly closedAtMs: number | null;
  /** Where a demand price asks for it; null where none was agreed. */
  readonly contractedDemandW: number | null;
}

/** Prices as charging knows them. */
export interface PriceBook {
  /** Approved versions of a scheme, in order of taking effect. */
  inOrder(priceSchemeId: string): readonly PriceVersionTerms[];
  version(priceVersionId: string): PriceVersionTerms;
}

/** What a medium's account pays for. Export is shown, never charged. */
const chargedQuantity: Readonly<Record<Medium, Quantity>> = {
  electricity: 'active-import',
  water: 'water-volume',
  gas: 'gas-volume',
};

export const ownerOfSlot = (spans: readonly AccountSpan[], startMs: number): AccountSpan | undefined =>
  spans.find((span) => span.openedAtMs <= startMs && (span.closedAtMs === null || startMs < span.closedAtMs));

/** Period of each slot of the day under a version's calendar. */
export function periodsOfDay(day: SlotDay, version: PriceVersionTerms): readonly TouPeriod[] {
  const periods = periodsOfLocalDay(version.calendar, day.zone, day.localDay, day.slotMinutes);
  assert.equal(periods.length, day.consumption.length, `day ${day.localDay} has as many periods as slots`);
  return periods;
}

/** Charges every known slot of the day to the account that owns it, at the price in force when it begins. */
export function rateSlotDay(day: SlotDay, spans: readonly AccountSpan[], book: PriceBook): SlotDayCharge {
  const length = slotLengthMs(day.slotMinutes);
  const dayEndMs = day.firstSlotMs + day.consumption.length * length;
  const touching = spans.filter(
    (span) => span.openedAtMs < dayEndMs && (span.closedAtMs === null || span.closedAtMs > day.firstSlotMs),
  );
  if (touching.length === 0) return emptyCharge(day.consumption.length);
  const accountIndex: number[] = [];
  const versionIndex: number[] = [];
  const amountMicros: number[] = [];
  const accountIds: string[] = [];
  const priceVersionIds: string[] = [];
  day.consumption.forEach((consumption, slot) => {
    const startMs = day.firstSlotMs + slot * length;
    const owner = consumption === null ? undefined : ownerOfSlot(touching, startMs);
    if (consumption === null || owner === undefined) {
      accountIndex.push(0);
      versionIndex.push(noAccount);
      amountMicros.push(0);
      return;
    }
    accountIndex.push(placeOf(accountIds, owner.accountId));
    if (chargedQuantity[owner.medium] !== day.quantity) {
      versionIndex.push(quantityNotCharged);
      amountMicros.push(0);
      return;
    }
    const version = priceInForce(book.inOrder(owner.priceSchemeId), startMs);
    if (version === null) {
      versionIndex.push(noPriceInForce);
      amountMicros.push(0);
      return;
    }
    versionIndex.push(placeOf(priceVersionIds, version.priceVersionId));
    amountMicros.push(chargeAmountMicros(consumption, rateOf(version, periodsOfDay(day, version)[slot])));
  });
  return { accountIndex, versionIndex, amountMicros, accountIds, priceVersionIds };
}

/** Place of an id in a list of distinct ids, from 1; added when new. */
function placeOf(ids: string[], id: string): number {
  const place = ids.indexOf(id);
  if (place >= 0) return place + 1;
  ids.push(id);
  return ids.length;
}

/** Micros per kWh or m³. */
export function rateOf(version: PriceVersionTerms, period: TouPeriod | undefined): number {
  const rate = period === undefined ? undefined : version.rates[period];
  assert.ok(
    rate !== undefined,
    `price version ${version.priceVersionId} has a rate for each period of its calendar`,
  );
  return rate;
}

export interface DayLine {
  readonly period: TouPeriod | null;
  readonly priceVersionId: string | null;
  readonly unpricedReason: UnpricedReason | null;
  readonly consumption: number;
  readonly amountMicros: number;
}

/** What one account is charged for the day: absolute. */
export interface AccountDay {
  readonly accountId: string;
  readonly lines: readonly DayLine[];
  /** Slots by quality code: measured, estimated, edited, missing. */
  readonly slotsByQuality: readonly number[];
}

const lineKey = (line: DayLine): string =>
  `${line.period ?? ''}|${line.priceVersionId ?? ''}|${line.unpricedReason ?? ''}`;

/** The day's charge by account, summed by period and price version; unpriced consumption by reason. */
export function accountDays(day: SlotDay, charge: SlotDayCharge, book: PriceBook): readonly AccountDay[] {
  const periods = charge.priceVersionIds.map((id) => periodsOfDay(day, book.version(id)));
  return charge.accountIds.map((accountId, accountPlace) => {
    const lines = new Map<string, DayLine>();
    const slotsByQuality = [0, 0, 0, 0];
    charge.accountIndex.forEach((place, slot) => {
      if (place !== accountPlace + 1) return;
      const quality = day.quality[slot] as number;
      slotsByQuality[quality] = (slotsByQuality[quality] ?? 0) + 1;
      const version = charge.versionIndex[slot] as number;
      const added: DayLine = {
        period: version > 0 ? ((periods[version - 1] as readonly TouPeriod[])[slot] as TouPeriod) : null,
        priceVersionId: version > 0 ? (charge.priceVersionIds[version - 1] as string) : null,
        unpricedReason: unpricedReasonOf(version),
        consumption: day.consumption[slot] ?? 0,
        amountMicros: charge.amountMicros[slot] as number,
      };
      const key = lineKey(added);
      const line = lines.get(key);
      lines.set(key, line === undefined ? added : addLines(line, added));
    });
    return { accountId, lines: [...lines.values()], slotsByQuality };
  });
}

export function unpricedReasonOf(versionIndex: number): UnpricedReason | null {
  if (versionIndex === noPriceInForce) return 'no-price-in-force';
  if (versionIndex === quantityNotCharged) return 'quantity-not-charged';
  return null;
}

const addLines = (line: DayLine, added: DayLine): DayLine => ({
  ...line,
  consumption: line.consumption + added.consumption,
  amountMicros: line.amountMicros + added.amountMicros,
});

/** Lines that turn `before` into `after` when added; those that change nothing are left out. */
export function differenceLines(before: readonly DayLine[], after: readonly DayLine[]): readonly DayLine[] {
  const differences = new Map<string, DayLine>(after.map((line) => [lineKey(line), line]));
  for (const line of before) {
    const key = lineKey(line);
    const taken = { ...line, consumption: 0 - line.consumption, amountMicros: 0 - line.amountMicros };
    const left = differences.get(key);
    differences.set(key, left === undefined ? taken : addLines(left, taken));
  }
  return [...differences.values()].filter((line) => line.consumption !== 0 || line.amountMicros !== 0);
}
