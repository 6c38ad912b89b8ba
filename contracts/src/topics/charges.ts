// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { chargeComponents } from '../http/billing/vocabulary.ts';
import { touPeriods } from '../tou-period.ts';

/**
 * What has been charged for one segment of a metering point on one local day, complete and absolute: a later record
 * (greater revision) replaces it. The items of a month stand in the segment 'month-items' of the account's first day in it. The analytics side sums these; the ledger itself stays in billing.
 */
export const chargeDayShape = z.object({
  projectId: z.string(),
  accountId: z.string(),
  meteringPointId: z.string(),
  segmentId: z.string(),
  localDay: z.string(),
  revision: z.number().int(),
  lines: z.array(
    z.object({
      component: z.enum(chargeComponents).optional().describe('Left out: energy.'),
      /** Of energy; null for the items of a month. */
      period: z.enum(touPeriods).nullable(),
      priceVersionId: z.string(),
      consumption: z.number().int(),
      amountMicros: z.number().int(),
    }),
  ),
  unpricedConsumption: z.number().int(),
});
export type ChargeDay = z.infer<typeof chargeDayShape>;

/** An account's state after a change, for live screens. */
export const accountEventShape = z.object({
  projectId: z.string(),
  accountId: z.string(),
  at: z.number().int(),
  balanceMicros: z.number().int(),
  stage: z.enum(['normal', 'alarm-1', 'alarm-2', 'arrears']),
  desiredRelay: z.enum(['closed', 'open']),
  reportedRelay: z.enum(['closed', 'open', 'unknown']),
  cause: z.enum([
    'charge',
    'vend',
    'reversal',
    'decision',
    'relay',
    'opened',
    'closed',
    'arrears',
    'shared-cost',
  ]),
});
export type AccountEvent = z.infer<typeof accountEventShape>;
