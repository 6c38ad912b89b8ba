// SPDX-License-Identifier: Apache-2.0
/**
 * The meter log: everything that determines a meter's energy, in one topic keyed by meter, so that its order is the
 * log's order. Two kinds of record: readings, and the meter's mountings (segments). Because both travel in one
 * partition, the same log always folds to the same slots.
 */
import { z } from 'zod';
import { quantities } from '../quantities.ts';
import { slotMinutesAllowed } from '../slot.ts';
import { tariffCalendarShape } from '../tariff-calendar.ts';

export const readingSources = ['poll', 'push', 'import', 'back-fill', 'manual'] as const;
export type ReadingSource = (typeof readingSources)[number];

/**
 * Readings of one meter. Columnar, so that a month of half-hours costs a few kilobytes.
 * value × 10^scaler is the register's value in the base unit of its quantity (Wh, l, dm³): a register that shows
 * 0.01 kWh per count has scaler 1 (10 Wh). `quality` is a quality code, one for all readings of the series.
 */
export const readingBatchShape = z.object({
  kind: z.literal('readings'),
  meterId: z.string(),
  projectId: z.string(),
  source: z.enum(readingSources),
  /** When the collector had them, ms. */
  receivedAt: z.number().int(),
  series: z.array(
    z.object({
      register: z.string(),
      scaler: z.number().int().min(-6).max(6),
      /** Code 3 (missing): nothing is known of the span that ends at these readings; the register shows no movement. */
      quality: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]),
      /** ms since the epoch, any order. */
      instants: z.array(z.number().int()),
      /** Whole register counts, same length as instants. */
      values: z.array(z.number().int()),
    }),
  ),
});
export type ReadingBatch = z.infer<typeof readingBatchShape>;

/**
 * A segment: the time a meter's register is mounted at a metering point with one multiplier and one register width.
 * Half-open [fromMs, toMs). Opening and closing values (register counts × 10^scaler base units) are given where a
 * person read them at an exchange; otherwise the first and last readings inside the segment stand for them.
 */
export const segmentShape = z.object({
  segmentId: z.string(),
  register: z.string(),
  meteringPointId: z.string(),
  quantity: z.enum(quantities),
  fromMs: z.number().int(),
  toMs: z.number().int().nullable(),
  /** CT × PT as a fraction of whole numbers. */
  multiplierNumerator: z.number().int().positive(),
  multiplierDenominator: z.number().int().positive(),
  /** Largest register count before it starts at zero again; null when unknown (then a fall is never a rollover). */
  registerMax: z.number().int().positive().nullable(),
  /** Most power (W; for water and gas base units per hour) the point can carry; bounds the plausibility of a step. */
  powerMax: z.number().int().positive().nullable(),
  openingReading: z
    .object({ instantMs: z.number().int(), value: z.number().int(), scaler: z.number().int() })
    .nullable(),
  closingReading: z
    .object({ instantMs: z.number().int(), value: z.number().int(), scaler: z.number().int() })
    .nullable(),
});
export type Segment = z.infer<typeof segmentShape>;

/** All segments of one meter, complete: the newest mounting record replaces the ones before. */
export const mountingShape = z.object({
  kind: z.literal('mounting'),
  meterId: z.string(),
  projectId: z.string(),
  zone: z.string(),
  slotMinutes: z.literal(slotMinutesAllowed),
  calendar: tariffCalendarShape,
  segments: z.array(segmentShape),
});
export type Mounting = z.infer<typeof mountingShape>;

export const meterLogShape = z.discriminatedUnion('kind', [readingBatchShape, mountingShape]);
export type MeterLogRecord = z.infer<typeof meterLogShape>;
