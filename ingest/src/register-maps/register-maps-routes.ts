// SPDX-License-Identifier: Apache-2.0
/** The meter models that can be polled, and where each fact about their registers comes from. */
import { z } from 'zod';
import { registerMapsShape, registerMapSummaryShape } from '@wattledger/contracts/http/ingest';
import { defineRoute, RequestError, type Route } from '@wattledger/platform';
import { registerMaps, summaryOf } from './register-maps.ts';

/** Maps belong to no project: whoever may read meters anywhere may read what their registers mean. */
export function registerMapsRoutes(): readonly Route[] {
  const all = async (): Promise<z.infer<typeof registerMapsShape>> => ({
    maps: [...registerMaps.values()].map(summaryOf),
  });
  return [
    defineRoute({
      method: 'get',
      path: '/api/register-maps',
      summary: 'Meter models that can be polled, with their registers, sources and confidence',
      tag: 'Meters',
      access: { right: 'meter:read', anyProject: true },
      response: registerMapsShape,
      handle: all,
    }),
    defineRoute({
      method: 'get',
      path: '/api/register-maps/{modelId}',
      summary: 'Registers of one meter model, each with its source and confidence',
      tag: 'Meters',
      access: { right: 'meter:read', anyProject: true },
      params: z.object({ modelId: z.string() }),
      response: registerMapSummaryShape,
      handle: async ({ params }) => {
        const map = registerMaps.get(params.modelId);
        if (map !== undefined) return summaryOf(map);
        throw new RequestError({
          status: 404,
          code: 'model-unknown',
          message: `There is no register map "${params.modelId}".`,
          hint: 'GET /api/register-maps lists the models there are.',
        });
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/register-maps',
      summary: 'Meter models that can be polled, with their registers',
      tag: 'Meters',
      access: { right: 'meter:read' },
      params: z.object({ projectId: z.string() }),
      response: registerMapsShape,
      handle: all,
    }),
  ];
}
