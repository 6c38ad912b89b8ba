// SPDX-License-Identifier: Apache-2.0
/** Routes of the process itself: health, doctor. */
import { chargingGroup } from '@wattledger/billing';
import { topics } from '@wattledger/contracts';
import { doctorReportShape, healthShape, type Health } from '@wattledger/contracts/http/system';
import { defineRoute, metricsRoute, type Route, type Service } from '@wattledger/platform';
import type { System } from '../wire.ts';
import { askDoctor, pipelineWaiting } from '../doctor/doctor.ts';
import { overallState, pipelineLag } from './health.ts';

export interface SystemRoutesOptions {
  readonly system: System;
  /** Services that run in this process. */
  readonly running: readonly Service[];
  readonly backfill: () => Health['backfill'];
}

export function createSystemRoutes({ system, running, backfill }: SystemRoutesOptions): readonly Route[] {
  const { parts } = system;
  const startedAtMs = parts.clock.nowMs();
  const health = async (): Promise<Health> => {
    const [counting, charging, ...states] = await Promise.all([
      parts.eventLog.lag('stream', topics.meterLog),
      parts.eventLog.lag(chargingGroup, topics.intervalEnergy),
      ...running.map(async (service) => ({ name: service.name, ...(await service.health()) })),
    ]);
    const pipeline = pipelineLag(counting, charging);
    const nowMs = parts.clock.nowMs();
    const services = states.map(({ name, state, facts }) => ({ name, state, facts: { ...facts } }));
    return {
      state: overallState(
        services.map(({ state }) => state),
        pipeline,
        nowMs,
      ),
      nowMs,
      startedAtMs,
      pipeline,
      services,
      backfill: backfill(),
    };
  };
  return [
    defineRoute({
      method: 'get',
      path: '/api/health',
      summary: 'State of every part and how far the pipeline lags',
      tag: 'operating',
      access: 'public',
      response: healthShape,
      handle: health,
    }),
    defineRoute({
      method: 'get',
      path: '/api/doctor',
      summary: 'Asks every invariant of the stores; takes a while on large sites',
      tag: 'operating',
      access: { right: 'system:read' },
      response: doctorReportShape,
      handle: () =>
        askDoctor({
          checks: running.flatMap((service) => service.doctorChecks),
          nowMs: parts.clock.nowMs(),
          waiting: () => pipelineWaiting(system),
        }),
    }),
    metricsRoute(parts.metrics),
  ];
}
