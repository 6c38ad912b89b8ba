// SPDX-License-Identifier: Apache-2.0
/** Energy by time-of-use period. */
import { z } from 'zod';
import { touPeriods } from '../../tou-period.ts';
import { headFields, slotCountsShape, subjectShape } from './answer-parts.ts';
import { formatQuery, known, periodQuery, selectionQuery, whole } from './asking.ts';
import { bucketShape } from './energy.ts';

export const multiRateQueryShape = z.object({
  ...selectionQuery,
  ...periodQuery,
  ...formatQuery,
  grouping: z.enum(['none', 'point', 'tenant']).default('none'),
  grain: z.enum(['total', 'day', 'month']).default('total'),
});
const periodCellShape = z.object({
  period: z.enum(touPeriods),
  consumption: whole,
  /** Charged energy and money of this period. */
  chargedConsumption: whole,
  amountMicros: whole,
});
export const multiRateAnswerShape = z.object({
  ...headFields,
  currency: z.string(),
  periods: z.array(z.enum(touPeriods)),
  /** false: the caller may not see money, and all charged energy and amounts are 0. */
  moneyShown: z.boolean(),
  rows: z.array(
    z.object({
      subject: subjectShape,
      /** null when the grain is the total. */
      bucket: bucketShape.nullable(),
      cells: z.array(periodCellShape),
      consumption: known,
      chargedConsumption: whole,
      unpricedConsumption: whole,
      /** Of energy: Σ of the cells. */
      amountMicros: whole,
      /** Charged beside the energy: demand, fixed charges, taxes and the like. */
      itemsMicros: whole,
      slots: slotCountsShape,
    }),
  ),
  /** What was charged at which price version, over all rows. */
  priceVersions: z.array(
    z.object({
      priceVersionId: z.string(),
      period: z.enum(touPeriods),
      consumption: whole,
      amountMicros: whole,
    }),
  ),
  total: z.object({
    cells: z.array(periodCellShape),
    consumption: known,
    chargedConsumption: whole,
    unpricedConsumption: whole,
    amountMicros: whole,
    itemsMicros: whole,
  }),
});
export type MultiRateAnswer = z.infer<typeof multiRateAnswerShape>;
