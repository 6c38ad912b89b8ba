// SPDX-License-Identifier: Apache-2.0
import {
  billingProjectParamsShape,
  sharedCostBodyShape,
  sharedCostDryRunQueryShape,
  sharedCostListShape,
  sharedCostParamsShape,
  sharedCostReversalBodyShape,
  sharedCostRuleShape,
  sharedCostRunBodyShape,
  sharedCostRunParamsShape,
  sharedCostSheetShape,
  sharedCostVersionBodyShape,
  sharedCostVersionParamsShape,
} from '@wattledger/contracts/http/billing';
import { defineRoute, type RequestContext, type Route } from '@wattledger/platform';
import { requestIdOf, whoOf, type BillingParts } from '../parts.ts';
import type { SharedCostsService } from './shared-costs-service.ts';

const tag = 'Shared costs';
const base = '/api/projects/{projectId}/shared-costs';

export function sharedCostsRoutes(parts: BillingParts, costs: SharedCostsService): readonly Route[] {
  return [...readRoutes(costs), ...ruleRoutes(parts, costs), ...runRoutes(parts, costs)];
}

type Caller = Pick<
  RequestContext<{ readonly projectId: string }, unknown, unknown>,
  'params' | 'principal' | 'remoteAddress'
>;

const record = async (
  { actionLog, clock }: BillingParts,
  { params, principal, remoteAddress }: Caller,
  done: { readonly action: string; readonly subject: string; readonly after: unknown },
): Promise<void> => {
  const { projectId } = params;
  await actionLog.record({ principal, projectId, ...done, remoteAddress, atMs: clock.nowMs() });
};

function readRoutes(costs: SharedCostsService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: base,
      summary: 'Rules of shared costs and property fees, with their versions and runs',
      tag,
      access: { right: 'account:read' },
      params: billingProjectParamsShape,
      response: sharedCostListShape,
      handle: async ({ params }) => await costs.list(params.projectId),
    }),
    defineRoute({
      method: 'get',
      path: `${base}/{ruleId}/dry-run`,
      summary: 'What a run of a month would post, with the working of each line',
      tag,
      access: { right: 'account:read' },
      params: sharedCostParamsShape,
      query: sharedCostDryRunQueryShape,
      response: sharedCostSheetShape,
      handle: async ({ params, query }) =>
        await costs.dryRun(params.projectId, params.ruleId, query.month, query.invoiceMicros),
    }),
    defineRoute({
      method: 'get',
      path: `${base}/{ruleId}/runs/{runId}`,
      summary: 'A run as it was posted',
      tag,
      access: { right: 'account:read' },
      params: sharedCostRunParamsShape,
      response: sharedCostSheetShape,
      handle: async ({ params }) => await costs.sheet(params.projectId, params.ruleId, params.runId),
    }),
  ];
}

function ruleRoutes(parts: BillingParts, costs: SharedCostsService): readonly Route[] {
  const move = (state: 'approved' | 'withdrawn', word: 'approve' | 'withdraw', summary: string): Route =>
    defineRoute({
      method: 'post',
      path: `${base}/{ruleId}/versions/{versionId}/${word}`,
      summary,
      tag,
      access: { right: 'price:write' },
      params: sharedCostVersionParamsShape,
      response: sharedCostRuleShape,
      handle: async (context) => {
        const { projectId, ruleId, versionId } = context.params;
        const rule = await costs.move(projectId, ruleId, versionId, state, whoOf(context.principal));
        await record(parts, context, { action: `shared-cost.${word}`, subject: versionId, after: { state } });
        return rule;
      },
    });
  return [
    defineRoute({
      method: 'post',
      path: base,
      summary: 'Add a rule of shared costs or a property fee',
      tag,
      access: { right: 'price:write' },
      params: billingProjectParamsShape,
      body: sharedCostBodyShape,
      response: sharedCostRuleShape,
      successStatus: 201,
      handle: async (context) => {
        const rule = await costs.addRule(context.params.projectId, context.body);
        await record(parts, context, {
          action: 'shared-cost.add',
          subject: rule.ruleId,
          after: context.body,
        });
        return rule;
      },
    }),
    defineRoute({
      method: 'post',
      path: `${base}/{ruleId}/versions`,
      summary: 'Draft a version of a rule',
      tag,
      access: { right: 'price:write' },
      params: sharedCostParamsShape,
      body: sharedCostVersionBodyShape,
      response: sharedCostRuleShape,
      successStatus: 201,
      handle: async (context) => {
        const { projectId, ruleId } = context.params;
        const rule = await costs.draft(projectId, ruleId, context.body, whoOf(context.principal));
        await record(parts, context, { action: 'shared-cost.draft', subject: ruleId, after: context.body });
        return rule;
      },
    }),
    move('approved', 'approve', 'Approve a drafted version, as a second person'),
    move('withdrawn', 'withdraw', 'Withdraw a drafted version'),
  ];
}

function runRoutes(parts: BillingParts, costs: SharedCostsService): readonly Route[] {
  return [
    defineRoute({
      method: 'post',
      path: `${base}/{ruleId}/runs`,
      summary: 'Post the shared cost of a month',
      tag,
      access: { right: 'books:write' },
      params: sharedCostParamsShape,
      body: sharedCostRunBodyShape,
      response: sharedCostSheetShape,
      successStatus: 201,
      handle: async (context) => {
        const { projectId, ruleId } = context.params;
        const { month, invoiceMicros, expectedTotalMicros } = context.body;
        const requestId = requestIdOf(context.idempotencyKey, context.body.requestId);
        const request = { requestId, ruleId, month, invoiceMicros, expectedTotalMicros };
        const sheet = await costs.post(projectId, request, whoOf(context.principal));
        await record(parts, context, { action: 'shared-cost.post', subject: ruleId, after: sheet.run });
        return sheet;
      },
    }),
    defineRoute({
      method: 'post',
      path: `${base}/{ruleId}/runs/{runId}/reversal`,
      summary: 'Take a run back, whole, by a linked run with the sign turned',
      tag,
      access: { right: 'books:write' },
      params: sharedCostRunParamsShape,
      body: sharedCostReversalBodyShape,
      response: sharedCostSheetShape,
      successStatus: 201,
      handle: async (context) => {
        const { projectId, ruleId, runId } = context.params;
        const requestId = requestIdOf(context.idempotencyKey, context.body.requestId);
        const request = { requestId, ruleId, runId, reason: context.body.reason };
        const sheet = await costs.reverse(projectId, request, whoOf(context.principal));
        await record(parts, context, { action: 'shared-cost.reverse', subject: runId, after: sheet.run });
        return sheet;
      },
    }),
  ];
}
