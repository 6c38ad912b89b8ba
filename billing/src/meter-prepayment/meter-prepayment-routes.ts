// SPDX-License-Identifier: Apache-2.0
import { mayDo, type Principal } from '@wattledger/contracts';
import {
  accountParamsShape,
  meterCreditListShape,
  meterCreditParamsShape,
  meterCreditShape,
  meterPointParamsShape,
  meterPrepaymentShape,
  meterSideBodyShape,
  reversalBodyShape,
  type MeterCredit,
} from '@wattledger/contracts/http/billing';
import { defineRoute, type Route } from '@wattledger/platform';
import { requestIdOf, whoOf, type BillingParts } from '../parts.ts';
import type { MeterPrepaymentService } from './meter-prepayment-service.ts';

const tag = 'Meter-side prepayment';
const account = '/api/projects/{projectId}/accounts/{accountId}';

/** Whoever has the digits has the credit: only who sells sees them. */
const shownTo = (principal: Principal | null, projectId: string, credit: MeterCredit): MeterCredit =>
  principal !== null && mayDo(principal, 'vend:write', projectId) ? credit : { ...credit, token: null };

export function meterPrepaymentRoutes(
  parts: BillingParts,
  service: MeterPrepaymentService,
): readonly Route[] {
  return [...settingRoutes(parts, service), listRoute(service), ...creditRoutes(parts, service)];
}

function settingRoutes(
  { actionLog, clock }: BillingParts,
  service: MeterPrepaymentService,
): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: `${account}/meter-prepayment`,
      summary: "Where the balance of each metering point is kept, and what the ledger's differs by",
      tag,
      access: { right: 'account:read' },
      params: accountParamsShape,
      response: meterPrepaymentShape,
      handle: async ({ params: { projectId, accountId } }) => await service.view(projectId, accountId),
    }),
    defineRoute({
      method: 'put',
      path: `${account}/meter-prepayment/{meteringPointId}`,
      summary: 'Let the meter keep the credit, or the ledger again (null)',
      tag,
      access: { right: 'account:write' },
      params: meterPointParamsShape,
      body: meterSideBodyShape,
      response: meterPrepaymentShape,
      handle: async ({ params, body, principal, remoteAddress }) => {
        await service.setTerms(params, body.meterSide, whoOf(principal));
        const { projectId, accountId, meteringPointId } = params;
        await actionLog.record({
          principal,
          projectId,
          action: 'meter-prepayment.set',
          subject: accountId,
          after: { meteringPointId, ...body },
          remoteAddress,
          atMs: clock.nowMs(),
        });
        return await service.view(projectId, accountId);
      },
    }),
  ];
}

function listRoute(service: MeterPrepaymentService): Route {
  return defineRoute({
    method: 'get',
    path: `${account}/meter-credits`,
    summary: 'Credits on their way to the meter, newest first; tokens only for who may sell',
    tag,
    access: { right: 'account:read' },
    params: accountParamsShape,
    response: meterCreditListShape,
    handle: async ({ params: { projectId, accountId }, principal }) => {
      const { currency, credits } = await service.list(projectId, accountId);
      return { currency, credits: credits.map((credit) => shownTo(principal, projectId, credit)) };
    },
  });
}

function creditRoutes({ actionLog, clock }: BillingParts, service: MeterPrepaymentService): readonly Route[] {
  return [
    defineRoute({
      method: 'post',
      path: `${account}/meter-credits/{meterCreditId}/retry`,
      summary: 'Send a credit that failed once more; a meter that has it takes it no second time',
      tag,
      access: { right: 'vend:write' },
      params: meterCreditParamsShape,
      response: meterCreditShape,
      handle: async ({ params, principal, remoteAddress }) => {
        const credit = await service.retry(params);
        await actionLog.record({
          principal,
          projectId: params.projectId,
          action: 'meter-credit.retry',
          subject: params.meterCreditId,
          after: { state: credit.state },
          remoteAddress,
          atMs: clock.nowMs(),
        });
        return credit;
      },
    }),
    defineRoute({
      method: 'post',
      path: `${account}/meter-credits/{meterCreditId}/cancel`,
      summary: 'Cancel a credit: its top up is reversed by the same rules as any other',
      tag,
      access: { right: 'vend:write' },
      params: meterCreditParamsShape,
      body: reversalBodyShape,
      response: meterCreditShape,
      handle: async ({ params, body, principal, idempotencyKey, remoteAddress }) => {
        const { projectId, meterCreditId } = params;
        const requestId = requestIdOf(idempotencyKey, body.requestId);
        const mayOverride = principal !== null && mayDo(principal, 'account:write', projectId);
        const { reason, cause, override } = body;
        const reversal = { requestId, reason, cause, override };
        const credit = await service.cancel(params, reversal, whoOf(principal), mayOverride);
        await actionLog.record({
          principal,
          projectId,
          action: 'meter-credit.cancel',
          subject: meterCreditId,
          after: { reason, state: credit.state },
          remoteAddress,
          atMs: clock.nowMs(),
        });
        return credit;
      },
    }),
  ];
}
