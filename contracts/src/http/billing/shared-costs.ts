// SPDX-License-Identifier: Apache-2.0
/** Shared costs and property fees: rules in versions, monthly runs, their lines. */
import { z } from 'zod';
import { media } from '../../quantities.ts';
import { counter, instantMs, micros, requestId, text, who } from './words.ts';

export const localMonth = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'a month, YYYY-MM');
export const sharedCostKinds = ['shared-cost', 'property-fee'] as const;
export type SharedCostKind = (typeof sharedCostKinds)[number];

export const potShape = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('month'), amountMicros: micros.min(0) }),
  z.strictObject({ kind: z.literal('invoice') }),
  z.strictObject({
    kind: z.literal('measured'),
    mainPointId: z.string().describe('Main meter, or the meter of a common area.'),
    less: z
      .enum(['children', 'nothing'])
      .describe('children: less what its sub-meters measured; nothing: all of it.'),
    priceName: z.string().trim().min(1).max(100),
    rateMicrosPerUnit: z.number().int().min(0).max(1_000_000_000).describe('Per kWh or m³.'),
  }),
]);
export type SharedCostPot = z.infer<typeof potShape>;
export const keyShape = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('area') }),
  z.strictObject({ kind: z.literal('headcount') }),
  z.strictObject({ kind: z.literal('equal') }),
  z.strictObject({ kind: z.literal('consumption'), medium: z.enum(media) }),
  z.strictObject({
    kind: z.literal('fixed'),
    shares: z
      .array(z.strictObject({ unitId: z.string(), parts: z.number().int().min(0).max(1_000_000) }))
      .min(1)
      .max(5000),
  }),
]);
export type SharedCostKey = z.infer<typeof keyShape>;
export const sharedCostTermsShape = z.strictObject({
  pot: potShape,
  key: keyShape,
  placeIds: z
    .array(z.string())
    .max(500)
    .describe('Rooms beneath these places take part; none named: the whole project.'),
  tenantClasses: z
    .array(z.string().trim().min(1).max(100))
    .max(50)
    .describe('Only these kinds of tenants pay; the days of others go to the owner. Empty: all.'),
  taxPpm: z.number().int().min(0).max(1_000_000).describe('Tax on top of each share, parts per million.'),
});
export type SharedCostTerms = z.infer<typeof sharedCostTermsShape>;
export const sharedCostStates = ['draft', 'approved', 'withdrawn'] as const;
export const sharedCostVersionShape = z.object({
  versionId: z.string(),
  number: counter,
  state: z.enum(sharedCostStates),
  fromMonth: localMonth,
  /** The last month it holds; null: until a later version. */
  toMonth: localMonth.nullable(),
  terms: sharedCostTermsShape,
  draftedBy: who,
  draftedAtMs: instantMs,
  approvedBy: who.nullable(),
  approvedAtMs: instantMs.nullable(),
});
export type SharedCostVersion = z.infer<typeof sharedCostVersionShape>;
export const sharedCostRunShape = z.object({
  runId: z.string(),
  ruleId: z.string(),
  versionId: z.string(),
  month: localMonth,
  kind: z.enum(['run', 'reversal']),
  /** The run this one takes back. */
  reversesRunId: z.string().nullable(),
  reversedByRunId: z.string().nullable(),
  potMicros: micros,
  /** Borne by accounts, without tax; the rest is the owner's. */
  chargedMicros: micros,
  ownerMicros: micros,
  taxMicros: micros,
  postedBy: who,
  postedAtMs: instantMs,
  reason: z.string().nullable(),
});
export type SharedCostRun = z.infer<typeof sharedCostRunShape>;
export const sharedCostRuleShape = z.object({
  ruleId: z.string(),
  name: z.string(),
  kind: z.enum(sharedCostKinds),
  versions: z.array(sharedCostVersionShape),
  runs: z.array(sharedCostRunShape),
});
export type SharedCostRule = z.infer<typeof sharedCostRuleShape>;
/** GET …/shared-costs */
export const sharedCostListShape = z.object({ currency: z.string(), rules: z.array(sharedCostRuleShape) });
export type SharedCostList = z.infer<typeof sharedCostListShape>;
/** POST …/shared-costs */
export const sharedCostBodyShape = z.strictObject({
  name: z.string().trim().min(1).max(100),
  kind: z.enum(sharedCostKinds),
});
export type SharedCostBody = z.input<typeof sharedCostBodyShape>;
export const sharedCostParamsShape = z.object({ projectId: z.string(), ruleId: z.string() });
/** POST …/shared-costs/{ruleId}/versions */
export const sharedCostVersionBodyShape = z.strictObject({
  fromMonth: localMonth,
  toMonth: localMonth.nullable().default(null),
  terms: sharedCostTermsShape,
});
export type SharedCostVersionBody = z.input<typeof sharedCostVersionBodyShape>;
export const sharedCostVersionParamsShape = sharedCostParamsShape.extend({ versionId: z.string() });

