// SPDX-License-Identifier: Apache-2.0
/** Every route of billing but those of the books. */
import type { Route } from '@wattledger/platform';
import { accountsRoutes } from './accounts/accounts-routes.ts';
import { arrearsRoutes } from './arrears/arrears-routes.ts';
import { shiftsRoutes } from './cashier/shifts-routes.ts';
import { chargesRoutes } from './charging/charges-routes.ts';
import { closureRoutes } from './closure/closure-routes.ts';
import { controlRoutes } from './control/control-routes.ts';
import { emergencyRoutes } from './emergency-credit/emergency-routes.ts';
import { explainRoutes } from './explain/explain-routes.ts';
import { incomeRoutes } from './income/income-routes.ts';
import { ledgerRoutes } from './ledger/ledger-routes.ts';
import { meterPrepaymentRoutes } from './meter-prepayment/meter-prepayment-routes.ts';
import type { BillingParts } from './parts.ts';
import { paymentsRoutes } from './payments/payments-routes.ts';
import { pricesRoutes } from './prices/prices-routes.ts';
import { listsRoutes } from './replay/lists-routes.ts';
import { replayRoutes } from './replay/replay-routes.ts';
import { sharedCostsRoutes } from './shared-costs/shared-costs-routes.ts';
import { supplyRoutes } from './supply/supply-routes.ts';
import { vendsRoutes } from './vending/vends-routes.ts';
import type { BillingSlices } from './billing-slices.ts';

export function billingRoutes(
  parts: BillingParts,
  {
    accounts,
    prices,
    replays,
    lists,
    vends,
    shifts,
    payments,
    meterPrepayment,
    supply,
    arrears,
    emergency,
    sharedCosts,
    control,
  }: BillingSlices,
): readonly Route[] {
  return [
    ...accountsRoutes(parts, accounts),
    ...ledgerRoutes(parts, accounts),
    ...chargesRoutes(parts, accounts),
    ...explainRoutes(parts),
    ...vendsRoutes(parts, vends, accounts),
    ...shiftsRoutes(parts, shifts),
    ...paymentsRoutes(parts, payments),
    ...meterPrepaymentRoutes(parts, meterPrepayment),
    ...pricesRoutes(parts, prices),
    ...replayRoutes(parts, replays),
    ...listsRoutes(parts, lists),
    ...supplyRoutes(parts, supply),
    ...arrearsRoutes(parts, arrears),
    ...emergencyRoutes(parts, emergency),
    ...sharedCostsRoutes(parts, sharedCosts),
    ...controlRoutes(parts, control),
    ...incomeRoutes(parts),
    ...closureRoutes(parts),
  ];
}
