// SPDX-License-Identifier: Apache-2.0
/** What was charged by day and period, and how each amount came about. */
import { z } from 'zod';
import { qualities } from '../../quality.ts';
import { media, quantities } from '../../quantities.ts';
import { touPeriods } from '../../tou-period.ts';
import { asOfShape } from '../as-of.ts';
import { dayRangeQueryShape, unpricedReasons } from './vocabulary.ts';
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
  /** Per kWh or m³. */
  rateMicros: micros.nullable(),
  amountMicros: micros,
  /** amount × 1000 − consumption × rate, in thousandths of a micro: what rounding (half away from zero) added. */
  roundingMilliMicros: z.number().int(),
});
export type ExplainSlot = z.infer<typeof explainSlotShape>;
export const explainShape = z.object({
  accountId: z.string(),
  meteringPointId: z.string(),
  medium: z.enum(media),
  day: localDay,
  zone: z.string(),
  slotMinutes: z.number().int(),
  slots: z.array(explainSlotShape),
  consumption: z.number().int(),
  amountMicros: micros,
  unpricedConsumption: z.number().int(),
  /** The versions named in the slots. */
  priceVersions: z.array(
    z.object({
      priceVersionId: z.string(),
      priceSchemeId: z.string(),
      schemeName: z.string(),
      number: counter,
      effectiveFromMs: instantMs,
      approvedBy: who,
      approvedAtMs: instantMs,
    }),
  ),
  /** The postings that brought the amount to where it is. */
  postings: z.array(
    z.object({
      postingId: z.string(),
      sequence: counter.nullable(),
      recordedAtMs: instantMs,
      cause: z.enum(chargeCauses),
      consumption: z.number().int(),
      amountMicros: micros,
    }),
  ),
});
export type Explain = z.infer<typeof explainShape>;
