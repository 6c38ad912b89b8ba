// SPDX-License-Identifier: Apache-2.0
import {
  alarmSchemeBodyShape,
  alarmSchemeListShape,
  alarmSchemeParamsShape,
  alarmSchemeShape,
} from '@wattledger/contracts/http/alarms';
import { projectParamsShape } from '@wattledger/contracts/http/registry';
import { defineRoute, type Route } from '@wattledger/platform';
import { actorOf } from '../changes/actor.ts';
import type { AlarmSchemesService } from './alarm-schemes-service.ts';

const tag = 'Alarm schemes';
const list = '/api/projects/{projectId}/alarm-schemes';
const one = '/api/projects/{projectId}/alarm-schemes/{schemeId}';

export function alarmSchemeRoutes(schemes: AlarmSchemesService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: list,
      summary: 'How alarms are judged and who is told',
      tag,
      access: { right: 'alarm:read' },
      params: projectParamsShape,
      response: alarmSchemeListShape,
      handle: async ({ params }) => await schemes.list(params.projectId),
    }),
    defineRoute({
      method: 'post',
      path: list,
      summary: 'Make an alarm scheme, for a class of tenants or for everything else',
      tag,
      access: { right: 'alarm:write' },
      params: projectParamsShape,
      body: alarmSchemeBodyShape,
      response: alarmSchemeShape,
      successStatus: 201,
      handle: async (context) =>
        await schemes.create(actorOf(context), context.params.projectId, context.body),
    }),
    defineRoute({
      method: 'put',
      path: one,
      summary: 'Change an alarm scheme',
      tag,
      access: { right: 'alarm:write' },
      params: alarmSchemeParamsShape,
      body: alarmSchemeBodyShape,
      response: alarmSchemeShape,
      handle: async (context) =>
        await schemes.change(
          actorOf(context),
          context.params.projectId,
          context.params.schemeId,
          context.body,
        ),
    }),
    defineRoute({
      method: 'delete',
      path: one,
      summary:
        'Delete an alarm scheme: what it held for falls back on the scheme of everything, or on the usual',
      tag,
      access: { right: 'alarm:write' },
      params: alarmSchemeParamsShape,
      response: null,
      successStatus: 204,
      handle: async (context) => {
        await schemes.remove(actorOf(context), context.params.projectId, context.params.schemeId);
      },
    }),
  ];
}
