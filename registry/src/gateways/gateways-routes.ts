// SPDX-License-Identifier: Apache-2.0
import {
  gatewayCreateBodyShape,
  gatewayDetailShape,
  gatewayListShape,
  gatewayParamsShape,
  gatewayPatchBodyShape,
  projectParamsShape,
  searchQueryShape,
} from '@wattledger/contracts/http/registry';
import { defineRoute, type Route } from '@wattledger/platform';
import { actorOf } from '../changes/actor.ts';
import type { GatewaysService } from './gateways-service.ts';

const tag = 'Gateways';
const list = '/api/projects/{projectId}/gateways';
const one = '/api/projects/{projectId}/gateways/{gatewayId}';

export function gatewayRoutes(gateways: GatewaysService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: list,
      summary: 'Gateways in order of their codes',
      tag,
      access: { right: 'project:read' },
      params: projectParamsShape,
      query: searchQueryShape,
      response: gatewayListShape,
      handle: async ({ params, query }) => await gateways.list(params.projectId, query),
    }),
    defineRoute({
      method: 'post',
      path: list,
      summary: 'Make a gateway',
      tag,
      access: { right: 'project:write' },
      params: projectParamsShape,
      body: gatewayCreateBodyShape,
      response: gatewayDetailShape,
      successStatus: 201,
      handle: async (context) =>
        await gateways.create(actorOf(context), context.params.projectId, context.body),
    }),
    defineRoute({
      method: 'get',
      path: one,
      summary: 'One gateway',
      tag,
      access: { right: 'project:read' },
      params: gatewayParamsShape,
      response: gatewayDetailShape,
      handle: async ({ params }) => await gateways.get(params.projectId, params.gatewayId),
    }),
    defineRoute({
      method: 'patch',
      path: one,
      summary: 'Change a gateway',
      tag,
      access: { right: 'project:write' },
      params: gatewayParamsShape,
      body: gatewayPatchBodyShape,
      response: gatewayDetailShape,
      handle: async (context) =>
        await gateways.patch(
          actorOf(context),
          context.params.projectId,
          context.params.gatewayId,
          context.body,
        ),
    }),
    defineRoute({
      method: 'delete',
      path: one,
      summary: 'Delete a gateway without meters',
      tag,
      access: { right: 'project:write' },
      params: gatewayParamsShape,
      response: null,
      successStatus: 204,
      handle: async (context) => {
        await gateways.remove(actorOf(context), context.params.projectId, context.params.gatewayId);
      },
    }),
  ];
}
