// SPDX-License-Identifier: Apache-2.0
import { projectParamsShape, treeQueryShape, treeShape } from '@wattledger/contracts/http/registry';
import { defineRoute, type Route } from '@wattledger/platform';
import type { TreeService } from './tree-service.ts';

export function treeRoutes(tree: TreeService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/tree',
      summary: 'Places, points, meters, gateways and tenants of a project in one answer',
      tag: 'Projects',
      access: { right: 'project:read' },
      params: projectParamsShape,
      query: treeQueryShape,
      response: treeShape,
      handle: async ({ params, query }) => await tree.get(params.projectId, query.atMs),
    }),
  ];
}
