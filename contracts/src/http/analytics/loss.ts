// SPDX-License-Identifier: Apache-2.0
/** Loss along the metering tree. */
import { z } from 'zod';
import { pointRoles } from '../../topics/registry-snapshots.ts';
import { headFields, slotCountsShape } from './answer-parts.ts';
import { compareQuery, formatQuery, known, periodQuery, ratio, selectionQuery, whole } from './asking.ts';

/** Loss = what went in − Σ children, over the slots that the parent and every child have. */
const lossFields = {
  input: known,
  children: known,
  loss: known,
  rate: ratio,
  slotsCompared: whole,
  slotsExpected: whole,
  comparedShare: ratio,
};
export const suspicionKinds = [
  'children-exceed-parent', // sum of children above the parent by more than 2 %: wrong ratio, wrong parent, parent faulty
  'loss-high', // loss above 10 % of the input
  'loss-risen', // rate at least 5 points above the same parent's span before
  'child-silent', // child stands still while it moved before
  'child-missing', // child lacks more than a tenth of its slots, so the parent cannot be compared then
] as const;
export const suspicionShape = z.object({
  kind: z.enum(suspicionKinds),
  meteringPointId: z.string(),
  code: z.string(),
  name: z.string(),
  /** Numbers behind it, by name, in base units, slots or ratios. */
  facts: z.record(z.string(), z.number()),
});
export type Suspicion = z.infer<typeof suspicionShape>;
export const lossQueryShape = z.object({
  ...periodQuery,
  ...compareQuery,
  ...formatQuery,
  points: selectionQuery.points,
  places: selectionQuery.places,
  medium: selectionQuery.medium,
});
export const lossParentShape = z.object({
  meteringPointId: z.string(),
  code: z.string(),
  name: z.string(),
  role: z.enum(pointRoles),
  parentId: z.string().nullable(),
  depth: whole,
  childCount: whole,
  ...lossFields,
  before: z.object(lossFields).nullable(),
  suspicions: z.array(suspicionShape),
});
export type LossParent = z.infer<typeof lossParentShape>;
export const lossAnswerShape = z.object({
  ...headFields,
  /** Parents, uppermost first, children after their parent. */
  parents: z.array(lossParentShape),
  /** Over all parents: input of the top-most ones, losses of all. */
  total: z.object({ input: known, loss: known, rate: ratio, comparedShare: ratio }),
});
export type LossAnswer = z.infer<typeof lossAnswerShape>;

/** GET …/loss/{meteringPointId}: one parent day by day. */
export const lossSeriesQueryShape = z.object({ ...periodQuery, ...formatQuery });
export const lossSeriesAnswerShape = z.object({
  ...headFields,
  parent: lossParentShape,
  days: z.array(z.object({ localDay: z.string(), ...lossFields })),
  children: z.array(
    z.object({
      meteringPointId: z.string(),
      code: z.string(),
      name: z.string(),
      /** All that is known of the child in the span. */
      consumption: known,
      /** Of the parent's energy. */
      share: ratio,
      slots: slotCountsShape,
    }),
  ),
});
export type LossSeriesAnswer = z.infer<typeof lossSeriesAnswerShape>;
