// SPDX-License-Identifier: Apache-2.0
import { mayDo } from '@wattledger/contracts';
import {
  accountParamsShape,
  billingProjectParamsShape,
  pendingPaymentAnswerShape,
  pendingPaymentBodyShape,
  pendingPaymentParamsShape,
  reversalBodyShape,
  vendBodyShape,
  vendListQueryShape,
  vendListShape,
  vendParamsShape,
  vendQuoteShape,
  vendShape,
  type VendList,
} from '@wattledger/contracts/http/billing';
import { defineRoute, type Route } from '@wattledger/platform';
import type { AccountsService } from '../accounts/accounts-service.ts';
import { projectOf, requestIdOf, whoOf, type BillingParts } from '../parts.ts';
import type { VendFilter } from './vends-store.ts';
import { thirdPartyRoutes } from './third-party-routes.ts';
import { loadQuoteMedia } from './vend-quote.ts';
import type { VendsService } from './vends-service.ts';

const tag = 'Top ups';
const account = '/api/projects/{projectId}/accounts/{accountId}';

export function vendsRoutes(
  parts: BillingParts,
  vends: VendsService,
  accounts: Pick<AccountsService, 'row'>,
): readonly Route[] {
  return [
    ...listRoutes(parts, vends),
    ...moneyRoutes(parts, vends),
    ...announcementRoutes(parts, vends),
    quoteRoute(parts, accounts),
    ...thirdPartyRoutes(parts, { vends, accounts }),
  ];
}

const quoteRoute = (parts: BillingParts, accounts: Pick<AccountsService, 'row'>): Route =>
  defineRoute({
    method: 'get',
    path: `${account}/vend-quote`,
    summary: 'What money buys at present: estimates for the counter',
    tag,
    access: { right: 'account:read' },
    params: accountParamsShape,
    response: vendQuoteShape,
    handle: async ({ params: { projectId, accountId } }) => {
      const { currency, zone } = projectOf(parts, projectId);
      const { balanceMicros, dailyChargeMicros } = await accounts.row(projectId, accountId);
      const nowMs = parts.clock.nowMs();
      const quotes = await loadQuoteMedia(parts.database, { accountId, zone, nowMs });
      return { currency, balanceMicros, dailyChargeMicros, media: quotes };
    },
  });

function listRoutes(parts: BillingParts, vends: VendsService): readonly Route[] {
  async function page(filter: VendFilter): Promise<VendList> {
    const { currency } = projectOf(parts, filter.projectId);
    const found = await vends.list(filter);
    const next = found.length === filter.limit ? (found.at(-1)?.receiptNumber ?? null) : null;
    return { currency, vends: [...found], next };
  }
  return [
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/vends',
      summary: 'Top ups of the project, newest receipt first',
      tag,
      access: { right: 'account:read' },
      params: billingProjectParamsShape,
      query: vendListQueryShape,
      response: vendListShape,
      handle: async ({ params, query }) => await page({ ...query, projectId: params.projectId }),
    }),
    defineRoute({
      method: 'get',
      path: `${account}/vends`,
      summary: 'Top ups of an account, newest receipt first',
      tag,
      access: { right: 'account:read' },
      params: accountParamsShape,
      query: vendListQueryShape,
      response: vendListShape,
      handle: async ({ params, query }) => await page({ ...query, ...params }),
    }),
  ];
}

function moneyRoutes(parts: BillingParts, vends: VendsService): readonly Route[] {
  const { actionLog, clock } = parts;
  return [
    defineRoute({
      method: 'post',
      path: `${account}/vends`,
      summary: 'Top up at the counter',
      tag,
      access: { right: 'vend:write' },
      params: accountParamsShape,
      body: vendBodyShape,
      response: vendShape,
      successStatus: 201,
      handle: async ({ params, body, principal, idempotencyKey, remoteAddress }) => {
        const { projectId, accountId } = params;
        const requestId = requestIdOf(idempotencyKey, body.requestId);
        const vend = await vends.vend(projectId, { ...body, accountId, requestId }, whoOf(principal));
        await actionLog.record({
          principal,
          projectId,
          action: 'vend',
          subject: vend.vendId,
          after: vend,
          remoteAddress,
          atMs: clock.nowMs(),
        });
        return vend;
      },
    }),
    defineRoute({
      method: 'post',
      path: `${account}/vends/{vendId}/reversal`,
      summary: 'Reverse a wrong top up',
      tag,
      access: { right: 'vend:write' },
      params: vendParamsShape,
      body: reversalBodyShape,
      response: vendShape,
      handle: async ({ params, body, principal, idempotencyKey, remoteAddress }) => {
        const { projectId, accountId, vendId } = params;
        const requestId = requestIdOf(idempotencyKey, body.requestId);
        const mayOverride = principal !== null && mayDo(principal, 'account:write', projectId);
        const { reason, cause, override } = body;
        const request = { requestId, accountId, vendId, cause, reason, override };
        const vend = await vends.reverse(projectId, request, whoOf(principal), mayOverride);
        await actionLog.record({
          principal,
          projectId,
          action: 'vend.reverse',
          subject: vendId,
          after: vend.reversal,
          remoteAddress,
          atMs: clock.nowMs(),
        });
        return vend;
      },
    }),
  ];
}

function announcementRoutes(parts: BillingParts, vends: VendsService): readonly Route[] {
  const { actionLog, clock } = parts;
  return [
    defineRoute({
      method: 'post',
      path: `${account}/pending-payments`,
      summary: 'Announce a payment that has not arrived yet; it holds a disconnection back',
      tag,
      access: { right: 'vend:write' },
      params: accountParamsShape,
      body: pendingPaymentBodyShape,
      response: pendingPaymentAnswerShape,
      successStatus: 201,
      handle: async ({ params, body, principal, idempotencyKey, remoteAddress }) => {
        const { projectId, accountId } = params;
        const requestId = requestIdOf(idempotencyKey, body.requestId);
        const answer = await vends.announcePayment(
          projectId,
          { ...body, accountId, requestId },
          whoOf(principal),
        );
        await actionLog.record({
          principal,
          projectId,
          action: 'payment.announce',
          subject: answer.pendingPaymentId,
          after: body,
          remoteAddress,
          atMs: clock.nowMs(),
        });
        return answer;
      },
    }),
    defineRoute({
      method: 'delete',
      path: `${account}/pending-payments/{pendingPaymentId}`,
      summary: 'Cancel an announced payment',
      tag,
      access: { right: 'vend:write' },
      params: pendingPaymentParamsShape,
      response: null,
      successStatus: 204,
      handle: async ({ params, principal, remoteAddress }) => {
        const { projectId, pendingPaymentId } = params;
        await vends.cancelPayment(params);
        await actionLog.record({
          principal,
          projectId,
          action: 'payment.cancel',
          subject: pendingPaymentId,
          remoteAddress,
          atMs: clock.nowMs(),
        });
      },
    }),
  ];
}
