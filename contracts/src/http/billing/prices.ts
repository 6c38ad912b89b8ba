// SPDX-License-Identifier: Apache-2.0
/** Price schemes and their versions. */
import { z } from 'zod';
import { media } from '../../quantities.ts';
import { tariffCalendarShape } from '../../tariff-calendar.ts';
import { touPeriods } from '../../tou-period.ts';
import { billingPageLimitMax, chargeComponents } from './vocabulary.ts';
import { counter, instantMs, micros, who } from './words.ts';

/** Listed: approved by a second person, but of the past: it holds when finance has approved the list of differences. */
export const priceVersionStates = ['draft', 'submitted', 'listed', 'approved', 'withdrawn'] as const;
export type PriceVersionState = (typeof priceVersionStates)[number];
/** Micros per kWh, m³ or kW. Negative where the customer is paid, as some hours of a wholesale price are. */
const rateMicros = z.number().int().min(-1_000_000_000_000).max(1_000_000_000_000);
export const ratesShape = z
  .partialRecord(z.enum(touPeriods), rateMicros)
  .describe('Micros per kWh (electricity) or m³ (water, gas) for each period its calendar uses.');
export type Rates = z.infer<typeof ratesShape>;
/** Rates that differ from those of the rest of the year, by the season's name in the calendar. */
export const seasonRatesShape = z.record(z.string(), ratesShape);

export const tierSpans = ['month', 'year'] as const;
/** Tiers count what the account has used at the metering point since the local month or year began, in all periods together. */
export const tiersShape = z.strictObject({
  span: z.enum(tierSpans),
  /** Beyond the version's own rates, which hold from 0; by rising `above`. */
  steps: z
    .array(
      z.strictObject({
        above: z.number().int().min(1).describe('Base units (Wh, l, dm³) used before it begins.'),
        rates: ratesShape,
        seasonRates: seasonRatesShape.default({}),
      }),
    )
    .min(1)
    .max(20),
});
export type Tiers = z.infer<typeof tiersShape>;

/** Names an item within its version, on lines and documents. */
const itemName = z.string().trim().min(1).max(60);
export const demandItemShape = z.strictObject({
  name: itemName,
  /** The highest mean power of the month in this period; null: at any time. */
  period: z.enum(touPeriods).nullable(),
  window: z.enum(['block', 'sliding']),
  windowMinutes: z.union([z.literal(15), z.literal(30), z.literal(60)]),
  /** Per kW and month. */
  rateMicros,
  seasonRatesMicros: z.record(z.string(), rateMicros).default({}),
});
export const fixedItemShape = z.strictObject({
  name: itemName,
  per: z.enum(['day', 'month']),
  /** 'kw': times the contracted demand of the metering point. */
  basis: z.enum(['point', 'kw']),
  amountMicros: z.number().int().min(0).max(1_000_000_000_000_000),
});
export const adjustmentShape = z.strictObject({
  name: itemName,
  component: z.enum(['surcharge', 'tax', 'rebate']),
  /** 'share': parts per million of the named components; 'unit': micros per kWh or m³; negative for a rebate. */
  basis: z.enum(['share', 'unit']),
  value: z.number().int().min(-1_000_000_000).max(1_000_000_000),
  /** Of which components a share is taken; of surcharges, taxes and rebates only those listed before it. */
  of: z.array(z.enum(chargeComponents)).default(['energy']),
});
/** Everything of a version beyond its rates. A month's amounts are prorated by the days the version held in it. */
export const priceTermsShape = z.strictObject({
  seasonRates: seasonRatesShape.default({}),
  tiers: tiersShape.nullable().default(null),
  /** Prices by hour or half-hour from a table instead of rates (dynamic prices); a slot without one is unpriced. */
  priceSeriesId: z.string().nullable().default(null),
  demand: z.array(demandItemShape).max(20).default([]),
  fixed: z.array(fixedItemShape).max(20).default([]),
  minimumMonthMicros: z.number().int().min(0).max(1_000_000_000_000_000).default(0),
  adjustments: z.array(adjustmentShape).max(20).default([]),
});
export type PriceTerms = z.infer<typeof priceTermsShape>;
export type PriceTermsBody = z.input<typeof priceTermsShape>;
/** A version of rates alone. */
export const plainTerms: PriceTerms = {
  seasonRates: {},
  tiers: null,
  priceSeriesId: null,
  demand: [],
  fixed: [],
  minimumMonthMicros: 0,
  adjustments: [],
};

