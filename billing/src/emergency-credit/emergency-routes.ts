// SPDX-License-Identifier: Apache-2.0
import {
  accountCreditShape,
  accountParamsShape,
  billingProjectParamsShape,
  emergencyPolicyShape,
  takeEmergencyBodyShape,
} from '@wattledger/contracts/http/billing';
import { defineRoute, type Route } from '@wattledger/platform';
import { requestIdOf, whoOf, type BillingParts } from '../parts.ts';
import type { EmergencyService } from './emergency-service.ts';

const tag = 'Emergency credit';
const project = '/api/projects/{projectId}';

export function emergencyRoutes(parts: BillingParts, emergency: EmergencyService): readonly Route[] {
  return [...policyRoutes(parts, emergency), ...creditRoutes(parts, emergency)];
}

function policyRoutes(parts: BillingParts, emergency: EmergencyService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: `${project}/emergency-credit-policy`,
      summary: 'Who is offered emergency credit, how much and when',
      tag,
      access: { right: 'account:read' },
      params: billingProjectParamsShape,
      response: emergencyPolicyShape,
      handle: async ({ params }) => await emergency.policy(params.projectId),
    }),
    defineRoute({
      method: 'put',
      path: `${project}/emergency-credit-policy`,
      summary: 'Set the policy of emergency credit',
      tag,
      access: { right: 'price:write' },
      params: billingProjectParamsShape,
      body: emergencyPolicyShape,
      response: emergencyPolicyShape,
      handle: async ({ params, body, principal, remoteAddress }) => {
        const { projectId } = params;
        const before = await emergency.policy(projectId);
        const after = await emergency.setPolicy(projectId, body, whoOf(principal));
        await parts.actionLog.record({
          principal,
          projectId,
          action: 'emergency-credit-policy.set',
          subject: projectId,
          before,
          after,
          remoteAddress,
          atMs: parts.clock.nowMs(),
        });
        return after;
      },
    }),
  ];
}

function creditRoutes(parts: BillingParts, emergency: EmergencyService): readonly Route[] {
  const account = `${project}/accounts/{accountId}`;
  return [
    defineRoute({
      method: 'get',
      path: `${account}/credit`,
      summary: 'Emergency credit, arrears and present protection of an account',
      tag,
      access: { right: 'account:read' },
      params: accountParamsShape,
      response: accountCreditShape,
      handle: async ({ params }) => await emergency.credit(params.projectId, params.accountId),
    }),
    defineRoute({
      method: 'post',
      path: `${account}/emergency-credit`,
      summary: 'Take the emergency credit that is offered',
      tag,
      access: { right: 'vend:write' },
      params: accountParamsShape,
      body: takeEmergencyBodyShape,
      response: accountCreditShape,
      successStatus: 201,
      handle: async ({ params, body, principal, idempotencyKey, remoteAddress }) => {
        const { projectId, accountId } = params;
        const requestId = requestIdOf(idempotencyKey, body.requestId);
        const request = { requestId, accountId, byTenant: body.byTenant };
        const credit = await emergency.take(projectId, request, whoOf(principal));
        await parts.actionLog.record({
          principal,
          projectId,
          action: 'emergency-credit.take',
          subject: accountId,
          after: { ...request, ...credit.emergency },
          remoteAddress,
          atMs: parts.clock.nowMs(),
        });
        return credit;
      },
    }),
  ];
}
