// SPDX-License-Identifier: Apache-2.0
import type { ImportJob } from '@wattledger/contracts/http/ingest';
import { createSnapshotCopy, migrate, type Parts, type Service } from '@wattledger/platform';
import { createCallers, type Callers, type CallersOptions } from './callers/callers.ts';
import { createCollector, pollingLines, type Share } from './collector/collector.ts';
import { createPollResults } from './collector/poll-results.ts';
import { statesRoutes } from './collector/states-routes.ts';
import { registerMapsRoutes } from './register-maps/register-maps-routes.ts';
import { countOverdue, countWaiting } from './commands/commands-store.ts';
import { createCommandsService } from './commands/commands-service.ts';
import { countBrokenChains, countFileless } from './import-readings/import-jobs-store.ts';
import { importRoutes } from './import-readings/import-routes.ts';
import { createImportService, type ImportReadingsOptions } from './import-readings/import-service.ts';
import { createIngestMetrics } from './metrics/ingest-metrics.ts';
import { presentReadingsRoutes } from './present-readings/present-readings-routes.ts';
import { switchPasswordRoutes } from './switch-passwords/switch-passwords-routes.ts';
import { passwordOf } from './switch-passwords/switch-passwords-store.ts';
import { readingsIntakeRoutes } from './readings-intake/readings-intake-routes.ts';

export interface IngestOptions {
  /** Of several ingest processes: which one this is. Gateways are shared out by their ids. */
  readonly share?: Share;
  /** Largest uploaded file. */
  readonly importBytesMax?: number;
  /** Ports for devices that call in; left out: none is opened. */
  readonly callers?: CallersOptions;
}

export interface IngestService extends Service {
  readonly name: 'ingest';
  /** Reads a file of readings into the event log; works also while the service is not started. The job says how it ended. */
  importReadings(options: ImportReadingsOptions): Promise<ImportJob>;
  /** Ports on which devices call in; null: none. */
  callerPorts(): ReturnType<Callers['ports']>;
}

/** A year of half-hours of a thousand meters, unpacked. */
const importBytesMaxDefault = 512 * 1024 * 1024;

/** An outcome may take this long after the expiry: the sweep runs every second, a stopped process not at all. */
const overdueGraceMs = 60_000;

export function createIngestService(parts: Parts, options: IngestOptions = {}): IngestService {
  const share = options.share ?? { index: 0, count: 1 };
  const snapshots = createSnapshotCopy({
    parts,
    schema: 'ingest',
    group: 'ingest-registry',
    entities: ['project', 'place', 'tenant', 'gateway', 'meter', 'metering-point'],
    onChange: () => collector.changed(),
  });
  const metrics = createIngestMetrics(parts.metrics);
  const results = createPollResults(parts, metrics);
  const callers = createCallers(parts, snapshots, options.callers ?? {});
  const collector = createCollector({
    parts,
    results,
    share,
    openers: {
      ...pollingLines(callers.dialIn, async (ids) => await passwordOf(parts.database, ids)),
      ...callers.openers,
    },
    fleet: () => ({
      projects: snapshots.all('project'),
      gateways: snapshots.all('gateway'),
      meters: snapshots.all('meter'),
      points: snapshots.all('metering-point'),
    }),
  });
  const commandedFleet = {
    gatewayOf: (meterId: string) => snapshots.get('meter', meterId)?.gatewayId ?? null,
    zoneOf: (projectId: string) => snapshots.get('project', projectId)?.zone ?? null,
  };
  const commands = createCommandsService(parts, collector, commandedFleet, share, metrics);
  const imports = createImportService(parts, snapshots, metrics);
  let running = false;
  return {
    name: 'ingest',
    migrate: async () => {
      await migrate(parts.database, { schema: 'ingest', directory: new URL('../sql/', import.meta.url) });
    },
    routes: [
      ...statesRoutes(parts, snapshots),
      ...registerMapsRoutes(),
      ...switchPasswordRoutes(parts, snapshots),
      ...presentReadingsRoutes(parts, snapshots),
      ...readingsIntakeRoutes(parts, snapshots, metrics),
      ...importRoutes(parts, imports, options.importBytesMax ?? importBytesMaxDefault),
    ],
    callerPorts: () => callers.ports(),
    importReadings: async (importOptions) => {
      if (running) {
        await snapshots.whenCaughtUp();
        return await imports.importReadings(importOptions);
      }
      // Alone on the stores: what the registry told last must be taken up before meters are known.
      await snapshots.start();
      try {
        await snapshots.whenCaughtUp();
        return await imports.importReadings(importOptions);
      } finally {
        await snapshots.stop();
      }
    },
    start: async () => {
      running = true;
      await snapshots.start();
      await collector.start();
      await commands.start();
      imports.start();
      await snapshots.whenCaughtUp();
      await callers.start();
    },
    stop: async () => {
      if (!running) return;
      running = false;
      results.hurry();
      await callers.stop();
      await imports.stop();
      await commands.stop();
      await collector.stop();
      await results.stop();
      await snapshots.stop();
    },
    doctorChecks: [
      {
        name: 'ingest: every command past its expiry has an outcome',
        check: async () => {
          const overdue = await countOverdue(parts.database, parts.clock.nowMs() - overdueGraceMs);
          return {
            ok: overdue === 0,
            detail:
              overdue === 0
                ? 'none is overdue'
                : `${overdue} commands are past their expiry without an outcome`,
          };
        },
      },
      {
        name: 'ingest: no import is half recorded',
        check: async () => {
          const fileless = await countFileless(parts.database);
          return {
            ok: fileless === 0,
            detail:
              fileless === 0
                ? 'every open import has its whole file'
                : `${fileless} open imports lack a part of their file`,
          };
        },
      },
      {
        name: 'ingest: chains of imported intervals end after all of their checkpoints',
        check: async () => {
          const broken = await countBrokenChains(parts.database);
          return {
            ok: broken === 0,
            detail: broken === 0 ? 'all do' : `${broken} chains end before one of their checkpoints`,
          };
        },
      },
    ],
    health: async () => {
      const { gateways, meters } = collector.counts();
      const waiting = await countWaiting(parts.database);
      return {
        state: 'ok',
        facts: {
          gatewaysPolled: gateways,
          metersPolled: meters,
          commandsWaiting: waiting,
          devicesUnclaimed: callers.desk.notices.count,
        },
      };
    },
  };
}
