// SPDX-License-Identifier: Apache-2.0
import { migrate, migrateWarehouse, type Parts, type Service } from '@wattledger/platform';
import type { Asker } from './asking/asker.ts';
import { createChargeDays } from './charge-days/charge-days.ts';
import { createFreshness } from './freshness/freshness.ts';
import { energyRoutes } from './questions/energy/energy-routes.ts';
import { rankingRoutes } from './questions/ranking/ranking-routes.ts';
import { createSites } from './site/sites.ts';

export interface AnalyticsOptions {
  /** Most open live streams of this process. */
  readonly liveStreamsMax?: number;
}

export interface AnalyticsService extends Service {
  readonly name: 'analytics';
  /** Resolves when what the registry had told at the time of the call is known here. */
  whenCaughtUp(): Promise<void>;
}

export function createAnalyticsService(parts: Parts, _options: AnalyticsOptions = {}): AnalyticsService {
  const sites = createSites(parts);
  const freshness = createFreshness(parts);
  const chargeDays = createChargeDays(parts);
  const asker: Asker = { warehouse: parts.warehouse, database: parts.database, clock: parts.clock, sites, freshness };
  return {
    name: 'analytics',
    migrate: async () => {
      await migrate(parts.database, { schema: 'analytics', directory: new URL('../sql/', import.meta.url) });
      await migrateWarehouse(parts.warehouse, { name: 'analytics', directory: new URL('../warehouse/', import.meta.url) });
      await sites.load();
    },
    routes: [...energyRoutes(asker), ...rankingRoutes(asker)],
    start: async () => {
      await sites.start();
      await freshness.start();
      await chargeDays.start();
    },
    stop: async () => {
      await chargeDays.stop();
      await freshness.stop();
      await sites.stop();
    },
    doctorChecks: [],
    health: async () => ({ state: 'ok', facts: { projects: sites.projectIds().length } }),
    whenCaughtUp: async () => await sites.whenCaughtUp(),
  };
}
