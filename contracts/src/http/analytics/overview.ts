// SPDX-License-Identifier: Apache-2.0
/** The first page of the group and of a project. */
import { z } from 'zod';
import { media } from '../../quantities.ts';
import { asOfShape } from '../as-of.ts';
import { figureShape, slotCountsShape, spanShape, subjectShape } from './answer-parts.ts';
import { known, ratio, whole } from './asking.ts';

/** How much of a figure was measured: of its span up to now, and of the part of the span before that it is compared with. */
export const coverageShape = z.object({ asOf: asOfShape, before: asOfShape.nullable() });
export type Coverage = z.infer<typeof coverageShape>;

export const spansFigures = { today: figureShape, month: figureShape, year: figureShape };
export const spansCoverage = { today: coverageShape, month: coverageShape, year: coverageShape };

export const groupOverviewShape = z.object({
  nowMs: whole,
  projects: z.array(
    z.object({
      projectId: z.string(),
      code: z.string(),
      name: z.string(),
      zone: z.string(),
      currency: z.string(),
      address: z.string().nullable(),
      latitude: z.number().nullable(),
      longitude: z.number().nullable(),
      areaM2: z.number().nullable(),
      meteringPoints: whole,
      meters: whole,
      gateways: whole,
      tenants: whole,
      /** One entry per medium that the project meters. Comparison: the span before (yesterday, last month, last year). */
      media: z.array(
        z.object({
          medium: z.enum(media),
          unit: z.enum(['Wh', 'l', 'dm3']),
          ...spansFigures,
          coverage: z.object(spansCoverage),
          monthPerM2: z.number().nullable(),
          /** Quality of this month. */
          asOf: asOfShape,
        }),
      ),
      /** Money charged to accounts; null where the caller may not see money. */
      charges: z
        .object({ todayMicros: whole, monthMicros: whole, yearMicros: whole, monthBeforeMicros: whole })
        .nullable(),
    }),
  ),
});
export type GroupOverview = z.infer<typeof groupOverviewShape>;

const overviewMediumShape = z.object({
  medium: z.enum(media),
  unit: z.enum(['Wh', 'l', 'dm3']),
  /** Against yesterday, the month before, the year before: each up to the same part. */
  ...spansFigures,
  /** This month against the same days a year ago. */
  monthYearOnYear: figureShape,
  coverage: z.object({ ...spansCoverage, monthYearOnYear: coverageShape }),
  /** This month; adds up to `month`. */
  bySubItem: z.array(subjectShape.extend({ month: figureShape, share: ratio, slots: slotCountsShape })),
  byPlace: z.array(
    subjectShape.extend({
      month: figureShape,
      share: ratio,
      areaM2: z.number().nullable(),
      monthPerM2: z.number().nullable(),
      slots: slotCountsShape,
    }),
  ),
  /** Today's slots with yesterday's behind them, laid on local time of day. */
  curve: z.object({
    startMs: z.array(whole),
    localTime: z.array(z.string()),
    today: z.array(known),
    yesterday: z.array(known),
    /** Of today. */
    slotsEstimated: z.array(whole),
    slotsMissing: z.array(whole),
  }),
  /** The largest metering points without metered children, this month. */
  topConsumers: z.array(
    subjectShape.extend({
      placeName: z.string().nullable(),
      tenantName: z.string().nullable(),
      month: figureShape,
      share: ratio,
      slots: slotCountsShape,
    }),
  ),
  /** Losses of this month over all parents' compared slots; null without parents. */
  loss: z
    .object({ input: whole, children: whole, loss: whole, rate: ratio, comparedShare: ratio })
    .nullable(),
  /** Quality of this month. */
  asOf: asOfShape,
});
export const projectOverviewShape = z.object({
  projectId: z.string(),
  zone: z.string(),
  slotMinutes: whole,
  currency: z.string(),
  nowMs: whole,
  spans: z.object({ today: spanShape, month: spanShape, year: spanShape }),
  counts: z.object({ meteringPoints: whole, meters: whole, gateways: whole, tenants: whole, places: whole }),
  media: z.array(overviewMediumShape),
});
export type ProjectOverview = z.infer<typeof projectOverviewShape>;
