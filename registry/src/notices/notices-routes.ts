// SPDX-License-Identifier: Apache-2.0
import {
  noticeDetailShape,
  noticeListQueryShape,
  noticeListShape,
  noticeParamsShape,
  ownNoticeListShape,
  readOwnNoticesBodyShape,
  templateBodyShape,
  templateListShape,
  templateParamsShape,
  templatePreviewShape,
  templateShape,
  testNoticeBodyShape,
} from '@wattledger/contracts/http/notices';
import { projectParamsShape } from '@wattledger/contracts/http/registry';
import { defineRoute, type Route } from '@wattledger/platform';
import { actorOf } from '../changes/actor.ts';
import type { NoticesService } from './notices-service.ts';

const tag = 'Messages';
const list = '/api/projects/{projectId}/notices';
const templates = '/api/projects/{projectId}/notice-templates';
const template = '/api/projects/{projectId}/notice-templates/{event}/{language}';
const read = { right: 'alarm:read' } as const;
const write = { right: 'alarm:write' } as const;

export function noticeRoutes(notices: NoticesService): readonly Route[] {
  return [...messageRoutes(notices), ...templateRoutes(notices), ...ownRoutes(notices)];
}

function messageRoutes(notices: NoticesService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: list,
      summary: 'Every message with its outcome, newest first',
      tag,
      access: read,
      params: projectParamsShape,
      query: noticeListQueryShape,
      response: noticeListShape,
      handle: async ({ params, query }) => await notices.list(params.projectId, query),
    }),
    defineRoute({
      method: 'post',
      path: `${list}/test`,
      summary: 'Send a test message',
      tag,
      access: write,
      params: projectParamsShape,
      body: testNoticeBodyShape,
      response: noticeDetailShape,
      successStatus: 201,
      handle: async (context) => await notices.test(actorOf(context), context.params.projectId, context.body),
    }),
    defineRoute({
      method: 'get',
      path: `${list}/{noticeId}`,
      summary: 'One message with every attempt',
      tag,
      access: read,
      params: noticeParamsShape,
      response: noticeDetailShape,
      handle: async ({ params }) => await notices.get(params.projectId, params.noticeId),
    }),
    defineRoute({
      method: 'post',
      path: `${list}/{noticeId}/retry`,
      summary: 'Try a message again that was given up',
      tag,
      access: write,
      params: noticeParamsShape,
      response: noticeDetailShape,
      handle: async (context) =>
        await notices.retry(actorOf(context), context.params.projectId, context.params.noticeId),
    }),
  ];
}

function templateRoutes(notices: NoticesService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: templates,
      summary: 'Templates of messages, by event and language',
      tag,
      access: read,
      params: projectParamsShape,
      response: templateListShape,
      handle: async ({ params }) => await notices.templates(params.projectId),
    }),
    defineRoute({
      method: 'put',
      path: template,
      summary: 'Change a template',
      tag,
      access: write,
      params: templateParamsShape,
      body: templateBodyShape,
      response: templateShape,
      handle: async (context) =>
        await notices.putTemplate(actorOf(context), context.params.projectId, context.params, context.body),
    }),
    defineRoute({
      method: 'delete',
      path: template,
      summary: 'Go back to the template that comes with the product',
      tag,
      access: write,
      params: templateParamsShape,
      response: templateShape,
      handle: async (context) =>
        await notices.putTemplate(actorOf(context), context.params.projectId, context.params, null),
    }),
    defineRoute({
      method: 'post',
      path: `${template}/preview`,
      summary: 'A template filled with an example; changes nothing',
      tag,
      access: read,
      params: templateParamsShape,
      body: templateBodyShape,
      response: templatePreviewShape,
      handle: async ({ params, body }) => notices.preview(params.event, params.language, body),
    }),
  ];
}

function ownRoutes(notices: NoticesService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/own-notices',
      summary: 'What was told to the person who is signed in',
      tag,
      access: 'signed-in',
      response: ownNoticeListShape,
      handle: async ({ principal }) => await notices.own(principal),
    }),
    defineRoute({
      method: 'post',
      path: '/api/own-notices/read',
      summary: 'Mark what was told to one as read',
      tag,
      access: 'signed-in',
      body: readOwnNoticesBodyShape,
      response: ownNoticeListShape,
      handle: async ({ principal, body }) => await notices.readOwn(principal, body.ids ?? null),
    }),
  ];
}
