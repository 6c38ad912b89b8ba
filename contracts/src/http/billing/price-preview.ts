// SPDX-License-Identifier: Apache-2.0
/** What a draft would ask for a month of consumption, before anybody saves it; and the numbers that explain an item. */
import { z } from 'zod';
import { tariffCalendarShape } from '../../tariff-calendar.ts';
import { touPeriods } from '../../tou-period.ts';
import { priceTermsShape, ratesShape } from './prices.ts';
import { chargeComponents } from './vocabulary.ts';
import { counter, instantMs, localDay, micros } from './words.ts';

/** The highest demand of a season, and what it is asked for. */
export const demandPeakShape = z.object({
  season: z.string(),
  demandW: z.number().int(),
  /** Start of the window, and the local day of its last slot; null where no window is complete. */
  atMs: instantMs.nullable(),
  localDay: localDay.nullable(),
  /** Per kW and month. */
  rateMicros: micros,
  /** Days of the season that the version holds in the account's month. */
  days: counter,
});
/** The numbers that explain an item of a month. */
export const itemWorkingShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('demand'), peaks: z.array(demandPeakShape), daysInMonth: counter }),
  z.object({
    kind: z.literal('fixed'),
    per: z.enum(['day', 'month']),
    /** Per day or month, and per kW where a contracted demand is given. */
    amountMicros: micros,
    days: counter,
    daysInMonth: counter,
    contractedDemandW: counter.nullable(),
  }),
  /** The minimum of the days held, and what energy, demand and fixed charges came to. */
  z.object({ kind: z.literal('minimum'), minimumMicros: micros, chargedMicros: micros }),
  z.object({
    kind: z.literal('share'),
    baseMicros: micros,
    /** Parts per million. */
    sharePpm: z.number().int(),
    of: z.array(z.enum(chargeComponents)),
  }),
  z.object({ kind: z.literal('unit'), consumption: z.number().int(), rateMicros: micros }),
]);
export type ItemWorking = z.infer<typeof itemWorkingShape>;
export type DemandPeak = z.infer<typeof demandPeakShape>;

/** How the sample's consumption lies in the day: the same always, mostly 08:00–20:00 on weekdays, or mostly 20:00–08:00. */
export const sampleShapes = ['even', 'day', 'night'] as const;
export type SampleShape = (typeof sampleShapes)[number];
/** POST …/price-schemes/{priceSchemeId}/versions/preview → pricePreviewShape; nothing is written. */
export const pricePreviewBodyShape = z.strictObject({
  rates: ratesShape,
  terms: priceTermsShape.optional(),
  calendar: tariffCalendarShape.optional().describe("Left out: the project's."),
  sample: z.strictObject({
    month: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'a month, YYYY-MM'),
    /** Base units in the month; the year's tiers count on as much in each month before it. */
    consumption: z.number().int().min(0).max(1_000_000_000_000),
    shape: z.enum(sampleShapes).default('even'),
    contractedDemandW: counter.default(0),
  }),
});
export type PricePreviewBody = z.input<typeof pricePreviewBodyShape>;
export const pricePreviewShape = z.object({
  currency: z.string(),
  /** What is wrong with the draft, by field; the bill is then left out. */
  faults: z.array(z.object({ path: z.string(), message: z.string() })),
  bill: z
    .object({
      lines: z.array(
        z.object({
          component: z.enum(chargeComponents),
          /** Energy: */
          period: z.enum(touPeriods).nullable(),
          season: z.string().nullable(),
          tier: counter.nullable(),
          /** Null where the prices come from a series. */
          rateMicros: micros.nullable(),
          consumption: z.number().int().nullable(),
          /** All else: */
          item: z.string().nullable(),
          working: itemWorkingShape.nullable(),
          amountMicros: micros,
        }),
      ),
      totalMicros: micros,
      consumption: z.number().int(),
      /** Where the price series says nothing of the month. */
      unpricedConsumption: z.number().int(),
    })
    .nullable(),
});
export type PricePreview = z.infer<typeof pricePreviewShape>;
