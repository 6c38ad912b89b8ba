// SPDX-License-Identifier: Apache-2.0
/** Puts billing together: every slice is made here, once. */
import {
  createSnapshotCopy,
  migrate,
  type Consumer,
  type Parts,
  type PaymentsConfig,
  type Route,
  type Service,
} from '@wattledger/platform';
import { topics, type Topic } from '@wattledger/contracts';
import { bookChecks, bookRoutes } from './books.ts';
import { accountsRoutes } from './accounts/accounts-routes.ts';
import { createAccountsService, type AccountsService } from './accounts/accounts-service.ts';
import { shiftsRoutes } from './cashier/shifts-routes.ts';
import { createShiftsService, type ShiftsService } from './cashier/shifts-service.ts';
import { consumeIntervalEnergy, chargingGroup } from './charging/charging-consumer.ts';
import { arrearsRoutes } from './arrears/arrears-routes.ts';
import { createArrearsService, type ArrearsService } from './arrears/arrears-service.ts';
import { stepMonthItems } from './charging/clock-items.ts';
import { chargesRoutes } from './charging/charges-routes.ts';
import { controlRoutes } from './control/control-routes.ts';
import { createControlService, type ControlService } from './control/control-service.ts';
import { createControlWork } from './control/control-work.ts';
import { closureRoutes } from './closure/closure-routes.ts';
import { billingDoctorChecks } from './doctor/doctor-checks.ts';
import { emergencyRoutes } from './emergency-credit/emergency-routes.ts';
import { createEmergencyService, type EmergencyService } from './emergency-credit/emergency-service.ts';
import { documentingDatabase } from './documents/documenting-database.ts';
import { explainRoutes } from './explain/explain-routes.ts';
import { incomeRoutes } from './income/income-routes.ts';
import { ledgerRoutes } from './ledger/ledger-routes.ts';
import { meterPrepaymentRoutes } from './meter-prepayment/meter-prepayment-routes.ts';
import type { MeterPrepaymentService } from './meter-prepayment/meter-prepayment-service.ts';
import { openMeterPrepayment } from './meter-prepayment/open-meter-prepayment.ts';
import type { SecurityModule } from './meter-prepayment/sts/security-module.ts';
import { createBillingMetrics } from './metrics/billing-metrics.ts';
import type { BillingParts, RegistryCopy } from './parts.ts';
import { openProviders } from './payments/open-providers.ts';
import { paymentsRoutes } from './payments/payments-routes.ts';
import { createPaymentsService, type PaymentsService } from './payments/payments-service.ts';
import { stepNotice } from './prices/price-notices.ts';
import { pricesRoutes } from './prices/prices-routes.ts';
import { createPricesService, type PricesService } from './prices/prices-service.ts';
import { listsRoutes } from './replay/lists-routes.ts';
import { createListsService, type ListsService } from './replay/lists-service.ts';
import { replayRoutes } from './replay/replay-routes.ts';
import { createReplayService, type ReplayService } from './replay/replay-service.ts';
import { sharedCostsRoutes } from './shared-costs/shared-costs-routes.ts';
import { createSharedCostsService, type SharedCostsService } from './shared-costs/shared-costs-service.ts';
import { MountedMeters } from './supply/mounted-meters.ts';
import { createRelayConsumers } from './supply/relay-consumers.ts';
import { createSupplyController } from './supply/supply-controller.ts';
import { supplyRoutes } from './supply/supply-routes.ts';
import { createSupplyService, type SupplyService } from './supply/supply-service.ts';
import { vendsRoutes } from './vending/vends-routes.ts';
import { createVendsService, type VendsService } from './vending/vends-service.ts';
import { createWorker, type Worker } from './worker/worker.ts';

