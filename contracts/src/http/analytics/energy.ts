// SPDX-License-Identifier: Apache-2.0
/** Energy over time. */
import { z } from 'zod';
import { figureShape, headFields, slotCountsShape, subjectShape } from './answer-parts.ts';
import {
  compareQuery,
  formatQuery,
  grains,
  groupings,
  known,
  periodQuery,
  placeLevelQuery,
  selectionQuery,
  whole,
} from './asking.ts';

export const energyQueryShape = z.object({
  ...selectionQuery,
  ...periodQuery,
  ...compareQuery,
  ...formatQuery,
  ...placeLevelQuery,
  grain: z.enum(grains).default('day'),
  grouping: z.enum(groupings).default('none'),
});
export const bucketShape = z.object({
  /** Local label: '2026', '2026-03', '2026-03-01' (week: its Monday), '2026-03-01T08:30'. */
  label: z.string(),
  startMs: whole,
  endMs: whole,
});
export type Bucket = z.infer<typeof bucketShape>;
/** Arrays run along `buckets`. */
const seriesValues = {
  consumption: z.array(known),
  slotsEstimated: z.array(whole),
  slotsMissing: z.array(whole),
};
export const energyAnswerShape = z.object({
  ...headFields,
  grain: z.enum(grains),
  grouping: z.enum(groupings),
  buckets: z.array(bucketShape),
  /** Counterpart of each bucket in the comparison; null where there is none. Comparison series run along this. */
  comparisonBuckets: z.array(bucketShape.nullable()).nullable(),
  /**
   * What of the comparison stands beside no bucket: 29 February of the year before, 29 to 31 January beside February. It
   * is in every `before` of a total and in no bucket's counterpart. Empty where everything has its counterpart.
   */
  comparisonAlone: z.array(bucketShape),
  total: figureShape,
  series: z.array(
    z.object({
      subject: subjectShape,
      total: figureShape,
      slots: slotCountsShape,
      ...seriesValues,
      comparison: z.object(seriesValues).nullable(),
      /** Along `comparisonAlone`. */
      comparisonAlone: z.object(seriesValues).nullable(),
    }),
  ),
});
export type EnergyAnswer = z.infer<typeof energyAnswerShape>;
