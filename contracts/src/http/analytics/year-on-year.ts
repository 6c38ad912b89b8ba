// SPDX-License-Identifier: Apache-2.0
/** Year on year, month on month. */
import { z } from 'zod';
import { figureShape, headFields, slotCountsShape, subjectShape } from './answer-parts.ts';
import { formatQuery, groupings, known, periodQuery, placeLevelQuery, selectionQuery } from './asking.ts';
import { bucketShape } from './energy.ts';

export const yearOnYearQueryShape = z.object({
  ...selectionQuery,
  ...periodQuery,
  ...formatQuery,
  ...placeLevelQuery,
  grain: z.enum(['day', 'month', 'year']).default('month'),
  grouping: z.enum(groupings).default('none'),
});
export const monthOnMonthQueryShape = z.object({
  ...selectionQuery,
  ...periodQuery,
  ...formatQuery,
  ...placeLevelQuery,
  grouping: z.enum(groupings).default('none'),
});
export const comparedAnswerShape = z.object({
  ...headFields,
  grain: z.enum(['day', 'month', 'year']),
  /** Each bucket with its counterpart: the same local calendar span a year (or a month) before. */
  buckets: z.array(bucketShape.extend({ before: bucketShape.nullable(), complete: z.boolean() })),
  /** What of the comparison stands beside no bucket (29 February a year before): in `total.before` all the same. */
  comparisonAlone: z.array(bucketShape),
  series: z.array(
    z.object({
      subject: subjectShape,
      total: figureShape,
      figures: z.array(figureShape),
      slots: z.array(slotCountsShape),
      slotsBefore: z.array(slotCountsShape),
      /** Along `comparisonAlone`, up to the comparison's untilMs. */
      alone: z.array(z.object({ before: known, slotsBefore: slotCountsShape })),
    }),
  ),
});
export type ComparedAnswer = z.infer<typeof comparedAnswerShape>;