export interface BillingOptions {
  /** How often the supply queue is looked at without being woken. Default 1 s. */
  readonly supplyEveryMs?: number;
  /**
   * Decide on supply, carry out price notices and post what the clock moves by itself. Default true; off where another process does it, or a test
   * says when by `settle`.
   */
  readonly works?: boolean;
  /** Left out: no online payments. */
  readonly payments?: { readonly providers: PaymentsConfig; readonly publicOrigin: string | null };
  /** Makes tokens for STS meters. Left out: no such meter can be served. */
  readonly securityModule?: SecurityModule;
}

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

export interface BillingService extends Service, BillingSlices {
  /** Resolves when everything the registry had told so far is known here: before seeds name its ids. */
  whenRegistryKnown(): Promise<void>;
  /** Carries out supply decisions, price notices and month items that are due now; the running service does so by itself. */
  settle(): Promise<void>;
}

const noticesEveryMs = 5_000;
const paymentsEveryMs = 10_000;

export function createBillingService(parts: Parts, options: BillingOptions = {}): BillingService {
  const workers: Record<
    'supply' | 'notices' | 'replays' | 'control' | 'payments' | 'credits',
    Worker | null
  > = {
    supply: null,
    notices: null,
    replays: null,
    control: null,
    payments: null,
    credits: null,
  };
  const registry: RegistryCopy = createSnapshotCopy({
    parts,
    schema: 'billing',
    group: 'billing-registry',
    entities: ['project', 'place', 'meter', 'metering-point', 'tenant'],
    onChange: (): void => mounted.forget(),
  });
  const mounted = new MountedMeters(registry);
  const wakeNotices = (): void => {
    workers.notices?.wake();
    workers.replays?.wake();
  };
  const wake = { supply: () => workers.supply?.wake(), notices: wakeNotices };
  const database = documentingDatabase(parts.database, { ...parts, registry });
  const all: BillingParts = { ...parts, database, registry, wake };
  const metrics = createBillingMetrics(parts.metrics);
  const accounts = createAccountsService(all, mounted);
  const prices = createPricesService(all);
  const replays = createReplayService(all);
  const lists = createListsService(all);
  const vends = createVendsService(all);
  const shifts = createShiftsService(all);
  const payments = createPaymentsService(all, openProviders(options.payments));
  const controller = createSupplyController(all, mounted);
  const supply = createSupplyService(all, controller, accounts);
  const arrears = createArrearsService(all);
  const emergency = createEmergencyService(all, arrears);
  const sharedCosts = createSharedCostsService(all);
  const wakeControl = (): void => workers.control?.wake();
  const control = createControlService(all, mounted, wakeControl);
  const controlWork = createControlWork(all, wakeControl);
  const sides = openMeterPrepayment(all, { accounts, vends, mounted }, options.securityModule);
  const relays = createRelayConsumers(all, {
    hearTelemetry: controlWork.hearTelemetry,
    async hearOutcomes(transaction, outcomes) {
      await controlWork.hearOutcomes(transaction, outcomes);
      await sides.delivery.hearOutcomes(transaction, outcomes);
    },
  });
  const lookAtSupply = async (): Promise<boolean> => (await controller.lookAtDue()) > 0;
  const stepNotices = async (): Promise<boolean> => {
    const nowMs = parts.clock.nowMs();
    return (await stepNotice(parts, nowMs)) || (await stepMonthItems(parts, nowMs));
  };
  const { logger } = parts;
  workers.supply = createWorker({
    name: 'supply',
    step: lookAtSupply,
    everyMs: options.supplyEveryMs ?? 1000,
    logger,
  });
  workers.notices = createWorker({
    name: 'price notices and month items',
    step: stepNotices,
    everyMs: noticesEveryMs,
    logger,
  });
  workers.replays = createWorker({
    name: 'price replays',
    step: replays.step,
    everyMs: noticesEveryMs,
    logger,
  });
  const stepPayments = async (): Promise<boolean> => await payments.step();
  workers.payments = createWorker({ name: 'payments', step: stepPayments, everyMs: paymentsEveryMs, logger });
  workers.credits = createWorker({
    name: 'meter credits',
    step: async () => await sides.delivery.step(),
    everyMs: options.supplyEveryMs ?? 1000,
    logger,
  });
  workers.control = createWorker({
    name: 'control',
    step: async () => await controlWork.step(),
    everyMs: options.supplyEveryMs ?? 1000,
    logger,
  });
  const meterPrepayment = sides.service;
  const slices = {
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
  };
  let consumers: readonly Consumer[] = [];

  return {
    ...slices,
    name: 'billing',
    routes: [...billingRoutes(all, slices), ...bookRoutes(all, openProviders(options.payments).providers)],
    doctorChecks: [...billingDoctorChecks(all), ...bookChecks(all)],
    async migrate() {
      await migrate(parts.database, { schema: 'billing', directory: new URL('../sql/', import.meta.url) });
      await makeTopics(parts);
      // Filled before start, so that doctor and seeds know the registry as it was last told.
      await registry.load();
    },
    async start() {
      await registry.start();
      consumers = [await consumeIntervalEnergy(all, metrics.charged), ...(await relays.start())];
      if (options.works === false) return;
      workers.supply?.start();
      workers.notices?.start();
      workers.replays?.start();
      workers.control?.start();
      workers.payments?.start();
      workers.credits?.start();
    },
    async stop() {
      await Promise.all(consumers.map(async (consumer) => await consumer.stop()));
      consumers = [];
      await Promise.all(Object.values(workers).map(async (worker) => await worker?.stop()));
      await registry.stop();
    },
    whenRegistryKnown: async () => await registry.whenCaughtUp(),
    async settle() {
      while ((await replays.step()) || (await stepNotices()));
      while (await lookAtSupply());
      while (await controlWork.step());
      while (await stepPayments());
      while (await sides.delivery.step());
    },
    health: async () => await health(parts),
  };
}

