// SPDX-License-Identifier: Apache-2.0
/** Puts billing together: every slice is made here, once. */
import {
  createSnapshotCopy,
  migrate,
  type Consumer,
  type Parts,
  type PaymentsConfig,
  type Service,
} from '@wattledger/platform';
import { topics, type Topic } from '@wattledger/contracts';
import { bookChecks, bookRoutes } from './books.ts';
import { consumeIntervalEnergy } from './charging/charging-consumer.ts';
import { billingDoctorChecks } from './doctor/doctor-checks.ts';
import { documentingDatabase } from './documents/documenting-database.ts';
import type { SecurityModule } from './meter-prepayment/sts/security-module.ts';
import { createBillingMetrics } from './metrics/billing-metrics.ts';
import type { BillingParts, RegistryCopy } from './parts.ts';
import { openProviders } from './payments/open-providers.ts';
import { MountedMeters } from './supply/mounted-meters.ts';
import { billingHealth } from './billing-health.ts';
import { billingRoutes } from './billing-routes.ts';
import { makeSlices, type BillingSlices } from './billing-slices.ts';
import { createBillingWork, settleWork } from './billing-work.ts';

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

export interface BillingService extends Service, BillingSlices {
  /** Resolves when everything the registry had told so far is known here: before seeds name its ids. */
  whenRegistryKnown(): Promise<void>;
  /** Carries out supply decisions, price notices and month items that are due now; the running service does so by itself. */
  settle(): Promise<void>;
}

export function createBillingService(parts: Parts, options: BillingOptions = {}): BillingService {
  const registry: RegistryCopy = createSnapshotCopy({
    parts,
    schema: 'billing',
    group: 'billing-registry',
    entities: ['project', 'place', 'meter', 'metering-point', 'tenant'],
    onChange: (): void => mounted.forget(),
  });
  const mounted = new MountedMeters(registry);
  const work = createBillingWork(parts.logger, options.supplyEveryMs ?? 1000);
  const wake = {
    supply: () => {
      work.wake('supply');
    },
    notices: () => {
      work.wake('notices', 'replays');
    },
  };
  const database = documentingDatabase(parts.database, { ...parts, registry });
  const all: BillingParts = { ...parts, database, registry, wake };
  const metrics = createBillingMetrics(parts.metrics);
  const { slices, steps, relays } = makeSlices(all, mounted, options, work);
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
      if (options.works !== false) work.start(steps);
    },
    async stop() {
      await Promise.all(consumers.map(async (consumer) => await consumer.stop()));
      consumers = [];
      await work.stop();
      await registry.stop();
    },
    whenRegistryKnown: async () => await registry.whenCaughtUp(),
    settle: async () => await settleWork(steps),
    health: async () => await billingHealth(parts),
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
