// SPDX-License-Identifier: Apache-2.0
import {
  accountParamsShape,
  accountSupplyShape,
  billingProjectParamsShape,
  dryRunQueryShape,
  dryRunShape,
  supplyDecisionListShape,
  supplyDecisionQueryShape,
  supplyModeBodyShape,
  supplyPolicyShape,
} from '@wattledger/contracts/http/billing';
import { defineRoute, type Route } from '@wattledger/platform';
import { whoOf, type BillingParts } from '../parts.ts';
import { parseDecisionPlace } from './decisions-read.ts';
import type { SupplyService } from './supply-service.ts';

const tag = 'Supply';
const project = '/api/projects/{projectId}';

export function supplyRoutes(parts: BillingParts, supply: SupplyService): readonly Route[] {
  return [...policyRoutes(parts, supply), ...decisionRoutes(supply), modeRoute(parts, supply)];
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
