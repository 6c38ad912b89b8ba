// SPDX-License-Identifier: Apache-2.0
/** Puts the slice together: the two ways to a meter, the credits' own work, and what the routes need. */
import type { AccountsService } from '../accounts/accounts-service.ts';
import type { BillingParts } from '../parts.ts';
import type { MountedMeters } from '../supply/mounted-meters.ts';
import type { VendsService } from '../vending/vends-service.ts';
import { createCreditDelivery, type CreditDelivery, type Providers } from './deliver-credits.ts';
import { createMeterPrepaymentService, type MeterPrepaymentService } from './meter-prepayment-service.ts';
import { registerPrepayment } from './register-prepayment.ts';
import { noSecurityModule, type SecurityModule } from './sts/security-module.ts';
import { stsPrepayment } from './sts/sts-prepayment.ts';

export interface MeterPrepaymentSlice {
  readonly service: MeterPrepaymentService;
  readonly delivery: CreditDelivery;
}

export function openMeterPrepayment(
  parts: BillingParts,
  slices: {
    readonly accounts: AccountsService;
    readonly vends: VendsService;
    readonly mounted: MountedMeters;
  },
  securityModule: SecurityModule = noSecurityModule,
): MeterPrepaymentSlice {
  const providers: Providers = {
    sts: stsPrepayment(securityModule),
    'vendor-registers': registerPrepayment,
  };
  const delivery = createCreditDelivery(parts, providers);
  const service = createMeterPrepaymentService(parts, { ...slices, delivery, providers });
  return { service, delivery };
}