/**
 * A topic is made at its first use, over a connection of its own. Used here once, because transactions that append to
 * it for the first time would wait for a connection while holding all there are.
 */
async function makeTopics({ eventLog }: Parts): Promise<void> {
  const written: readonly Topic<unknown>[] = [
    topics.chargeDays,
    topics.accountEvents,
    topics.alarmSignals,
    topics.meterCommands,
  ];
  for (const topic of written) {
    const tail = await eventLog.tail(topic, () => undefined);
    await tail.stop();
  }
}

function billingRoutes(
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

/** Energy that has waited longer than this to be charged is worth a look. */
const lagDegradedMs = 5 * 60_000;

async function health(parts: Parts): Promise<Awaited<ReturnType<Service['health']>>> {
  const [lag, { rows }] = await Promise.all([
    parts.eventLog.lag(chargingGroup, topics.intervalEnergy),
    parts.database.query<{
      accounts_open: number;
      notices: number;
      newest_charge_ms: number | null;
      relays_differing: number;
    }>(
      `SELECT (SELECT count(*) FROM billing.accounts WHERE state = 'open') AS accounts_open,
              (SELECT count(*) FROM billing.price_notices WHERE state = 'running') AS notices,
              (SELECT max(last_reading_ms) FROM billing.points) AS newest_charge_ms,
              (SELECT count(*) FROM billing.supply_meters WHERE mismatch_since_ms IS NOT NULL) AS relays_differing`,
    ),
  ]);
  const waitedMs = lag.oldestMs === null ? 0 : parts.clock.nowMs() - lag.oldestMs;
  return {
    state: waitedMs > lagDegradedMs ? 'degraded' : 'ok',
    facts: {
      recordsWaiting: lag.records,
      oldestWaitingMs: lag.oldestMs,
      newestReadingChargedMs: rows[0]?.newest_charge_ms ?? null,
      accountsOpen: rows[0]?.accounts_open ?? 0,
      priceNoticesRunning: rows[0]?.notices ?? 0,
      relaysDiffering: rows[0]?.relays_differing ?? 0,
    },
  };
}
