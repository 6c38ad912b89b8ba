// SPDX-License-Identifier: Apache-2.0
import { pushReadingsShape, readingsAcceptedShape } from '@wattledger/contracts/http/ingest';
import { defineRoute, type Parts, type Route } from '@wattledger/platform';
import type { IngestMetrics } from '../metrics/ingest-metrics.ts';
import { acceptPushedReadings, type IngestSnapshots } from './readings-intake-service.ts';

/** 10,000 readings with long names. */
const pushBytesMax = 4_000_000;

export function readingsIntakeRoutes(
  parts: Pick<Parts, 'database' | 'eventLog' | 'clock'>,
  snapshots: Pick<IngestSnapshots, 'get' | 'all'>,
  metrics: Pick<IngestMetrics, 'received'>,
): readonly Route[] {
  return [
    defineRoute({
      method: 'post',
      path: '/api/readings',
      summary: 'Push readings: all or none, answered after they are durable',
      tag: 'Readings',
      access: { right: 'readings:write', anyProject: true },
      body: pushReadingsShape,
      bodyBytesMax: pushBytesMax,
      response: readingsAcceptedShape,
      successStatus: 202,
      handle: async ({ principal, body }) =>
        await acceptPushedReadings(parts, snapshots, metrics, principal, body),
    }),
  ];
}
