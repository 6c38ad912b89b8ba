// SPDX-License-Identifier: Apache-2.0
import {
  groupOverviewShape,
  projectOverviewShape,
  projectParams,
} from '@wattledger/contracts/http/analytics';
import { defineRoute, RequestError, type Route } from '@wattledger/platform';
import type { Asker } from '../../asking/asker.ts';
import { askGroupOverview, askProjectOverview } from './overview-service.ts';

export function overviewRoutes(asker: Asker): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/overview',
      summary: 'The projects you may see: what they have, consume and charge, against the spans before.',
      tag: 'analytics',
      access: { right: 'energy:read', anyProject: true },
      response: groupOverviewShape,
      handle: async ({ principal }) => {
        if (principal === null)
          throw new RequestError({
            status: 401,
            code: 'sign-in-required',
            message: 'You are not signed in.',
          });
        return await askGroupOverview(asker, principal);
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/overview',
      summary:
        'Today, this month and this year against the spans before; by sub-item and place; curve, largest consumers, loss.',
      tag: 'analytics',
      access: { right: 'energy:read' },
      params: projectParams,
      response: projectOverviewShape,
      handle: async ({ params }) => await askProjectOverview(asker, params.projectId),
    }),
  ];
}
