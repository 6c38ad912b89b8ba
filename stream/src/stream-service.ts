// SPDX-License-Identifier: Apache-2.0
/** The stream: meter log → readings, slots, days, losses; telemetry → alarms, electrical parameters. */
import { migrate, migrateWarehouse, type Consumer, type Parts, type Service } from '@wattledger/platform';
import { createAlarmDetection } from './alarms/alarm-detection.ts';
import { judgeLosses } from './alarms/loss-alarms.ts';
import { createClosureRoutes } from './closure/closure-routes.ts';
import { streamChecks } from './doctor/stream-checks.ts';
import { streamHealth } from './health/stream-health.ts';
import { createHeldReadingsRoutes } from './held-readings/held-readings-routes.ts';
import { keepParentLinks, linksOf } from './loss/parent-links.ts';
import { MeterLogService, streamGroup } from './meter-log/meter-log-service.ts';
import { createRollupsWorker } from './rollups/rollups-worker.ts';
import { createStreamMetrics } from './metrics/stream-metrics.ts';
import { createParameterKeeper } from './parameters/keep-parameters.ts';
import { consumeRatios } from './segment-proposals/device-ratios.ts';
import { createSegmentProposalsRoutes } from './segment-proposals/segment-proposals-routes.ts';
import { rebuild, type RebuildOptions, type RebuildResult } from './rebuild/rebuild-service.ts';

const schema = 'stream';

export interface StreamService extends Service {
  readonly name: 'stream';
  /** Folds the kept readings again; compares, or replaces what is derived, while the product runs. */
  rebuild(options?: RebuildOptions): Promise<RebuildResult>;
  /** Computes every marked day and loss now. */
  settleRollups(): Promise<void>;
  /** Judges every point whose day has changed now. */
  settleAlarms(): Promise<void>;
}

export interface StreamOptions {
  /** How long electrical parameters gather before they are written; see parameters/keep-parameters.ts. */
  readonly parametersPauseMs?: number;
}

export function createStreamService(parts: Parts, options: StreamOptions = {}): StreamService {
  const metrics = createStreamMetrics(parts.metrics);
  const meterLog = new MeterLogService({ parts, onStep: metrics.count });
  const alarms = createAlarmDetection(parts, {
    meterLogGroup: streamGroup,
    copy: {
      schema,
      group: 'stream-registry',
      inTransaction: async (_transaction, changes) => {
        const points = changes.filter((change) => change.entity === 'metering-point');
        await keepParentLinks(
          parts.database,
          parts.warehouse,
          points.map(({ id, projectId, snapshot }) => ({
            projectId,
            meteringPointId: id,
            links: linksOf(snapshot),
          })),
        );
      },
    },
  });
  const rollups = createRollupsWorker({
    ...parts,
    onLosses: async (transaction, projectId, days) =>
      await judgeLosses(parts, alarms.rules, transaction, projectId, days),
  });
  const parameters = createParameterKeeper(parts, options.parametersPauseMs);
  let ratios: Consumer | null = null;
  return {
    name: 'stream',
    migrate: async () => {
      await migrate(parts.database, { schema, directory: new URL('../sql/', import.meta.url) });
      await migrateWarehouse(parts.warehouse, {
        name: schema,
        directory: new URL('../warehouse/', import.meta.url),
      });
    },
    routes: [
      ...createHeldReadingsRoutes(parts),
      ...createSegmentProposalsRoutes(parts),
      ...createClosureRoutes(parts),
    ],
    start: async () => {
      await alarms.start();
      ratios = await consumeRatios(parts);
      await meterLog.start();
      await parameters.start();
      rollups.start();
    },
    stop: async () => {
      await parameters.stop();
      await meterLog.stop();
      await rollups.stop();
      await ratios?.stop();
      ratios = null;
      await alarms.stop();
    },
    doctorChecks: streamChecks(parts),
    health: async () => await streamHealth(parts),
    rebuild: async (options) => await rebuild(parts, options),
    settleRollups: async () => await rollups.drain(),
    settleAlarms: async () => await alarms.drain(),
  };
}
