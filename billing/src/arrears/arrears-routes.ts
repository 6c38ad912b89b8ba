// SPDX-License-Identifier: Apache-2.0
import {
  accountParamsShape,
  allocationPreviewQueryShape,
  allocationPreviewShape,
  arrearsAgreementBodyShape,
  arrearsAgreementShape,
  arrearsEndBodyShape,
  arrearsListQueryShape,
  arrearsListShape,
  arrearsParamsShape,
  arrearsWriteDownBodyShape,
  billingProjectParamsShape,
} from '@wattledger/contracts/http/billing';
import type { Principal } from '@wattledger/contracts';
import { defineRoute, type Route } from '@wattledger/platform';
import { requestIdOf, whoOf, type BillingParts } from '../parts.ts';
import type { AgreementChange, ArrearsService } from './arrears-service.ts';

const tag = 'Arrears';
const project = '/api/projects/{projectId}';

export function arrearsRoutes(parts: BillingParts, arrears: ArrearsService): readonly Route[] {
  return [...readRoutes(arrears), makeRoute(parts, arrears), ...changeRoutes(parts, arrears)];
}

function readRoutes(arrears: ArrearsService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: `${project}/arrears-agreements`,
      summary: 'Arrears agreements with what they collected, and balances below zero that none covers',
      tag,
      access: { right: 'account:read' },
      params: billingProjectParamsShape,
      query: arrearsListQueryShape,
      response: arrearsListShape,
      handle: async ({ params, query }) => await arrears.list(params.projectId, query.state, query.accountId),
    }),
    defineRoute({
      method: 'get',
      path: `${project}/accounts/{accountId}/allocation-preview`,
      summary: 'How a top up would be divided into arrears, emergency credit and balance',
      tag,
      access: { right: 'account:read' },
      params: accountParamsShape,
      query: allocationPreviewQueryShape,
      response: allocationPreviewShape,
      handle: async ({ params, query }) =>
        await arrears.preview(params.projectId, params.accountId, query.amountMicros),
    }),
  ];
}

function makeRoute(parts: BillingParts, arrears: ArrearsService): Route {
  return defineRoute({
    method: 'post',
    path: `${project}/accounts/{accountId}/arrears-agreements`,
    summary: 'Agree how a debt is paid back from top ups',
    tag,
    access: { right: 'account:write' },
    params: accountParamsShape,
    body: arrearsAgreementBodyShape,
    response: arrearsAgreementShape,
    successStatus: 201,
    handle: async ({ params, body, principal, idempotencyKey, remoteAddress }) => {
      const { projectId, accountId } = params;
      const requestId = requestIdOf(idempotencyKey, body.requestId);
      const request = { ...body, accountId, requestId };
      const agreement = await arrears.make(projectId, request, whoOf(principal));
      await parts.actionLog.record({
        principal,
        projectId,
        action: 'arrears.agree',
        subject: agreement.agreementId,
        after: agreement,
        remoteAddress,
        atMs: parts.clock.nowMs(),
      });
      return agreement;
    },
  });
}

function changeRoutes(parts: BillingParts, arrears: ArrearsService): readonly Route[] {
  const change = async (
    projectId: string,
    wanted: AgreementChange,
    principal: Principal | null,
    remoteAddress: string,
  ) => {
    const agreement = await arrears.change(projectId, wanted, whoOf(principal));
    await parts.actionLog.record({
      principal,
      projectId,
      action: wanted.writtenDownMicros === null ? 'arrears.end' : 'arrears.write-down',
      subject: agreement.agreementId,
      after: { reason: wanted.reason, writtenDownMicros: wanted.writtenDownMicros, state: agreement.state },
      remoteAddress,
      atMs: parts.clock.nowMs(),
    });
    return agreement;
  };
  return [
    defineRoute({
      method: 'post',
      path: `${project}/arrears-agreements/{agreementId}/end`,
      summary: 'End an arrears agreement; what is left goes back to the balance',
      tag,
      access: { right: 'account:write' },
      params: arrearsParamsShape,
      body: arrearsEndBodyShape,
      response: arrearsAgreementShape,
      handle: async ({ params, body, principal, idempotencyKey, remoteAddress }) => {
        const requestId = requestIdOf(idempotencyKey, body.requestId);
        const { agreementId } = params;
        const wanted = { requestId, agreementId, reason: body.reason, writtenDownMicros: null };
        return await change(params.projectId, wanted, principal, remoteAddress);
      },
    }),
    defineRoute({
      method: 'post',
      path: `${project}/arrears-agreements/{agreementId}/write-down`,
      summary: 'Forgive arrears, in whole or in part',
      tag,
      access: { right: 'books:write' },
      params: arrearsParamsShape,
      body: arrearsWriteDownBodyShape,
      response: arrearsAgreementShape,
      handle: async ({ params, body, principal, idempotencyKey, remoteAddress }) => {
        const requestId = requestIdOf(idempotencyKey, body.requestId);
        const { agreementId } = params;
        const { reason, amountMicros: writtenDownMicros } = body;
        return await change(
          params.projectId,
          { requestId, agreementId, reason, writtenDownMicros },
          principal,
          remoteAddress,
        );
      },
    }),
  ];
}
