// SPDX-License-Identifier: Apache-2.0
import {
  migrate,
  migrateWarehouse,
  type Authenticator,
  type Parts,
  type Service,
} from '@wattledger/platform';
import type { Asker } from './asking/asker.ts';
import { createChargeDays } from './charge-days/charge-days.ts';
import { doctorChecks } from './doctor/doctor-checks.ts';
import { createFreshness } from './freshness/freshness.ts';
import { energyFlowRoutes } from './questions/energy-flow/energy-flow-routes.ts';
import { energyRoutes } from './questions/energy/energy-routes.ts';
import { createLiveHub } from './questions/live/live-hub.ts';
import { liveRoutes } from './questions/live/live-routes.ts';
import { loadProfileRoutes } from './questions/load-profile/load-profile-routes.ts';
import { lossRoutes } from './questions/loss/loss-routes.ts';
import { multiRateRoutes } from './questions/multi-rate/multi-rate-routes.ts';
import { overviewRoutes } from './questions/overview/overview-routes.ts';
import { parameterRoutes } from './questions/parameters/parameters-routes.ts';
import { rankingRoutes } from './questions/ranking/ranking-routes.ts';
import { registerRoutes } from './questions/registers/registers-routes.ts';
import { yearOnYearRoutes } from './questions/year-on-year/year-on-year-routes.ts';
import { healthOf } from './health.ts';
import { createSites } from './site/sites.ts';

export interface AnalyticsOptions {
  /** Asked every 15 s whether a live stream's session goes on; without it streams end after ten minutes and come back. */
  readonly authenticator?: Authenticator;
  /** Most open live streams of this process. Default 2,000. */
  readonly liveStreamsMax?: number;
  /** Most open live streams of one caller. Default 20. */
  readonly liveStreamsPerCallerMax?: number;
}

export interface AnalyticsService extends Service {
  readonly name: 'analytics';
  /** Resolves when what the registry had told at the time of the call is known here. */
  whenCaughtUp(): Promise<void>;
}

export function createAnalyticsService(parts: Parts, options: AnalyticsOptions = {}): AnalyticsService {
  const sites = createSites(parts);
  const freshness = createFreshness(parts);
  const chargeDays = createChargeDays(parts);
  const { authenticator } = options;
  const hub = createLiveHub(parts, {
    streamsMax: options.liveStreamsMax ?? 2_000,
    streamsPerCallerMax: options.liveStreamsPerCallerMax ?? 20,
    authenticate:
      authenticator === undefined
        ? null
        : async (request, cookies) => await authenticator.authenticate(request, cookies),
  });
  const asker: Asker = {
    warehouse: parts.warehouse,
    database: parts.database,
    clock: parts.clock,
    sites,
    freshness,
  };
  return {
    name: 'analytics',
    migrate: async () => {
      await migrate(parts.database, { schema: 'analytics', directory: new URL('../sql/', import.meta.url) });
      await migrateWarehouse(parts.warehouse, {
        name: 'analytics',
        directory: new URL('../warehouse/', import.meta.url),
      });
      await sites.load();
    },
    routes: [
      ...overviewRoutes(asker),
      ...energyRoutes(asker),
      ...rankingRoutes(asker),
      ...yearOnYearRoutes(asker),
      ...lossRoutes(asker),
      ...energyFlowRoutes(asker),
      ...multiRateRoutes(asker),
      ...loadProfileRoutes(asker),
      ...registerRoutes(asker),
      ...parameterRoutes(asker),
      ...liveRoutes(sites, hub),
    ],
    start: async () => {
      await sites.start();
      await freshness.start();
      await chargeDays.start();
    },
    stop: async () => {
      await hub.stop();
      await chargeDays.stop();
      await freshness.stop();
      await sites.stop();
    },
    doctorChecks: doctorChecks(parts, sites),
    health: async () => await healthOf(parts, sites, hub.streams),
    whenCaughtUp: async () => await sites.whenCaughtUp(),
  };
}
