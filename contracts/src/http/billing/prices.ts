// SPDX-License-Identifier: Apache-2.0
/** Price schemes and their versions. */
import { z } from 'zod';
import { media } from '../../quantities.ts';
import { tariffCalendarShape } from '../../tariff-calendar.ts';
import { touPeriods } from '../../tou-period.ts';
import { billingPageLimitMax } from './vocabulary.ts';
import { counter, instantMs, micros, who } from './words.ts';

export const priceVersionStates = ['draft', 'submitted', 'approved', 'withdrawn'] as const;
export type PriceVersionState = (typeof priceVersionStates)[number];
export const ratesShape = z
  .partialRecord(z.enum(touPeriods), z.number().int().min(0).max(1_000_000_000_000))
  .describe('Micros per kWh (electricity) or m³ (water, gas) for each period its calendar uses.');
export type Rates = z.infer<typeof ratesShape>;

export const priceVersionShape = z.object({
  priceVersionId: z.string(),
  priceSchemeId: z.string(),
  /** Counts the scheme's versions from 1. */
  number: counter,
  state: z.enum(priceVersionStates),
  /** Approved and holding at the time of the answer. */
  inForce: z.boolean(),
  effectiveFromMs: instantMs,
  rates: ratesShape,
  /** The calendar as it stood when the version was drafted: a later change of the project's calendar needs a new version. */
  calendar: tariffCalendarShape,
  note: z.string().nullable(),
  draftedBy: who,
  draftedAtMs: instantMs,
  submittedBy: who.nullable(),
  submittedAtMs: instantMs.nullable(),
  approvedBy: who.nullable(),
  approvedAtMs: instantMs.nullable(),
  withdrawnBy: who.nullable(),
  withdrawnAtMs: instantMs.nullable(),
  /** Where it was approved after it began to hold: the differences posted. Null otherwise. */
  notice: z
    .object({
      state: z.enum(['running', 'done']),
      accounts: counter,
      postings: counter,
      amountMicros: micros,
    })
    .nullable(),
});
export type PriceVersion = z.infer<typeof priceVersionShape>;
export const priceSchemeShape = z.object({
  priceSchemeId: z.string(),
  name: z.string(),
  medium: z.enum(media),
  createdAtMs: instantMs,
  createdBy: who,
  /** Points of open accounts that are charged by it. */
  points: counter,
  versions: z.array(priceVersionShape),
});
export type PriceScheme = z.infer<typeof priceSchemeShape>;
/** GET …/price-schemes */
export const priceSchemeListShape = z.object({
  currency: z.string(),
  zone: z.string(),
  schemes: z.array(priceSchemeShape),
});
export type PriceSchemeList = z.infer<typeof priceSchemeListShape>;
/** POST …/price-schemes → 201 priceSchemeShape */
export const priceSchemeBodyShape = z.strictObject({
  name: z.string().trim().min(1).max(100),
  medium: z.enum(media),
});
export type PriceSchemeBody = z.input<typeof priceSchemeBodyShape>;
/** POST …/price-schemes/{priceSchemeId}/versions → 201 priceVersionShape, a draft */
export const priceVersionBodyShape = z.strictObject({
  effectiveFromMs: instantMs.describe(
    'On the slot grid. In the past: a retroactive notice, whose differences are posted on approval.',
  ),
  rates: ratesShape,
  note: z.string().trim().max(500).optional(),
});
export type PriceVersionBody = z.input<typeof priceVersionBodyShape>;
/** POST …/versions/{priceVersionId}/submit | approve | withdraw → priceVersionShape. Approval by another person than drafted or submitted it. */

/** GET …/versions/{priceVersionId}/notice: the differences a retroactive notice posted. */
export const priceNoticeQueryShape = z.object({
  limit: z.coerce.number().int().min(1).max(billingPageLimitMax).default(100),
  after: z.string().max(200).optional(),
});
export const priceNoticeShape = z.object({
  currency: z.string(),
  differences: z.array(
    z.object({
      accountId: z.string(),
      tenantName: z.string(),
      postingId: z.string(),
      recordedAtMs: instantMs,
      consumption: z.number().int(),
      amountMicros: micros,
    }),
  ),
  next: z.string().nullable(),
});
export type PriceNotice = z.infer<typeof priceNoticeShape>;
