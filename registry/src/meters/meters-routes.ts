// SPDX-License-Identifier: Apache-2.0
import {
  meterCreateBodyShape,
  meterDetailShape,
  meterListShape,
  meterParamsShape,
  meterPatchBodyShape,
  projectParamsShape,
  meterListQueryShape,
} from '@wattledger/contracts/http/registry';
import { defineRoute, type Route } from '@wattledger/platform';
import { actorOf } from '../changes/actor.ts';
import type { MetersService } from './meters-service.ts';

const tag = 'Meters';
const list = '/api/projects/{projectId}/meters';
const one = '/api/projects/{projectId}/meters/{meterId}';

export function meterRoutes(meters: MetersService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: list,
      summary: 'Meters in order of their serials, with where they count now',
      tag,
      access: { right: 'project:read' },
      params: projectParamsShape,
      query: meterListQueryShape,
      response: meterListShape,
      handle: async ({ params, query }) => await meters.list(params.projectId, query),
    }),
    defineRoute({
      method: 'post',
      path: list,
      summary: 'Make a meter',
      tag,
      access: { right: 'project:write' },
      params: projectParamsShape,
      body: meterCreateBodyShape,
      response: meterDetailShape,
      successStatus: 201,
      handle: async (context) =>
        await meters.create(actorOf(context), context.params.projectId, context.body),
    }),
    defineRoute({
      method: 'get',
      path: one,
      summary: 'One meter',
      tag,
      access: { right: 'project:read' },
      params: meterParamsShape,
      response: meterDetailShape,
      handle: async ({ params }) => await meters.get(params.projectId, params.meterId),
    }),
    defineRoute({
      method: 'patch',
      path: one,
      summary: 'Change a meter',
      tag,
      access: { right: 'project:write' },
      params: meterParamsShape,
      body: meterPatchBodyShape,
      response: meterDetailShape,
      handle: async (context) =>
        await meters.patch(actorOf(context), context.params.projectId, context.params.meterId, context.body),
    }),
    defineRoute({
      method: 'delete',
      path: one,
      summary: 'Delete a meter that was never mounted',
      tag,
      access: { right: 'project:write' },
      params: meterParamsShape,
      response: null,
      successStatus: 204,
      handle: async (context) => {
        await meters.remove(actorOf(context), context.params.projectId, context.params.meterId);
      },
    }),
  ];
}
