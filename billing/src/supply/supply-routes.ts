// SPDX-License-Identifier: Apache-2.0
import {
  accountParamsShape,
  accountSupplyShape,
  billingProjectParamsShape,
  dryRunQueryShape,
  dryRunShape,
  protectionCalendarBodyShape,
  protectionCalendarListShape,
  protectionCalendarParamsShape,
  protectionCalendarShape,
  readDaysAnswerShape,
  readDaysBodyShape,
  supplyDecisionListShape,
  supplyDecisionQueryShape,
  supplyModeBodyShape,
  supplyPolicyShape,
} from '@wattledger/contracts/http/billing';
import { defineRoute, type RequestContext, type Route } from '@wattledger/platform';
import { whoOf, type BillingParts } from '../parts.ts';
import { parseDecisionPlace } from './decisions-read.ts';
import type { SupplyService } from './supply-service.ts';

const tag = 'Supply';
const project = '/api/projects/{projectId}';

export function supplyRoutes(parts: BillingParts, supply: SupplyService): readonly Route[] {
  return [
    ...policyRoutes(parts, supply),
    ...calendarReadRoutes(supply),
    ...calendarRoutes(parts, supply),
    ...decisionRoutes(supply),
    modeRoute(parts, supply),
  ];
}

function policyRoutes(parts: BillingParts, supply: SupplyService): readonly Route[] {
  const { actionLog, clock } = parts;
  return [
    defineRoute({
      method: 'get',
      path: `${project}/supply-policy`,
      summary: 'When supply may be disconnected for want of credit',
      tag,
      access: { right: 'account:read' },
      params: billingProjectParamsShape,
      response: supplyPolicyShape,
      handle: async ({ params }) => await supply.policy(params.projectId),
    }),
    defineRoute({
      method: 'put',
      path: `${project}/supply-policy`,
      summary: 'Set the supply policy',
      tag,
      access: { right: 'price:write' },
      params: billingProjectParamsShape,
      body: supplyPolicyShape,
      response: supplyPolicyShape,
      handle: async ({ params, body, principal, remoteAddress }) => {
        const { projectId } = params;
        const before = await supply.policy(projectId);
        const after = await supply.setPolicy(projectId, body, whoOf(principal));
        await actionLog.record({
          principal,
          projectId,
          action: 'supply-policy.set',
          subject: projectId,
          before,
          after,
          remoteAddress,
          atMs: clock.nowMs(),
        });
        return after;
      },
    }),
  ];
}

function calendarReadRoutes(supply: SupplyService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: `${project}/protection-calendars`,
      summary: 'Named calendars of hours and days without disconnection',
      tag,
      access: { right: 'account:read' },
      params: billingProjectParamsShape,
      response: protectionCalendarListShape,
      handle: async ({ params }) => ({ calendars: [...(await supply.calendars(params.projectId))] }),
    }),
    defineRoute({
      method: 'post',
      path: `${project}/protection-calendars/read-days`,
      summary: 'Read the days of a list of holidays (.ics or CSV); stores nothing',
      tag,
      access: { right: 'price:write' },
      params: billingProjectParamsShape,
      body: readDaysBodyShape,
      response: readDaysAnswerShape,
      handle: async ({ params, body }) => await Promise.resolve(supply.readDays(params.projectId, body)),
    }),
  ];
}

function calendarRoutes(parts: BillingParts, supply: SupplyService): readonly Route[] {
  const record = async (
    {
      principal,
      remoteAddress,
    }: Pick<RequestContext<unknown, unknown, unknown>, 'principal' | 'remoteAddress'>,
    {
      projectId,
      ...action
    }: { readonly projectId: string; readonly action: string; readonly subject: string },
    after?: unknown,
  ): Promise<void> => {
    const atMs = parts.clock.nowMs();
    await parts.actionLog.record({ principal, projectId, ...action, after, remoteAddress, atMs });
  };
  return [
    defineRoute({
      method: 'post',
      path: `${project}/protection-calendars`,
      summary: 'Add a calendar of hours and days without disconnection',
      tag,
      access: { right: 'price:write' },
      params: billingProjectParamsShape,
      body: protectionCalendarBodyShape,
      response: protectionCalendarShape,
      successStatus: 201,
      handle: async (context) => {
        const { projectId } = context.params;
        const calendar = await supply.addCalendar(projectId, context.body, whoOf(context.principal));
        const action = 'protection-calendar.add';
        await record(context, { projectId, action, subject: calendar.calendarId }, calendar);
        return calendar;
      },
    }),
    defineRoute({
      method: 'put',
      path: `${project}/protection-calendars/{calendarId}`,
      summary: 'Change a calendar',
      tag,
      access: { right: 'price:write' },
      params: protectionCalendarParamsShape,
      body: protectionCalendarBodyShape,
      response: protectionCalendarShape,
      handle: async (context) => {
        const { projectId, calendarId } = context.params;
        const wanted = { ...context.body, calendarId };
        const calendar = await supply.setCalendar(projectId, wanted, whoOf(context.principal));
        const action = 'protection-calendar.set';
        await record(context, { projectId, action, subject: calendarId }, calendar);
        return calendar;
      },
    }),
    defineRoute({
      method: 'delete',
      path: `${project}/protection-calendars/{calendarId}`,
      summary: 'Remove a calendar that no policy points to',
      tag,
      access: { right: 'price:write' },
      params: protectionCalendarParamsShape,
      response: null,
      successStatus: 204,
      handle: async (context) => {
        const { projectId, calendarId } = context.params;
        await supply.removeCalendar(projectId, calendarId);
        await record(context, { projectId, action: 'protection-calendar.remove', subject: calendarId });
      },
    }),
  ];
}

function decisionRoutes(supply: SupplyService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: `${project}/supply-decisions`,
      summary: 'Supply decisions with their evidence and commands, newest first',
      tag,
      access: { right: 'account:read' },
      params: billingProjectParamsShape,
      query: supplyDecisionQueryShape,
      response: supplyDecisionListShape,
      handle: async ({ params, query }) =>
        await supply.decisions({
          ...query,
          projectId: params.projectId,
          before: parseDecisionPlace(query.before),
        }),
    }),
    defineRoute({
      method: 'get',
      path: `${project}/supply-dry-run`,
      summary: 'Who would be disconnected or reconnected at an instant, and why',
      tag,
      access: { right: 'account:read' },
      params: billingProjectParamsShape,
      query: dryRunQueryShape,
      response: dryRunShape,
      handle: async ({ params, query }) => await supply.dryRun(params.projectId, query.at ?? null, query.all),
    }),
  ];
}

function modeRoute(parts: BillingParts, supply: SupplyService): Route {
  const { actionLog, clock } = parts;
  return defineRoute({
    method: 'put',
    path: `${project}/accounts/{accountId}/supply-mode`,
    summary: 'Force supply on or off, or hand it back to the programme',
    tag,
    access: { right: 'meter:control' },
    params: accountParamsShape,
    body: supplyModeBodyShape,
    response: accountSupplyShape,
    handle: async ({ params, body, principal, remoteAddress }) => {
      const { projectId, accountId } = params;
      const after = await supply.setMode(projectId, accountId, body.mode, body.reason, whoOf(principal));
      await actionLog.record({
        principal,
        projectId,
        action: 'supply-mode.set',
        subject: accountId,
        after: { ...body, ...after },
        remoteAddress,
        atMs: clock.nowMs(),
      });
      return after;
    },
  });
}
