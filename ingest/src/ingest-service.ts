// SPDX-License-Identifier: Apache-2.0
import { createSnapshotCopy, migrate, type Parts, type Service } from '@wattledger/platform';
import { createCollector, type Share } from './collector/collector.ts';
import { createPollResults } from './collector/poll-results.ts';
import { statesRoutes } from './collector/states-routes.ts';
import { countOverdue, countWaiting } from './commands/commands-store.ts';
import { createCommandsService } from './commands/commands-service.ts';
import { readingsIntakeRoutes } from './readings-intake/readings-intake-routes.ts';

export interface IngestOptions {
  /** Of several ingest processes: which one this is. Gateways are shared out by their ids. */
  readonly share?: Share;
}

export interface IngestService extends Service {
  readonly name: 'ingest';
}

/** An outcome may take this long after the expiry: the sweep runs every second, a stopped process not at all. */
const overdueGraceMs = 60_000;

export function createIngestService(parts: Parts, options: IngestOptions = {}): IngestService {
  const share = options.share ?? { index: 0, count: 1 };
  const snapshots = createSnapshotCopy({
    parts,
    schema: 'ingest',
    group: 'ingest-registry',
    entities: ['project', 'gateway', 'meter', 'metering-point'],
    onChange: () => collector.changed(),
  });
  const results = createPollResults(parts);
  const collector = createCollector({
    parts,
    results,
    share,
    fleet: () => ({
      projects: snapshots.all('project'),
      gateways: snapshots.all('gateway'),
      meters: snapshots.all('meter'),
      points: snapshots.all('metering-point'),
    }),
  });
  const commands = createCommandsService(parts, collector, share);
  let running = false;
  return {
    name: 'ingest',
    migrate: async () => {
      await migrate(parts.database, { schema: 'ingest', directory: new URL('../sql/', import.meta.url) });
    },
    routes: [...statesRoutes(parts, snapshots), ...readingsIntakeRoutes(parts, snapshots)],
    start: async () => {
      running = true;
      await snapshots.start();
      await collector.start();
      await commands.start();
    },
    stop: async () => {
      if (!running) return;
      running = false;
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
          return { ok: overdue === 0, detail: overdue === 0 ? 'none is overdue' : `${overdue} commands are past their expiry without an outcome` };
        },
      },
    ],
    health: async () => {
      const { gateways, meters } = collector.counts();
      const waiting = await countWaiting(parts.database);
      return { state: 'ok', facts: { gatewaysPolled: gateways, metersPolled: meters, commandsWaiting: waiting } };
    },
  };
}
