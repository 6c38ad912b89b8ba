// SPDX-License-Identifier: Apache-2.0
/** Ranking of points, tenants, places, sub-items, projects. */
import { z } from 'zod';
import { media } from '../../quantities.ts';
import { asOfShape } from '../as-of.ts';
import { figureShape, headFields, slotCountsShape, subjectShape } from './answer-parts.ts';
import {
  compareQuery,
  formatQuery,
  known,
  periodQuery,
  placeLevelQuery,
  ratio,
  selectionQuery,
  whole,
} from './asking.ts';

export const rankingMeasures = ['absolute', 'per-m2', 'per-head'] as const;
const rankingFields = {
  measure: z.enum(rankingMeasures).default('absolute'),
  order: z.enum(['highest', 'lowest']).default('highest'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
};
export const rankingQueryShape = z.object({
  ...selectionQuery,
  ...periodQuery,
  ...compareQuery,
  ...formatQuery,
  ...placeLevelQuery,
  ...rankingFields,
  by: z.enum(['point', 'tenant', 'place']).default('point'),
  /** Of points: `ends` (without metered children) or `all`. */
  among: z.enum(['ends', 'all']).default('ends'),
});
export const rankingRowShape = subjectShape.extend({
  /** Equal values share a rank and the next is left out (1, 2, 2, 4); null = not ranked. */
  rank: whole.nullable(),
  tied: z.boolean(),
  /** Why it has no rank: nothing measured, or no area / headcount to divide by. */
  unranked: z.enum(['no-energy-known', 'no-area', 'no-headcount']).nullable(),
  rankBefore: whole.nullable(),
  figure: figureShape,
  /** m² or heads, when the measure divides by them. */
  divisor: z.number().nullable(),
  /** The ranked number: base units, or base units per m² or per head. */
  value: z.number().nullable(),
  valueBefore: z.number().nullable(),
  /** Part of the sum of all rows' energy. */
  share: ratio,
  slots: slotCountsShape,
  placeName: z.string().nullable(),
  tenantName: z.string().nullable(),
});
export type RankingRow = z.infer<typeof rankingRowShape>;
const rankingAnswerFields = {
  measure: z.enum(rankingMeasures),
  order: z.enum(['highest', 'lowest']),
  rows: z.array(rankingRowShape),
  /** How many there are in all, and how many of them have no rank. */
  rowsTotal: whole,
  rowsUnranked: whole,
  /** Sum over all rows, shown or not. */
  rowsConsumption: known,
};
export const rankingAnswerShape = z.object({
  ...headFields,
  by: z.enum(['point', 'tenant', 'place']),
  ...rankingAnswerFields,
});
export type RankingAnswer = z.infer<typeof rankingAnswerShape>;

/** GET /api/ranking: the projects the caller may see. Local days count in each project's own zone. */
export const projectRankingQueryShape = z.object({
  ...periodQuery,
  ...compareQuery,
  ...formatQuery,
  measure: z.enum(['absolute', 'per-m2']).default('absolute'),
  order: rankingFields.order,
  limit: rankingFields.limit,
  medium: selectionQuery.medium,
});
export const projectRankingAnswerShape = z.object({
  medium: z.enum(media),
  unit: z.enum(['Wh', 'l', 'dm3']),
  from: z.string(),
  to: z.string(),
  asOf: asOfShape,
  /** Quality of the span before, where there is one. */
  comparisonAsOf: asOfShape.nullable(),
  ...rankingAnswerFields,
});
export type ProjectRankingAnswer = z.infer<typeof projectRankingAnswerShape>;
