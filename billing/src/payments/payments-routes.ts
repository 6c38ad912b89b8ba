// SPDX-License-Identifier: Apache-2.0
import { mayDo, type Principal } from '@wattledger/contracts';
import {
  accountParamsShape,
  billingProjectParamsShape,
  onlinePaymentShape,
  paymentBodyShape,
  paymentItemListShape,
  paymentItemParamsShape,
  paymentItemShape,
  paymentListQueryShape,
  paymentListShape,
  paymentNoticeParamsShape,
  paymentParamsShape,
  paymentRefundBodyShape,
  settleItemBodyShape,
} from '@wattledger/contracts/http/billing';
import { answered, defineRoute, limitedBody, type Route } from '@wattledger/platform';
import { projectOf, requestIdOf, whoOf, type BillingParts } from '../parts.ts';
import type { PaymentsService } from './payments-service.ts';

const tag = 'Online payments';
const project = '/api/projects/{projectId}';
const noticeBytesMax = 256_000;

export function paymentsRoutes(parts: BillingParts, payments: PaymentsService): readonly Route[] {
  return [
    noticeRoute(payments),
    listRoute(parts, payments),
    createRoute(parts, payments),
    checkRoute(payments),
    refundRoute(parts, payments),
    ...itemRoutes(parts, payments),
  ];
}

/** The signature is over the bytes as sent, so they are read raw. */
const noticeRoute = (payments: PaymentsService): Route =>
  defineRoute({
    method: 'post',
    path: '/api/payments/{provider}/notices',
    summary: 'What a payment provider tells; believed only when it is signed by it',
    tag,
    access: 'public',
    params: paymentNoticeParamsShape,
    bodyKind: 'stream',
    bodyBytesMax: noticeBytesMax,
    response: null,
    handle: async ({ params, request, response }) => {
      const chunks: Buffer[] = [];
      for await (const chunk of limitedBody(request, noticeBytesMax)) chunks.push(chunk);
      const answer = await payments.take(params.provider, request.headers, Buffer.concat(chunks));
      response.writeHead(200, { 'Content-Type': answer.contentType, 'Cache-Control': 'no-store' });
      response.end(answer.body);
      return answered;
    },
  });

const listRoute = (parts: BillingParts, payments: PaymentsService): Route =>
  defineRoute({
    method: 'get',
    path: `${project}/payments`,
    summary: 'Online payments, newest first, and the providers that are set up',
    tag,
    access: { right: 'account:read' },
    params: billingProjectParamsShape,
    query: paymentListQueryShape,
    response: paymentListShape,
    handle: async ({ params: { projectId }, query }) => {
      const { currency } = projectOf(parts, projectId);
      const found = await payments.list({ ...query, projectId });
      const next = found.length === query.limit ? (found.at(-1)?.createdAtMs ?? null) : null;
      return { currency, providers: [...payments.offered(projectId)], payments: [...found], next };
    },
  });

const createRoute = ({ actionLog, clock }: BillingParts, payments: PaymentsService): Route =>
  defineRoute({
    method: 'post',
    path: `${project}/accounts/{accountId}/payments`,
    summary: 'Ask for an online payment: an address or a QR code to pay at',
    tag,
    access: { right: 'vend:write' },
    params: accountParamsShape,
    body: paymentBodyShape,
    response: onlinePaymentShape,
    successStatus: 201,
    handle: async ({ params, body, principal, idempotencyKey, remoteAddress }) => {
      const { projectId, accountId } = params;
      const request = { ...body, accountId, requestId: requestIdOf(idempotencyKey, body.requestId) };
      const payment = await payments.create(projectId, request, whoOf(principal));
      await actionLog.record({
        principal,
        projectId,
        action: 'payment.create',
        subject: payment.paymentId,
        after: body,
        remoteAddress,
        atMs: clock.nowMs(),
      });
      return payment;
    },
  });

const checkRoute = (payments: PaymentsService): Route =>
  defineRoute({
    method: 'post',
    path: `${project}/payments/{paymentId}/check`,
    summary: 'Ask the provider now whether a payment has been paid',
    tag,
    access: { right: 'vend:write' },
    params: paymentParamsShape,
    response: onlinePaymentShape,
    handle: async ({ params }) => await payments.check(params.projectId, params.paymentId),
  });

const refundRoute = ({ actionLog, clock }: BillingParts, payments: PaymentsService): Route =>
  defineRoute({
    method: 'post',
    path: `${project}/payments/{paymentId}/refund`,
    summary: 'Pay an online payment back, whole or in part, the way it came',
    tag,
    access: { right: 'account:write' },
    params: paymentParamsShape,
    body: paymentRefundBodyShape,
    response: onlinePaymentShape,
    handle: async ({ params, body, principal, idempotencyKey, remoteAddress }) => {
      const { projectId, paymentId } = params;
      const request = { ...body, paymentId, requestId: requestIdOf(idempotencyKey, body.requestId) };
      const payment = await payments.refund(projectId, request, whoOf(principal));
      await actionLog.record({
        principal,
        projectId,
        action: 'payment.refund',
        subject: paymentId,
        after: body,
        remoteAddress,
        atMs: clock.nowMs(),
      });
      return payment;
    },
  });

/** Money of which nobody knows the project concerns those who hold the right everywhere. */
const seesOrphans = (principal: Principal | null): boolean =>
  principal !== null && mayDo(principal, 'books:write', null);

function itemRoutes({ actionLog, clock }: BillingParts, payments: PaymentsService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: `${project}/payment-items`,
      summary: 'Online money that fits nothing that was asked for: open items first',
      tag,
      access: { right: 'account:read' },
      params: billingProjectParamsShape,
      response: paymentItemListShape,
      handle: async ({ params, principal }) => ({
        items: [...(await payments.items(params.projectId, seesOrphans(principal)))],
      }),
    }),
    defineRoute({
      method: 'post',
      path: `${project}/payment-items/{itemId}/settle`,
      summary: 'Say what became of an open item',
      tag,
      access: { right: 'books:write' },
      params: paymentItemParamsShape,
      body: settleItemBodyShape,
      response: paymentItemShape,
      handle: async ({ params, body, principal, remoteAddress }) => {
        const { projectId, itemId } = params;
        const settled = { by: whoOf(principal), note: body.note, orphans: seesOrphans(principal) };
        const item = await payments.settleItem(projectId, itemId, settled);
        await actionLog.record({
          principal,
          projectId,
          action: 'payment.item-settle',
          subject: itemId,
          after: body,
          remoteAddress,
          atMs: clock.nowMs(),
        });
        return item;
      },
    }),
  ];
}
