// SPDX-License-Identifier: Apache-2.0
export { createBillingService, type BillingOptions, type BillingService } from './billing-service.ts';
export type { BillingSlices } from './billing-slices.ts';
export { chargingGroup } from './charging/charging-consumer.ts';
export type { NewAccount } from './accounts/account.ts';
export {
  trialSecurityModule,
  type SecurityModule,
  type TrialKeys,
} from './meter-prepayment/sts/security-module.ts';
export type { Who } from './ledger/posting.ts';
export type { NewPriceScheme, NewPriceVersion } from './prices/prices-service.ts';
export type { BackOfficeVend, CounterVend } from './vending/vends-service.ts';