export const priceVersionShape = z.object({
  priceVersionId: z.string(),
  priceSchemeId: z.string(),
  /** Counts the scheme's versions from 1. */
  number: counter,
  state: z.enum(priceVersionStates),
  /** Approved and holding at the time of the answer. */
  inForce: z.boolean(),
  effectiveFromMs: instantMs,
  rates: ratesShape,
  terms: priceTermsShape,
  /** The calendar as it stood when the version was drafted: a later change of the project's calendar needs a new version. */
  calendar: tariffCalendarShape,
  note: z.string().nullable(),
  draftedBy: who,
  draftedAtMs: instantMs,
  submittedBy: who.nullable(),
  submittedAtMs: instantMs.nullable(),
  approvedBy: who.nullable(),
  approvedAtMs: instantMs.nullable(),
  withdrawnBy: who.nullable(),
  withdrawnAtMs: instantMs.nullable(),
  /** Where it was approved after it began to hold, or withdrawn after it held: the differences posted. Null otherwise. */
  notice: z
    .object({
      state: z.enum(['running', 'done']),
      accounts: counter,
      postings: counter,
      amountMicros: micros,
      /** Metering points charged anew so far, and in all. */
      pointsDone: counter,
      pointsTotal: counter,
    })
    .nullable(),
});
export type PriceVersion = z.infer<typeof priceVersionShape>;
export const priceSchemeShape = z.object({
  priceSchemeId: z.string(),
  name: z.string(),
  medium: z.enum(media),
  createdAtMs: instantMs,
  createdBy: who,
  /** Points of open accounts that are charged by it. */
  points: counter,
  versions: z.array(priceVersionShape),
});
export type PriceScheme = z.infer<typeof priceSchemeShape>;
/** GET …/price-schemes */
export const priceSchemeListShape = z.object({
  currency: z.string(),
  zone: z.string(),
  schemes: z.array(priceSchemeShape),
});
export type PriceSchemeList = z.infer<typeof priceSchemeListShape>;
/** POST …/price-schemes → 201 priceSchemeShape */
export const priceSchemeBodyShape = z.strictObject({
  name: z.string().trim().min(1).max(100),
  medium: z.enum(media),
});
export type PriceSchemeBody = z.input<typeof priceSchemeBodyShape>;
/** POST …/price-schemes/{priceSchemeId}/versions → 201 priceVersionShape, a draft */
export const priceVersionBodyShape = z.strictObject({
  effectiveFromMs: instantMs.describe(
    'On the slot grid. In the past: a retroactive notice, whose differences are posted on approval.',
  ),
  rates: ratesShape.describe('Empty where a price series gives the prices.'),
  terms: priceTermsShape.optional().describe('Left out: rates alone.'),
  calendar: tariffCalendarShape
    .optional()
    .describe(
      "The version's own periods, seasons and special days. Left out: the project's calendar as it stands.",
    ),
  note: z.string().trim().max(500).optional(),
});
export type PriceVersionBody = z.input<typeof priceVersionBodyShape>;
/** POST …/versions/{priceVersionId}/submit | approve | withdraw → priceVersionShape. Approval by another person than drafted or submitted it. */

/** GET …/versions/{priceVersionId}/notice: the differences a retroactive notice posted. */
export const priceNoticeQueryShape = z.object({
  limit: z.coerce.number().int().min(1).max(billingPageLimitMax).default(100),
  after: z.string().max(200).optional(),
});
export const priceNoticeShape = z.object({
  currency: z.string(),
  differences: z.array(
    z.object({
      accountId: z.string(),
      tenantName: z.string(),
      postingId: z.string(),
      recordedAtMs: instantMs,
      consumption: z.number().int(),
      amountMicros: micros,
    }),
  ),
  next: z.string().nullable(),
});
export type PriceNotice = z.infer<typeof priceNoticeShape>;
