// SPDX-License-Identifier: Apache-2.0
import { projectParams } from '@wattledger/contracts/http/analytics';
import { answered, defineRoute, RequestError, type Route } from '@wattledger/platform';
import type { Sites } from '../../site/sites.ts';
import type { LiveHub } from './live-hub.ts';

export function liveRoutes(sites: Sites, hub: LiveHub): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/live',
      summary:
        'Server-sent events: new slots, telemetry, account events, alarms and command outcomes, once a second.',
      tag: 'analytics',
      access: { right: 'project:read' },
      params: projectParams,
      response: null,
      handle: async ({ params, principal, request, response, cookies }) => {
        if (principal === null)
          throw new RequestError({
            status: 401,
            code: 'sign-in-required',
            message: 'You are not signed in.',
          });
        sites.get(params.projectId);
        await hub.open({ projectId: params.projectId, principal, request, cookies, response });
        return answered;
      },
    }),
  ];
}
