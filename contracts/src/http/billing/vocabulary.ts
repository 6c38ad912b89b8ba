// SPDX-License-Identifier: Apache-2.0
/** What several routes name: means of payment, stages, modes, parameters of paths. */
import { z } from 'zod';
import { localDay } from './words.ts';

export const paymentMeans = ['cash', 'card', 'transfer', 'cheque', 'online'] as const;
export type PaymentMeans = (typeof paymentMeans)[number];
export const balanceStages = ['normal', 'alarm-1', 'alarm-2', 'arrears'] as const;
export type BalanceStage = (typeof balanceStages)[number];
export const supplyModes = ['automatic', 'forced-on', 'forced-off'] as const;
export type SupplyMode = (typeof supplyModes)[number];
export const desiredRelays = ['closed', 'open'] as const;
export type DesiredRelay = (typeof desiredRelays)[number];
/** Why consumption of an opened account has no price: named buckets, never silently free. */
export const unpricedReasons = ['no-price-in-force', 'quantity-not-charged'] as const;
export type UnpricedReason = (typeof unpricedReasons)[number];
/** What a line of a charge is for. */
export const chargeComponents = [
  'energy',
  'demand',
  'fixed',
  'minimum',
  'surcharge',
  'tax',
  'rebate',
] as const;
export type ChargeComponent = (typeof chargeComponents)[number];
export const accountStates = ['open', 'closed'] as const;

export const billingProjectParamsShape = z.object({ projectId: z.string() });
export const accountParamsShape = z.object({ projectId: z.string(), accountId: z.string() });
export const vendParamsShape = z.object({ projectId: z.string(), accountId: z.string(), vendId: z.string() });
export const priceSchemeParamsShape = z.object({ projectId: z.string(), priceSchemeId: z.string() });
export const priceVersionParamsShape = z.object({
  projectId: z.string(),
  priceSchemeId: z.string(),
  priceVersionId: z.string(),
});

export const dayRangeQueryShape = z.object({
  fromDay: localDay,
  toDay: localDay.describe('Inclusive.'),
});
export const billingPageLimitMax = 500;
