// SPDX-License-Identifier: Apache-2.0
/** What was charged by day and period, and how each amount came about. */
import { z } from 'zod';
import { qualities } from '../../quality.ts';
import { media, quantities } from '../../quantities.ts';
import { touPeriods } from '../../tou-period.ts';
import { asOfShape } from '../as-of.ts';
import { itemWorkingShape } from './price-preview.ts';
import { tierSpans, tiersShape } from './prices.ts';
import { chargeComponents, dayRangeQueryShape, unpricedReasons } from './vocabulary.ts';
import { chargeCauses } from './ledger.ts';
import { counter, instantMs, localDay, micros, who } from './words.ts';

/** GET …/accounts/{accountId}/charges: absolute charges (not differences) by day and period. */
export const chargesQueryShape = dayRangeQueryShape.extend({
  grain: z.enum(['day', 'month']).default('day'),
  meteringPointId: z.string().optional(),
});
export const chargeRowShape = z.object({
  /** Local day, or month 'YYYY-MM'. */
  span: z.string(),
  meteringPointId: z.string(),
  medium: z.enum(media),
  consumption: z.number().int(),
  amountMicros: micros,
  unpricedConsumption: z.number().int(),
  periods: z.array(
    z.object({
      period: z.enum(touPeriods),
      priceVersionId: z.string(),
      consumption: z.number().int(),
      amountMicros: micros,
    }),
  ),
  /** Demand, fixed charges, taxes and the like. By day they stand on the account's first day of the month. */
  items: z.array(
    z.object({
      component: z.enum(chargeComponents),
      item: z.string(),
      priceVersionId: z.string(),
      amountMicros: micros,
    }),
  ),
});
export type ChargeRow = z.infer<typeof chargeRowShape>;
export const chargesShape = z.object({
  currency: z.string(),
  rows: z.array(chargeRowShape),
  totals: z.array(
    z.object({
      medium: z.enum(media),
      consumption: z.number().int(),
      amountMicros: micros,
      unpricedConsumption: z.number().int(),
    }),
  ),
  asOf: asOfShape,
});
export type Charges = z.infer<typeof chargesShape>;

/** GET …/accounts/{accountId}/charges/explain: every slot behind a day's amount. */
export const explainQueryShape = z.object({ meteringPointId: z.string(), day: localDay });
export const explainSlotShape = z.object({
  startMs: instantMs,
  endMs: instantMs,
  segmentId: z.string(),
  meterId: z.string(),
  quantity: z.enum(quantities),
  consumption: z.number().int(),
  quality: z.enum(qualities),
  revision: z.number().int(),
  period: z.enum(touPeriods).nullable(),
  priceVersionId: z.string().nullable(),
  unpricedReason: z.enum(unpricedReasons).nullable(),
  /** Of the version's calendar on the day. */
  season: z.string().nullable(),
  /** Where the price has tiers: what had been used before the slot since the local month or year began. */
  position: z.object({ span: z.enum(tierSpans), consumption: z.number().int() }).nullable(),
  /** The slot by tier: several where it crosses a boundary; none where it is unpriced. */
  parts: z.array(
    z.object({
      /** From 0; null where the price has no tiers. */
      tier: counter.nullable(),
      /** Per kWh or m³. */
      rateMicros: micros,
      consumption: z.number().int(),
      amountMicros: micros,
      roundingMilliMicros: z.number().int(),
    }),
  ),
  /** Per kWh or m³; null where it is unpriced or several rates hold. */
  rateMicros: micros.nullable(),
  amountMicros: micros,
  /** Σ of the parts' amount × 1000 − consumption × rate, in thousandths of a micro: what rounding (half away from zero) added. */
  roundingMilliMicros: z.number().int(),
});
export type ExplainSlot = z.infer<typeof explainSlotShape>;
export const explainedVersionShape = z.object({
  priceVersionId: z.string(),
  priceSchemeId: z.string(),
  schemeName: z.string(),
  number: counter,
  effectiveFromMs: instantMs,
  approvedBy: who,
  approvedAtMs: instantMs,
  /** Where it has tiers. */
  tiers: tiersShape.nullable(),
});
export const explainedPostingShape = z.object({
  postingId: z.string(),
  sequence: counter.nullable(),
  recordedAtMs: instantMs,
  cause: z.enum(chargeCauses),
  consumption: z.number().int(),
  amountMicros: micros,
});
export const explainShape = z.object({
  accountId: z.string(),
  meteringPointId: z.string(),
  medium: z.enum(media),
  day: localDay,
  zone: z.string(),
  slotMinutes: z.number().int(),
  slots: z.array(explainSlotShape),
  /** Between which instants each segment's registers account for the day: their readings are the stream's (slot evidence). */
  segments: z.array(
    z.object({
      segmentId: z.string(),
      meterId: z.string(),
      fromMs: instantMs,
      toMs: instantMs,
      consumption: z.number().int(),
    }),
  ),
  consumption: z.number().int(),
  amountMicros: micros,
  unpricedConsumption: z.number().int(),
  /** The versions named in the slots. */
  priceVersions: z.array(explainedVersionShape),
  /** The postings that brought the amount to where it is. */
  postings: z.array(explainedPostingShape),
});
export type Explain = z.infer<typeof explainShape>;

/** GET …/accounts/{accountId}/charges/items: what a month costs beyond its energy, each item with its working. */
export const monthItemsQueryShape = z.object({
  meteringPointId: z.string(),
  month: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'a month, YYYY-MM'),
});
export const monthItemsShape = z.object({
  accountId: z.string(),
  meteringPointId: z.string(),
  medium: z.enum(media),
  month: z.string(),
  zone: z.string(),
  currency: z.string(),
  /** Days that ended later are not in it yet. Null where no price of the account ever had items. */
  asOfMs: instantMs.nullable(),
  /** The local day on which they stand: the account's first in the month. Null without items. */
  localDay: localDay.nullable(),
  energy: z.object({ consumption: z.number().int(), amountMicros: micros }),
  items: z.array(
    z.object({
      component: z.enum(chargeComponents),
      item: z.string(),
      priceVersionId: z.string(),
      amountMicros: micros,
      working: itemWorkingShape,
    }),
  ),
  amountMicros: micros,
  priceVersions: z.array(explainedVersionShape),
  postings: z.array(explainedPostingShape),
});
export type MonthItems = z.infer<typeof monthItemsShape>;
