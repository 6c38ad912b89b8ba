// SPDX-License-Identifier: Apache-2.0
import {
  mountingAnswerShape,
  mountingBodyShape,
  projectParamsShape,
} from '@wattledger/contracts/http/registry';
import { defineRoute, type Route } from '@wattledger/platform';
import { actorOf } from '../changes/actor.ts';
import type { MountingsService } from './mountings-service.ts';

export function mountingRoutes(mountings: MountingsService): readonly Route[] {
  return [
    defineRoute({
      method: 'post',
      path: '/api/projects/{projectId}/mountings',
      summary: 'Mount, exchange, unmount, correct, or undo such a change',
      tag: 'Metering points',
      access: { right: 'project:write' },
      params: projectParamsShape,
      body: mountingBodyShape,
      response: mountingAnswerShape,
      successStatus: 201,
      handle: async (context) =>
        await mountings.change(actorOf(context), context.params.projectId, context.body),
    }),
  ];
}
