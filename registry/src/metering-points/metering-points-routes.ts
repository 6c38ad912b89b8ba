// SPDX-License-Identifier: Apache-2.0
import {
  meteringPointCreateBodyShape,
  meteringPointDetailShape,
  meteringPointListQueryShape,
  meteringPointListShape,
  meteringPointParamsShape,
  meteringPointPatchBodyShape,
  projectParamsShape,
} from '@wattledger/contracts/http/registry';
import { defineRoute, type Route } from '@wattledger/platform';
import { actorOf } from '../changes/actor.ts';
import type { MeteringPointsService } from './metering-points-service.ts';

const tag = 'Metering points';
const list = '/api/projects/{projectId}/metering-points';
const one = '/api/projects/{projectId}/metering-points/{meteringPointId}';

export function meteringPointRoutes(points: MeteringPointsService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: list,
      summary: 'Metering points in order of their codes',
      tag,
      access: { right: 'project:read' },
      params: projectParamsShape,
      query: meteringPointListQueryShape,
      response: meteringPointListShape,
      handle: async ({ params, query }) => await points.list(params.projectId, query),
    }),
    defineRoute({
      method: 'post',
      path: list,
      summary: 'Make a metering point',
      tag,
      access: { right: 'project:write' },
      params: projectParamsShape,
      body: meteringPointCreateBodyShape,
      response: meteringPointDetailShape,
      successStatus: 201,
      handle: async (context) =>
        await points.create(actorOf(context), context.params.projectId, context.body),
    }),
    defineRoute({
      method: 'get',
      path: one,
      summary: 'One metering point with parent, children, mountings and their history',
      tag,
      access: { right: 'project:read' },
      params: meteringPointParamsShape,
      response: meteringPointDetailShape,
      handle: async ({ params }) => await points.get(params.projectId, params.meteringPointId),
    }),
    defineRoute({
      method: 'patch',
      path: one,
      summary: 'Change a metering point; parentLinks, where given, are the complete new set',
      tag,
      access: { right: 'project:write' },
      params: meteringPointParamsShape,
      body: meteringPointPatchBodyShape,
      response: meteringPointDetailShape,
      handle: async (context) =>
        await points.patch(
          actorOf(context),
          context.params.projectId,
          context.params.meteringPointId,
          context.body,
        ),
    }),
    defineRoute({
      method: 'delete',
      path: one,
      summary: 'Delete a metering point at which nothing was ever mounted',
      tag,
      access: { right: 'project:write' },
      params: meteringPointParamsShape,
      response: null,
      successStatus: 204,
      handle: async (context) => {
        await points.remove(actorOf(context), context.params.projectId, context.params.meteringPointId);
      },
    }),
  ];
}
