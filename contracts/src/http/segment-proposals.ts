// SPDX-License-Identifier: Apache-2.0
/**
 * HTTP shapes of proposals: what may have happened to a register that waits for a decision, worked out by rule.
 *
 * GET    /api/projects/{projectId}/segment-proposals                        segmentProposalsShape   (meter:read)
 * POST   /api/projects/{projectId}/segment-proposals/{proposalId}/reject    proposalRejectBodyShape (project:write)
 * POST   /api/projects/{projectId}/segment-proposals/{proposalId}/restore   (project:write)
 *
 * To confirm an explanation, send its `request` with a reason to POST /api/projects/{projectId}/mountings. It names the
 * segments it was made from (`madeFrom`) and is refused with `proposal-stale` when they have changed. It is undone like
 * every change of a mounting.
 */
import { z } from 'zod';
import { quantities } from '../quantities.ts';
import { segmentShape } from '../topics/readings.ts';
import { mountingCorrectionShape, mountingExchangeShape, projectParamsShape } from './registry.ts';

const whole = z.number().int();

export const explanationKinds = [
  'spike', // one or a few bad readings between good ones: left out
  'rollover', // the register passed its end and began at zero
  'ratio-change', // the register tells in another ratio from here on
  'restart', // it was set to zero, or lost its count
  'exchange', // another meter, or another register, tells from here on
] as const;
export type ExplanationKind = (typeof explanationKinds)[number];

export const confidences = ['likely', 'possible', 'unlikely'] as const;
export type Confidence = (typeof confidences)[number];

/** Why it may be so, or may not; `supports` is false for what speaks against it. Facts are figures as text. */
export const evidenceCodes = [
  'near-end', // last value; width
  'width-known',
  'width-usual', // as many counters have
  'power-possible', // powerW needed; limitW
  'power-impossible',
  'new-value-small',
  'new-value-not-small',
  'grows-plausibly',
  'grows-implausibly',
  'agrees-around', // the readings before and after agree without the bad ones; readings left out
  'factor-usual', // factor
  'device-ratio-changed', // from, to, sinceMs
] as const;
export const proposalEvidenceShape = z.object({
  code: z.enum(evidenceCodes),
  supports: z.boolean(),
  facts: z.record(z.string(), z.string()),
});
export type ProposalEvidence = z.infer<typeof proposalEvidenceShape>;

/** A change of the mounting that is ready to be sent, but for its reason. */
export const proposedRequestShape = z.discriminatedUnion('action', [
  mountingExchangeShape.omit({ reason: true }),
  mountingCorrectionShape.omit({ reason: true }),
]);
export type ProposedRequest = z.infer<typeof proposedRequestShape>;

export const explanationShape = z.object({
  kind: z.enum(explanationKinds),
  confidence: z.enum(confidences),
  evidence: z.array(proposalEvidenceShape),
  /** When it happened, as far as can be told. */
  atMs: whole,
  /** Segments of the register that change: as they are, and as they would be. A new one has the id `new`. */
  before: z.array(segmentShape),
  after: z.array(segmentShape),
  /** Base units counted in the doubtful span if it is so, and how many more than now. */
  consumption: whole,
  consumptionChange: whole,
  /** Held readings that would count, of those in the span. */
  readingsCounted: whole,
  /** False: a later reading would wait for another decision. */
  settles: z.boolean(),
  request: proposedRequestShape,
});
export type Explanation = z.infer<typeof explanationShape>;

export const segmentProposalShape = z.object({
  /** Of what it was made from: the same register in the same doubt has the same id. */
  proposalId: z.string(),
  meterId: z.string(),
  register: z.string(),
  segmentId: z.string(),
  meteringPointId: z.string(),
  quantity: z.enum(quantities),
  /** Why readings are held; `ratio-changed`: none is, but the meter says that it works with another ratio. */
  reason: z.enum(['register-fell', 'impossible-value', 'ratio-changed']),
  /** The doubtful span: from a reading that counts whatever happened to the newest one looked at. */
  spanFromMs: whole,
  spanToMs: whole,
  consumptionNow: whole,
  readingsHeld: whole,
  /** The register around the doubt, thinned to what a small chart shows. */
  readings: z.array(z.object({ instantMs: whole, value: whole, scaler: whole, counts: z.boolean() })),
  /** Best first. Empty: no rule knows what happened. */
  explanations: z.array(explanationShape),
  /** Who left it as it is, when and why; null while nobody has. */
  rejected: z.object({ by: z.string(), atMs: whole, reason: z.string() }).nullable(),
});
export type SegmentProposal = z.infer<typeof segmentProposalShape>;

export const segmentProposalsShape = z.object({
  projectId: z.string(),
  /** Longest held first; the rejected ones last. At most 100; `waiting` counts all held registers. */
  proposals: z.array(segmentProposalShape),
  waiting: whole,
});
export type SegmentProposals = z.infer<typeof segmentProposalsShape>;

export const proposalParamsShape = projectParamsShape.extend({ proposalId: z.string().max(64) });
export const proposalRejectBodyShape = z.strictObject({ reason: z.string().trim().min(1).max(500) });
