// SPDX-License-Identifier: Apache-2.0
import {
  calendarBodyShape,
  projectCreateBodyShape,
  projectDetailShape,
  projectListShape,
  projectParamsShape,
  projectPatchBodyShape,
} from '@wattledger/contracts/http/registry';
import { defineRoute, type Route } from '@wattledger/platform';
import { actorOf } from '../changes/actor.ts';
import { signedIn } from '../sessions/signed-in.ts';
import type { ProjectsService } from './projects-service.ts';

const tag = 'Projects';

export function projectRoutes(projects: ProjectsService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/projects',
      summary: 'Projects that the caller may read',
      tag,
      access: { right: 'project:read', anyProject: true },
      response: projectListShape,
      handle: async (context) => await projects.list(signedIn(context)),
    }),
    defineRoute({
      method: 'post',
      path: '/api/projects',
      summary: 'Make a project',
      tag,
      access: { right: 'project:write' },
      body: projectCreateBodyShape,
      response: projectDetailShape,
      successStatus: 201,
      handle: async (context) => await projects.create(actorOf(context), context.body),
    }),
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}',
      summary: 'One project with its calendar and counts',
      tag,
      access: { right: 'project:read' },
      params: projectParamsShape,
      response: projectDetailShape,
      handle: async ({ params }) => await projects.get(params.projectId),
    }),
    defineRoute({
      method: 'patch',
      path: '/api/projects/{projectId}',
      summary: 'Change a project; another zone or slot length lays all its energy on the new grid',
      tag,
      access: { right: 'project:write' },
      params: projectParamsShape,
      body: projectPatchBodyShape,
      response: projectDetailShape,
      handle: async (context) =>
        await projects.patch(actorOf(context), context.params.projectId, context.body),
    }),
    defineRoute({
      method: 'put',
      path: '/api/projects/{projectId}/calendar',
      summary: 'Replace the tariff calendar of a project',
      tag,
      access: { right: 'project:write' },
      params: projectParamsShape,
      body: calendarBodyShape,
      response: projectDetailShape,
      handle: async (context) =>
        await projects.setCalendar(actorOf(context), context.params.projectId, context.body),
    }),
  ];
}
