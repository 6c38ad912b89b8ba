// SPDX-License-Identifier: Apache-2.0
/** Makes the slices of billing, each once, and names what they do by themselves. */
import { createAccountsService, type AccountsService } from './accounts/accounts-service.ts';
import { createArrearsService, type ArrearsService } from './arrears/arrears-service.ts';
import { createShiftsService, type ShiftsService } from './cashier/shifts-service.ts';
import { stepMonthItems } from './charging/clock-items.ts';
import { createControlService, type ControlService } from './control/control-service.ts';
import { createControlWork } from './control/control-work.ts';
import { createEmergencyService, type EmergencyService } from './emergency-credit/emergency-service.ts';
import type { MeterPrepaymentService } from './meter-prepayment/meter-prepayment-service.ts';
import { openMeterPrepayment } from './meter-prepayment/open-meter-prepayment.ts';
import type { BillingParts } from './parts.ts';
import { openProviders } from './payments/open-providers.ts';
import { createPaymentsService, type PaymentsService } from './payments/payments-service.ts';
import { stepNotice } from './prices/price-notices.ts';
import { createPricesService, type PricesService } from './prices/prices-service.ts';
import { createListsService, type ListsService } from './replay/lists-service.ts';
import { createReplayService, type ReplayService } from './replay/replay-service.ts';
import { createSharedCostsService, type SharedCostsService } from './shared-costs/shared-costs-service.ts';
import type { MountedMeters } from './supply/mounted-meters.ts';
import { createRelayConsumers, type RelayConsumers } from './supply/relay-consumers.ts';
import { createSupplyController } from './supply/supply-controller.ts';
import { createSupplyService, type SupplyService } from './supply/supply-service.ts';
import { createVendsService, type VendsService } from './vending/vends-service.ts';
import type { BillingOptions } from './billing-service.ts';
import type { BillingWork, WorkSteps } from './billing-work.ts';

/** The slices, for the command line and the seeds: what a route can do, without HTTP. */
export interface BillingSlices {
  readonly accounts: AccountsService;
  readonly prices: PricesService;
  readonly replays: ReplayService;
  readonly lists: ListsService;
  readonly vends: VendsService;
  readonly shifts: ShiftsService;
  readonly payments: PaymentsService;
  readonly meterPrepayment: MeterPrepaymentService;
  readonly supply: SupplyService;
  readonly arrears: ArrearsService;
  readonly emergency: EmergencyService;
  readonly sharedCosts: SharedCostsService;
  readonly control: ControlService;
}

export interface MadeSlices {
  readonly slices: BillingSlices;
  /** What the workers of billing repeat until nothing is left to do. */
  readonly steps: WorkSteps;
  readonly relays: RelayConsumers;
}

/** @param work wakes the workers, which run only later */
export function makeSlices(
  all: BillingParts,
  mounted: MountedMeters,
  options: Pick<BillingOptions, 'payments' | 'securityModule'>,
  work: Pick<BillingWork, 'wake'>,
): MadeSlices {
  const accounts = createAccountsService(all, mounted);
  const replays = createReplayService(all);
  const vends = createVendsService(all);
  const payments = createPaymentsService(all, openProviders(options.payments));
  const controller = createSupplyController(all, mounted);
  const arrears = createArrearsService(all);
  const wakeControl = (): void => {
    work.wake('control');
  };
  const controlWork = createControlWork(all, wakeControl);
  const sides = openMeterPrepayment(all, { accounts, vends, mounted }, options.securityModule);
  const relays = createRelayConsumers(all, {
    hearTelemetry: controlWork.hearTelemetry,
    async hearOutcomes(transaction, outcomes) {
      await controlWork.hearOutcomes(transaction, outcomes);
      await sides.delivery.hearOutcomes(transaction, outcomes);
    },
  });
  return {
    relays,
    slices: {
      accounts,
      prices: createPricesService(all),
      replays,
      lists: createListsService(all),
      vends,
      shifts: createShiftsService(all),
      payments,
      meterPrepayment: sides.service,
      supply: createSupplyService(all, controller, accounts),
      arrears,
      emergency: createEmergencyService(all, arrears),
      sharedCosts: createSharedCostsService(all),
      control: createControlService(all, mounted, wakeControl),
    },
    steps: {
      replays: replays.step,
      notices: async () => {
        const nowMs = all.clock.nowMs();
        return (await stepNotice(all, nowMs)) || (await stepMonthItems(all, nowMs));
      },
      supply: async () => (await controller.lookAtDue()) > 0,
      control: async () => await controlWork.step(),
      payments: async () => await payments.step(),
      credits: async () => await sides.delivery.step(),
    },
  };
}
