// SPDX-License-Identifier: Apache-2.0
import {
  acknowledgeBodyShape,
  alarmDetailShape,
  alarmListQueryShape,
  alarmListShape,
  alarmParamsShape,
  alarmShape,
  projectParamsShape,
} from '@wattledger/contracts/http/registry';
import { defineRoute, type Route } from '@wattledger/platform';
import { actorOf } from '../changes/actor.ts';
import type { AlarmsService } from './alarms-service.ts';

const tag = 'Alarms';

export function alarmRoutes(alarms: AlarmsService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/alarms',
      summary: 'Alarms, newest first',
      tag,
      access: { right: 'alarm:read' },
      params: projectParamsShape,
      query: alarmListQueryShape,
      response: alarmListShape,
      handle: async ({ params, query }) => await alarms.list(params.projectId, query),
    }),
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/alarms/{alarmId}',
      summary: 'One alarm with its history',
      tag,
      access: { right: 'alarm:read' },
      params: alarmParamsShape,
      response: alarmDetailShape,
      handle: async ({ params }) => await alarms.get(params.projectId, params.alarmId),
    }),
    defineRoute({
      method: 'post',
      path: '/api/projects/{projectId}/alarms/{alarmId}/acknowledge',
      summary: 'Say that somebody has seen the alarm and sees to it',
      tag,
      access: { right: 'alarm:write' },
      params: alarmParamsShape,
      body: acknowledgeBodyShape,
      response: alarmShape,
      handle: async (context) =>
        await alarms.acknowledge(
          actorOf(context),
          context.params.projectId,
          context.params.alarmId,
          context.body,
        ),
    }),
  ];
}
