// SPDX-License-Identifier: Apache-2.0
/** Prometheus metrics of the process. */
import { collectDefaultMetrics, Registry } from 'prom-client';
import { z } from 'zod';
import { defineRoute } from '../http/define-route.ts';
import { answered, type Access, type Route } from '../http/port.ts';

export function createMetrics(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** GET /metrics in Prometheus's text form. Open by default: it names no customer; bind it to an inner network. */
export function metricsRoute(registry: Registry, access: Access = 'public'): Route {
  return defineRoute({
    method: 'get',
    path: '/metrics',
    summary: 'Metrics of this process for Prometheus',
    tag: 'operating',
    access,
    response: z.string(),
    handle: async ({ response }) => {
      const text = await registry.metrics();
      response.setHeader('Content-Type', registry.contentType);
      response.end(text);
      return answered;
    },
  });
}
