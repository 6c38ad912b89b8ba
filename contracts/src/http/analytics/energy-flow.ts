// SPDX-License-Identifier: Apache-2.0
/** The energy-flow diagram. */
import { z } from 'zod';
import { headFields } from './answer-parts.ts';
import { formatQuery, periodQuery, placeLevelQuery, ratio, selectionQuery, whole } from './asking.ts';

export const energyFlowQueryShape = z.object({
  ...periodQuery,
  ...formatQuery,
  medium: selectionQuery.medium,
  /** Drill: draw only what flows from this metering point. */
  root: z.string().optional(),
  /** What the ends gather into. `none` ends at the metering points. */
  ends: z.enum(['sub-item', 'place', 'tenant', 'none']).default('sub-item'),
  ...placeLevelQuery,
  nodesMax: z.coerce.number().int().min(10).max(500).default(150),
});
export const flowNodeKinds = [
  'supply',
  'generation',
  'point',
  'sub-item',
  'place',
  'tenant',
  'rest',
  'loss',
  'export',
  'folded',
] as const;
export const flowNodeShape = z.object({
  /** Unique in this answer: the point's id, or a made one such as 'loss:pnt_1', 'folded:pnt_1', 'sub-item:lighting'. */
  id: z.string(),
  kind: z.enum(flowNodeKinds),
  meteringPointId: z.string().nullable(),
  /** Place, tenant id or sub-item word behind an end node. */
  subjectId: z.string().nullable(),
  name: z.string().nullable(),
  depth: whole,
  consumption: whole,
  /** Part of all that flows in. */
  share: ratio,
  /** Points that were folded into this node, so that a click may ask with `root` = the folded node's parent. */
  foldedPoints: whole,
  /** Can be drilled: has metered children. */
  drillable: z.boolean(),
});
export type FlowNode = z.infer<typeof flowNodeShape>;
export const flowLinkShape = z.object({
  source: z.string(),
  target: z.string(),
  /** Always positive. */
  consumption: whole,
  kind: z.enum(['flow', 'loss', 'export', 'generation', 'folded']),
  /** Of the source node. */
  share: ratio,
});
export type FlowLink = z.infer<typeof flowLinkShape>;
export const energyFlowAnswerShape = z.object({
  ...headFields,
  root: z.string().nullable(),
  /** From the top of the tree down to the root, for going back up. */
  path: z.array(z.object({ meteringPointId: z.string(), name: z.string() })),
  nodes: z.array(flowNodeShape),
  links: z.array(flowLinkShape),
  /** Parents whose children measured more than they did: nothing flows backwards, the excess is listed here. */
  excesses: z.array(z.object({ meteringPointId: z.string(), name: z.string(), excess: whole })),
});
export type EnergyFlowAnswer = z.infer<typeof energyFlowAnswerShape>;
