// SPDX-License-Identifier: Apache-2.0
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  actionListQueryShape,
  actionListShape,
  actionVerifyShape,
  projectParamsShape,
} from '@wattledger/contracts/http/registry';
import { answered, defineRoute, type Route } from '@wattledger/platform';
import type { ActionsService } from './actions-service.ts';

const tag = 'Log of actions';

async function sendCsv(
  response: ServerResponse,
  chunks: AsyncGenerator<string>,
  fileName: string,
): Promise<typeof answered> {
  response.setHeader('content-type', 'text/csv; charset=utf-8');
  response.setHeader('content-disposition', `attachment; filename="${fileName}"`);
  response.setHeader('cache-control', 'no-store');
  await pipeline(Readable.from(chunks), response);
  return answered;
}

export function actionRoutes(actions: ActionsService): readonly Route[] {
  const access = { right: 'audit:read' } as const;
  return [
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/actions',
      summary: 'What was done in a project, newest first',
      tag,
      access,
      params: projectParamsShape,
      query: actionListQueryShape,
      response: actionListShape,
      handle: async ({ params, query }) => await actions.list(params.projectId, query),
    }),
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/actions/export',
      summary: 'What was done in a project, as CSV',
      tag,
      access,
      params: projectParamsShape,
      response: null,
      handle: async ({ params, response }) =>
        await sendCsv(response, actions.exportCsv(params.projectId), 'actions.csv'),
    }),
    defineRoute({
      method: 'get',
      path: '/api/actions',
      summary: 'What was done in the whole group, newest first',
      tag,
      access,
      query: actionListQueryShape,
      response: actionListShape,
      handle: async ({ query }) => await actions.list(null, query),
    }),
    defineRoute({
      method: 'get',
      path: '/api/actions/export',
      summary: 'What was done in the whole group, as CSV with the chain of hashes',
      tag,
      access,
      response: null,
      handle: async ({ response }) => await sendCsv(response, actions.exportCsv(null), 'actions.csv'),
    }),
    defineRoute({
      method: 'get',
      path: '/api/actions/verify',
      summary: 'Whether the chain of hashes holds from the first action to the last',
      tag,
      access,
      response: actionVerifyShape,
      handle: async () => await actions.verify(),
    }),
  ];
}
