// SPDX-License-Identifier: Apache-2.0
import {
  acknowledgeBodyShape,
  acknowledgeManyAnswerShape,
  acknowledgeManyBodyShape,
  alarmAssignmentBodyShape,
  alarmDetailShape,
  alarmFileQueryShape,
  alarmListQueryShape,
  alarmListShape,
  alarmNoteBodyShape,
  alarmParamsShape,
  alarmPeopleShape,
  alarmShape,
  alarmStatisticsQueryShape,
  alarmStatisticsShape,
} from '@wattledger/contracts/http/alarms';
import { projectParamsShape } from '@wattledger/contracts/http/registry';
import { answered, defineRoute, type Route } from '@wattledger/platform';
import { actorOf } from '../changes/actor.ts';
import type { AlarmsService } from './alarms-service.ts';

const tag = 'Alarms';
const read = { right: 'alarm:read' } as const;
const write = { right: 'alarm:write' } as const;

export function alarmRoutes(alarms: AlarmsService): readonly Route[] {
  return [...questionRoutes(alarms), ...changeRoutes(alarms)];
}

function questionRoutes(alarms: AlarmsService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/alarms',
      summary: 'Alarms, newest first',
      tag,
      access: read,
      params: projectParamsShape,
      query: alarmListQueryShape,
      response: alarmListShape,
      handle: async ({ params, query }) => await alarms.list(params.projectId, query),
    }),
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/alarms/{alarmId}',
      summary: 'One alarm with its history and who was told',
      tag,
      access: read,
      params: alarmParamsShape,
      response: alarmDetailShape,
      handle: async ({ params }) => await alarms.get(params.projectId, params.alarmId),
    }),
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/alarm-file',
      summary: 'Alarms as CSV or spreadsheet',
      tag,
      access: read,
      params: projectParamsShape,
      query: alarmFileQueryShape,
      response: null,
      handle: async ({ params, query, response }) => {
        const { contentType, fileName, bytes } = await alarms.file(params.projectId, query);
        response.setHeader('content-type', contentType);
        response.setHeader('content-disposition', `attachment; filename="${fileName}"`);
        response.setHeader('cache-control', 'no-store');
        response.end(bytes);
        return answered;
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/alarm-statistics',
      summary: 'How many alarms there were of each kind, and how long they lasted',
      tag,
      access: read,
      params: projectParamsShape,
      query: alarmStatisticsQueryShape,
      response: alarmStatisticsShape,
      handle: async ({ params, query }) => await alarms.statistics(params.projectId, query),
    }),
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/alarm-people',
      summary: 'Staff who may see the alarms of the project',
      tag,
      access: read,
      params: projectParamsShape,
      response: alarmPeopleShape,
      handle: async ({ params }) => await alarms.people(params.projectId),
    }),
  ];
}

function changeRoutes(alarms: AlarmsService): readonly Route[] {
  return [
    defineRoute({
      method: 'post',
      path: '/api/projects/{projectId}/alarms/acknowledge',
      summary: 'Say of several alarms that somebody has seen them and sees to them',
      tag,
      access: write,
      params: projectParamsShape,
      body: acknowledgeManyBodyShape,
      response: acknowledgeManyAnswerShape,
      handle: async (context) =>
        await alarms.acknowledgeMany(actorOf(context), context.params.projectId, context.body),
    }),
    defineRoute({
      method: 'post',
      path: '/api/projects/{projectId}/alarms/{alarmId}/acknowledge',
      summary: 'Say that somebody has seen the alarm and sees to it',
      tag,
      access: write,
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
    defineRoute({
      method: 'post',
      path: '/api/projects/{projectId}/alarms/{alarmId}/notes',
      summary: 'Write a note into the history of the alarm',
      tag,
      access: write,
      params: alarmParamsShape,
      body: alarmNoteBodyShape,
      response: alarmDetailShape,
      handle: async (context) => {
        const { projectId, alarmId } = context.params;
        return await alarms.addNote(actorOf(context), projectId, alarmId, context.body.note);
      },
    }),
    defineRoute({
      method: 'put',
      path: '/api/projects/{projectId}/alarms/{alarmId}/assignment',
      summary: 'Say who sees to the alarm',
      tag,
      access: write,
      params: alarmParamsShape,
      body: alarmAssignmentBodyShape,
      response: alarmDetailShape,
      handle: async (context) => {
        const { projectId, alarmId } = context.params;
        return await alarms.assign(actorOf(context), projectId, alarmId, context.body.staffId);
      },
    }),
  ];
}
