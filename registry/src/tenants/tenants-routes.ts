// SPDX-License-Identifier: Apache-2.0
import {
  tenantCreateBodyShape,
  tenantDetailShape,
  tenantListShape,
  tenantParamsShape,
  tenantPatchBodyShape,
  projectParamsShape,
  searchQueryShape,
} from '@wattledger/contracts/http/registry';
import { defineRoute, type Route } from '@wattledger/platform';
import { actorOf } from '../changes/actor.ts';
import type { TenantsService } from './tenants-service.ts';

const tag = 'Tenants';
const list = '/api/projects/{projectId}/tenants';
const one = '/api/projects/{projectId}/tenants/{tenantId}';

export function tenantRoutes(tenants: TenantsService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: list,
      summary: 'Tenants in order of their codes',
      tag,
      access: { right: 'project:read' },
      params: projectParamsShape,
      query: searchQueryShape,
      response: tenantListShape,
      handle: async ({ params, query }) => await tenants.list(params.projectId, query),
    }),
    defineRoute({
      method: 'post',
      path: list,
      summary: 'Make a tenant',
      tag,
      access: { right: 'project:write' },
      params: projectParamsShape,
      body: tenantCreateBodyShape,
      response: tenantDetailShape,
      successStatus: 201,
      handle: async (context) =>
        await tenants.create(actorOf(context), context.params.projectId, context.body),
    }),
    defineRoute({
      method: 'get',
      path: one,
      summary: 'One tenant with its metering points',
      tag,
      access: { right: 'project:read' },
      params: tenantParamsShape,
      response: tenantDetailShape,
      handle: async ({ params }) => await tenants.get(params.projectId, params.tenantId),
    }),
    defineRoute({
      method: 'patch',
      path: one,
      summary: 'Change a tenant',
      tag,
      access: { right: 'project:write' },
      params: tenantParamsShape,
      body: tenantPatchBodyShape,
      response: tenantDetailShape,
      handle: async (context) =>
        await tenants.patch(
          actorOf(context),
          context.params.projectId,
          context.params.tenantId,
          context.body,
        ),
    }),
    defineRoute({
      method: 'delete',
      path: one,
      summary: 'Delete a tenant that no metering point has ever named',
      tag,
      access: { right: 'project:write' },
      params: tenantParamsShape,
      response: null,
      successStatus: 204,
      handle: async (context) => {
        await tenants.remove(actorOf(context), context.params.projectId, context.params.tenantId);
      },
    }),
  ];
}
