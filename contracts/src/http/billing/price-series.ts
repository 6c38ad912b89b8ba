// SPDX-License-Identifier: Apache-2.0
/** Price series: a price for each hour or half-hour, from a market or a supplier's table. Points are only added. */
import { z } from 'zod';
import { media } from '../../quantities.ts';
import { counter, instantMs, who } from './words.ts';

/** Micros per kWh or m³; negative where the customer is paid. */
const priceMicros = z.number().int().min(-1_000_000_000_000).max(1_000_000_000_000);
/** How long a point's price holds. */
export const priceSeriesMinutes = [30, 60] as const;
export const priceSeriesPointsMax = 100_000;
export const priceSeriesCsvMax = 6_000_000;
const name = z.string().trim().min(1).max(100);

/**
 * POST …/price-series → priceSeriesAdditionShape. The name tells the series: a new one begins it, a known one adds to it.
 * With `dryRun` nothing is written and the faults are listed; without, any fault refuses the whole (422 price-series-faulty).
 */
export const priceSeriesBodyShape = z
  .strictObject({
    name,
    medium: z.enum(media),
    minutes: z.union([z.literal(30), z.literal(60)]),
    dryRun: z.boolean().default(false),
    csv: z
      .string()
      .max(priceSeriesCsvMax)
      .optional()
      .describe(
        'Rows of start and price per kWh or m³, separated by comma, semicolon or tab; a head line is passed over. A start without an offset is local time of the project.',
      ),
    points: z
      .array(z.strictObject({ startMs: instantMs, priceMicros }))
      .max(priceSeriesPointsMax)
      .optional(),
  })
  .refine((body) => (body.csv === undefined) !== (body.points === undefined), 'give either csv or points');
export type PriceSeriesBody = z.input<typeof priceSeriesBodyShape>;

export const priceSeriesFaultCodes = [
  'unreadable-row',
  'unreadable-start',
  'unreadable-price',
  'off-grid',
  'repeated-start',
  'price-stands',
  'too-many-rows',
  'no-rows',
] as const;
export const priceSeriesAdditionShape = z.object({
  /** Null in a dry run of a new series. */
  priceSeriesId: z.string().nullable(),
  dryRun: z.boolean(),
  /** Points that are new, and points that stand already with the same price. */
  added: counter,
  standing: counter,
  negative: counter,
  /** The first row's start and the last one's end. */
  fromMs: instantMs.nullable(),
  toMs: instantMs.nullable(),
  /** At most 100; `faultCount` counts all. Lines count from 1. */
  faults: z.array(z.object({ line: counter, code: z.enum(priceSeriesFaultCodes), message: z.string() })),
  faultCount: counter,
});
export type PriceSeriesAddition = z.infer<typeof priceSeriesAdditionShape>;

export const priceSeriesShape = z.object({
  priceSeriesId: z.string(),
  name,
  medium: z.enum(media),
  minutes: z.union([z.literal(30), z.literal(60)]),
  createdAtMs: instantMs,
  createdBy: who,
  points: counter,
  /** The first point's start and the last one's end; null while there are none. */
  fromMs: instantMs.nullable(),
  toMs: instantMs.nullable(),
});
export type PriceSeries = z.infer<typeof priceSeriesShape>;
/** GET …/price-series */
export const priceSeriesListShape = z.object({ currency: z.string(), series: z.array(priceSeriesShape) });
export type PriceSeriesList = z.infer<typeof priceSeriesListShape>;

/** GET …/price-series/{priceSeriesId}/points?fromMs&toMs: of at most 400 days. */
export const priceSeriesParamsShape = z.object({ projectId: z.string(), priceSeriesId: z.string() });
export const priceSeriesPointsDaysMax = 400;
export const priceSeriesPointsQueryShape = z.object({
  fromMs: z.coerce.number().int().min(0).max(253_402_300_799_999),
  toMs: z.coerce.number().int().min(0).max(253_402_300_799_999),
});
export const priceSeriesPointsShape = z.object({
  currency: z.string(),
  minutes: z.number().int(),
  points: z.array(z.object({ startMs: instantMs, priceMicros })),
});
export type PriceSeriesPoints = z.infer<typeof priceSeriesPointsShape>;
