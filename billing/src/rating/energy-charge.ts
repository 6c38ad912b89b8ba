// SPDX-License-Identifier: Apache-2.0
/**
 * What the consumption of one slot costs: by period, by season, by hourly price, and split where it crosses the
 * boundary of a tier. Pure; docs/decisions/0020-rating.md has the rules.
 */
import assert from 'node:assert/strict';
import type { TouPeriod } from '@wattledger/contracts';
import type { Rates } from '@wattledger/contracts/http/billing';
import { chargeAmountMicros } from '../charging/amount.ts';
import type { PriceVersionTerms } from '../prices/price-version.ts';

/** Prices by hour or half-hour, as far as they were read for the days at hand. */
export interface PriceSeriesBook {
  /** Micros per kWh or m³ that hold at an instant; null where the series says nothing of it. */
  priceAt(priceSeriesId: string, instantMs: number): number | null;
}
/** For versions of rates alone. */
export const noPriceSeries: PriceSeriesBook = { priceAt: () => null };

/** What the account has used at the metering point before a slot, since its local month and its local year began. */
export interface TierPosition {
  readonly monthConsumption: number;
  readonly yearConsumption: number;
}

export interface RatedSlot {
  readonly period: TouPeriod;
  /** Of the slot's local day; see `seasonOfDay`. */
  readonly season: string;
  readonly startMs: number;
  /** Base units; negative where a correction takes back more than was known. */
  readonly consumption: number;
  readonly position: TierPosition;
}

/** Consumption of a slot within one tier. */
export interface ChargePart {
  /** Counts from 0, the version's own rates. */
  readonly tier: number;
  readonly rateMicros: number;
  readonly consumption: number;
  /** Consumption × rate / 1000, rounded half away from zero. */
  readonly amountMicros: number;
}
export interface SlotCharge {
  /** In the order in which the consumption passed; one unless a tier's boundary was crossed. */
  readonly parts: readonly ChargePart[];
  /** Σ of the parts. */
  readonly amountMicros: number;
}

/** True where a slot's rate depends on its period alone: then `plainRate` is all there is to know. */
export function hasPlainRates(version: PriceVersionTerms): boolean {
  const { tiers, priceSeriesId, seasonRates } = version.terms;
  return tiers === null && priceSeriesId === null && Object.keys(seasonRates).length === 0;
}

/** Micros per kWh or m³ of a version with plain rates. */
export function plainRate(version: PriceVersionTerms, period: TouPeriod): number {
  const rate = version.rates[period];
  assert.ok(rate !== undefined, `price version ${version.priceVersionId} has a rate for ${period}`);
  return rate;
}

/** Micros per kWh or m³ in a tier: what the season says of the period, else what holds all year. */
export function rateOfTier(
  version: PriceVersionTerms,
  tier: number,
  season: string,
  period: TouPeriod,
): number {
  const step: { readonly rates: Rates; readonly seasonRates: Readonly<Record<string, Rates>> } | undefined =
    tier === 0
      ? { rates: version.rates, seasonRates: version.terms.seasonRates }
      : version.terms.tiers?.steps[tier - 1];
  const rate = step?.seasonRates[season]?.[period] ?? step?.rates[period];
  assert.ok(
    rate !== undefined,
    `price version ${version.priceVersionId} has a rate for ${season}, ${period} in tier ${tier}`,
  );
  return rate;
}

/**
 * Charges the consumption of one slot. Null where the version takes its prices from a series that has none for the
 * slot's start: the slot is then unpriced.
 */
export function chargeSlot(
  version: PriceVersionTerms,
  slot: RatedSlot,
  series: PriceSeriesBook,
): SlotCharge | null {
  const { tiers, priceSeriesId } = version.terms;
  if (priceSeriesId !== null) {
    const rateMicros = series.priceAt(priceSeriesId, slot.startMs);
    return rateMicros === null ? null : wholeSlot(rateMicros, slot.consumption);
  }
  if (tiers === null) return wholeSlot(rateOfTier(version, 0, slot.season, slot.period), slot.consumption);
  const position = tiers.span === 'month' ? slot.position.monthConsumption : slot.position.yearConsumption;
  return splitSlot(tiers.steps, position, slot.consumption, (tier) =>
    rateOfTier(version, tier, slot.season, slot.period),
  );
}

function wholeSlot(rateMicros: number, consumption: number): SlotCharge {
  const amountMicros = chargeAmountMicros(consumption, rateMicros);
  return { parts: [{ tier: 0, rateMicros, consumption, amountMicros }], amountMicros };
}

/**
 * Walks from `position` by `consumption` through the tiers. Downwards it passes the same boundaries in reverse, so that
 * what was charged upwards comes back exactly.
 * @param steps rising; tier k + 1 holds what is used beyond steps[k]
 */
function splitSlot(
  steps: readonly { readonly above: number }[],
  position: number,
  consumption: number,
  rateOf: (tier: number) => number,
): SlotCharge {
  const low = Math.min(position, position + consumption);
  const high = Math.max(position, position + consumption);
  const parts: ChargePart[] = [];
  let amountMicros = 0;
  for (let tier = 0; tier <= steps.length; tier += 1) {
    const from = Math.max(low, steps[tier - 1]?.above ?? -Infinity);
    const to = Math.min(high, steps[tier]?.above ?? Infinity);
    if (to <= from) continue;
    const part = consumption < 0 ? from - to : to - from;
    const rateMicros = rateOf(tier);
    const amount = chargeAmountMicros(part, rateMicros);
    parts.push({ tier, rateMicros, consumption: part, amountMicros: amount });
    amountMicros += amount;
  }
  if (parts.length === 0) {
    const tier = steps.filter((step) => step.above <= position).length;
    parts.push({ tier, rateMicros: rateOf(tier), consumption: 0, amountMicros: 0 });
  }
  return { parts: consumption < 0 ? parts.reverse() : parts, amountMicros };
}