/** What a month's run is asked with; the invoice only where the rule's pot is one. */
const runQuestion = {
  month: localMonth,
  invoiceMicros: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
};
/** GET …/shared-costs/{ruleId}/dry-run?month= */
export const sharedCostDryRunQueryShape = z.object({
  month: localMonth,
  invoiceMicros: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
});
export const sharedCostLineShape = z.object({
  /** A room, or a metering point that stands in none. */
  unitId: z.string(),
  unitCode: z.string(),
  unitName: z.string(),
  /** Null: the owner's line, for days without a tenant who takes part. */
  accountId: z.string().nullable(),
  tenantName: z.string().nullable(),
  days: counter,
  /** Measure of the unit by the key: m² × 10⁻⁴, heads, parts, 1; of consumption the whole line's. */
  measure: counter,
  /** Share of the whole: weight of Σ weights. */
  weight: z.string(),
  amountMicros: micros,
  taxMicros: micros,
});
export type SharedCostLine = z.infer<typeof sharedCostLineShape>;
export const sharedCostPotResultShape = z.object({
  /** Of the month itself. */
  ownMicros: micros,
  /** Differences of earlier months that late energy left. */
  carried: z.array(
    z.object({ month: localMonth, wasMicros: micros, nowMicros: micros, carriedMicros: micros }),
  ),
  totalMicros: micros,
  /** Working of a measured pot; null of the others. */
  measured: z
    .object({
      mainPointId: z.string(),
      subPoints: counter,
      consumption: z.number().int(),
      priceName: z.string(),
      rateMicrosPerUnit: z.number().int(),
      slots: counter,
      /** Slots in which a meter of the comparison has nothing: they are not counted, and follow when they are known. */
      slotsMissing: counter,
    })
    .nullable(),
});
export type SharedCostPotResult = z.infer<typeof sharedCostPotResultShape>;
export const sharedCostSheetShape = z.object({
  ruleId: z.string(),
  versionId: z.string(),
  month: localMonth,
  key: z.enum(['area', 'headcount', 'equal', 'consumption', 'fixed']),
  currency: z.string(),
  pot: sharedCostPotResultShape,
  /** Σ weights of all lines. */
  weights: z.string(),
  lines: z.array(sharedCostLineShape),
  chargedMicros: micros,
  ownerMicros: micros,
  taxMicros: micros,
  /** The run that was posted for the month; null in a dry run. */
  run: sharedCostRunShape.nullable(),
});
export type SharedCostSheet = z.infer<typeof sharedCostSheetShape>;
/** POST …/shared-costs/{ruleId}/runs (right books:write) → 201 sharedCostSheetShape */
export const sharedCostRunBodyShape = z.strictObject({
  requestId: requestId.optional(),
  ...runQuestion,
  /** Pot as the dry run showed it: what has changed meanwhile is not posted unseen. */
  expectedTotalMicros: micros.min(0),
});
export type SharedCostRunBody = z.input<typeof sharedCostRunBodyShape>;
export const sharedCostRunParamsShape = sharedCostParamsShape.extend({ runId: z.string() });
/** POST …/shared-costs/{ruleId}/runs/{runId}/reversal (right books:write) */
export const sharedCostReversalBodyShape = z.strictObject({ requestId: requestId.optional(), reason: text });
