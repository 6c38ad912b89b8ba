// SPDX-License-Identifier: Apache-2.0
/** The one place that names every part of the product. */
import { createAnalyticsService, type AnalyticsService } from '@wattledger/analytics';
import {
  createBillingService,
  trialSecurityModule,
  type BillingService,
  type TrialKeys,
} from '@wattledger/billing';
import { createIngestService, type IngestOptions, type IngestService } from '@wattledger/ingest';
import { createActionLog, createRegistryService, type RegistryService } from '@wattledger/registry';
import { createStreamService, type StreamService } from '@wattledger/stream';
import {
  createMetrics,
  withMigrationLock,
  type ChannelsConfig,
  type PaymentsConfig,
  type Clock,
  type Parts,
  type Service,
} from '@wattledger/platform';
import type { Logger } from 'pino';
import { meterModels } from './meter-models.ts';
import type { Stores } from './parts/open-parts.ts';

export interface Services {
  readonly registry: RegistryService;
  readonly ingest: IngestService;
  readonly stream: StreamService;
  readonly billing: BillingService;
  readonly analytics: AnalyticsService;
}
export type ServiceName = keyof Services;
export const serviceNames: readonly ServiceName[] = ['registry', 'ingest', 'stream', 'billing', 'analytics'];

export interface System {
  readonly parts: Parts;
  readonly services: Services;
  /** In the order of the flow; migrations and starts go forward, stops backward. */
  readonly all: readonly Service[];
}

/** Makes every service around the opened stores. Nothing runs yet. */
export function wireSystem(
  stores: Stores,
  {
    clock,
    logger,
    processName,
    channels,
    callers,
    payments,
    trialKeys = null,
  }: {
    readonly clock: Clock;
    readonly logger: Logger;
    readonly processName: string;
    readonly channels: ChannelsConfig;
    /** Ports for devices that call in; left out: none. */
    readonly callers?: NonNullable<IngestOptions['callers']>;
    /** Payment providers, and where payers come back to; left out: none. */
    readonly payments?: { readonly providers: PaymentsConfig; readonly publicOrigin: string | null };
    /** Vending keys of STS meters, for trials; left out or null: no such meter can be served. */
    readonly trialKeys?: TrialKeys | null;
  },
): System {
  const metrics = createMetrics(processName);
  const actionLog = createActionLog({ database: stores.database, clock });
  const parts: Parts = {
    database: stores.database,
    warehouse: stores.warehouse,
    eventLog: stores.eventLog,
    clock,
    logger,
    metrics,
    actionLog,
  };
  const services: Services = {
    registry: createRegistryService(parts, { meterModels, channels }),
    ingest: createIngestService(parts, callers === undefined ? {} : { callers }),
    stream: createStreamService(parts),
    billing: createBillingService(parts, {
      ...(payments === undefined ? {} : { payments }),
      ...(trialKeys === null ? {} : { securityModule: trialSecurityModule(trialKeys) }),
    }),
    analytics: createAnalyticsService(parts),
  };
  return {
    parts,
    services,
    all: [services.registry, services.stream, services.billing, services.analytics, services.ingest],
  };
}

/** Tables of every service, registry first: others begin with a copy of its snapshots. One process at a time. */
export async function migrateAll(system: System): Promise<void> {
  await withMigrationLock(system.parts.database, async () => {
    for (const service of system.all) await service.migrate();
  });
}
