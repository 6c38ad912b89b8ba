// SPDX-License-Identifier: Apache-2.0
import { placeSnapshotShape } from '@wattledger/contracts';
import {
  placeCreateBodyShape,
  placeListShape,
  placeParamsShape,
  placePatchBodyShape,
  projectParamsShape,
  searchQueryShape,
} from '@wattledger/contracts/http/registry';
import { defineRoute, type Route } from '@wattledger/platform';
import { actorOf } from '../changes/actor.ts';
import type { PlacesService } from './places-service.ts';

const tag = 'Places';
const list = '/api/projects/{projectId}/places';
const one = '/api/projects/{projectId}/places/{placeId}';

export function placeRoutes(places: PlacesService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: list,
      summary: 'Places in order of their codes',
      tag,
      access: { right: 'project:read' },
      params: projectParamsShape,
      query: searchQueryShape,
      response: placeListShape,
      handle: async ({ params, query }) => await places.list(params.projectId, query),
    }),
    defineRoute({
      method: 'post',
      path: list,
      summary: 'Make a place',
      tag,
      access: { right: 'project:write' },
      params: projectParamsShape,
      body: placeCreateBodyShape,
      response: placeSnapshotShape,
      successStatus: 201,
      handle: async (context) =>
        await places.create(actorOf(context), context.params.projectId, context.body),
    }),
    defineRoute({
      method: 'get',
      path: one,
      summary: 'One place',
      tag,
      access: { right: 'project:read' },
      params: placeParamsShape,
      response: placeSnapshotShape,
      handle: async ({ params }) => await places.get(params.projectId, params.placeId),
    }),
    defineRoute({
      method: 'patch',
      path: one,
      summary: 'Change a place',
      tag,
      access: { right: 'project:write' },
      params: placeParamsShape,
      body: placePatchBodyShape,
      response: placeSnapshotShape,
      handle: async (context) =>
        await places.patch(actorOf(context), context.params.projectId, context.params.placeId, context.body),
    }),
    defineRoute({
      method: 'delete',
      path: one,
      summary: 'Delete an empty place',
      tag,
      access: { right: 'project:write' },
      params: placeParamsShape,
      response: null,
      successStatus: 204,
      handle: async (context) => {
        await places.remove(actorOf(context), context.params.projectId, context.params.placeId);
      },
    }),
  ];
}
