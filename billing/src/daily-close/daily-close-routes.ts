// SPDX-License-Identifier: Apache-2.0
import {
  billingProjectParamsShape,
  closeAnswerBodyShape,
  closeReopenBodyShape,
  dayCloseListShape,
  dayCloseParamsShape,
  dayCloseViewShape,
  providerFetchParamsShape,
  providerFileQueryShape,
  providerPaymentsAnswerShape,
} from '@wattledger/contracts/http/billing';
import { defineRoute, limitedBody, type Route } from '@wattledger/platform';
import type { Principal } from '@wattledger/contracts';
import { whoOf, type BillingParts } from '../parts.ts';
import type { DailyCloseService } from './daily-close-service.ts';

const tag = 'Books';
const base = '/api/projects/{projectId}/daily-closes';
const fileBytesMax = 10_000_000;

export function dailyCloseRoutes(parts: BillingParts, closes: DailyCloseService): readonly Route[] {
  return [...readingRoutes(closes), ...providerRoutes(parts, closes), ...closingRoutes(parts, closes)];
}

const readingRoutes = (closes: DailyCloseService): readonly Route[] => [
  defineRoute({
    method: 'get',
    path: base,
    summary: 'Closed days, newest first, and whether the chain of their hashes holds',
    tag,
    access: { right: 'account:read' },
    params: billingProjectParamsShape,
    response: dayCloseListShape,
    handle: async ({ params }) => await closes.list(params.projectId),
  }),
  defineRoute({
    method: 'get',
    path: `${base}/{day}`,
    summary: 'A day: provider, ledger, shifts, meters and relays side by side, with its open items',
    tag,
    access: { right: 'account:read' },
    params: dayCloseParamsShape,
    response: dayCloseViewShape,
    handle: async ({ params }) => await closes.view(params.projectId, params.day),
  }),
];

interface Done {
  readonly principal: Principal | null;
  readonly projectId: string;
  readonly remoteAddress: string;
}
const noted =
  ({ actionLog, clock }: BillingParts) =>
  async (done: Done, action: string, subject: string, after?: unknown): Promise<void> =>
    await actionLog.record({ ...done, action, subject, after, atMs: clock.nowMs() });

function providerRoutes(parts: BillingParts, closes: DailyCloseService): readonly Route[] {
  const note = noted(parts);
  return [
    defineRoute({
      method: 'post',
      path: `${base}/{day}/provider-payments`,
      summary: "Take a provider's CSV file of a day; it replaces what that provider said of the day before",
      tag,
      access: { right: 'books:write' },
      params: dayCloseParamsShape,
      query: providerFileQueryShape,
      bodyKind: 'stream',
      bodyBytesMax: fileBytesMax,
      response: providerPaymentsAnswerShape,
      handle: async ({ params, query, request, principal, remoteAddress }) => {
        const chunks: Buffer[] = [];
        for await (const chunk of limitedBody(request, fileBytesMax)) chunks.push(chunk);
        const { projectId, day } = params;
        const text = Buffer.concat(chunks).toString('utf8').replaceAll('\0', '');
        const answer = await closes.takeFile(projectId, day, query, text);
        await note(
          { principal, projectId, remoteAddress },
          'books.provider-file',
          `${day}/${query.provider}`,
          answer,
        );
        return answer;
      },
    }),
    defineRoute({
      method: 'post',
      path: `${base}/{day}/provider-payments/{provider}`,
      summary: 'Ask a provider for its payments of a day',
      tag,
      access: { right: 'books:write' },
      params: providerFetchParamsShape,
      response: providerPaymentsAnswerShape,
      handle: async ({ params, principal, remoteAddress }) => {
        const { projectId, day, provider } = params;
        const answer = await closes.fetchFrom(projectId, day, provider);
        await note(
          { principal, projectId, remoteAddress },
          'books.provider-asked',
          `${day}/${provider}`,
          answer,
        );
        return answer;
      },
    }),
  ];
}

function closingRoutes(parts: BillingParts, closes: DailyCloseService): readonly Route[] {
  const note = noted(parts);
  const common = {
    tag,
    access: { right: 'books:write' as const },
    params: dayCloseParamsShape,
    response: dayCloseViewShape,
  };
  return [
    defineRoute({
      ...common,
      method: 'put',
      path: `${base}/{day}/answers`,
      summary: 'Say why an open item stands, or how it was put right',
      body: closeAnswerBodyShape,
      handle: async ({ params: { projectId, day }, body, principal, remoteAddress }) => {
        const answer = await closes.answer(projectId, day, body, whoOf(principal));
        await note(
          { principal, projectId, remoteAddress },
          'books.item-answered',
          `${day}/${body.key}`,
          body,
        );
        return answer;
      },
    }),
    defineRoute({
      ...common,
      method: 'post',
      path: `${base}/{day}/close`,
      summary: 'Close a day: its figures are frozen and chained to the day before',
      handle: async ({ params: { projectId, day }, principal, remoteAddress }) => {
        const answer = await closes.close(projectId, day, whoOf(principal));
        await note({ principal, projectId, remoteAddress }, 'books.day-close', day, answer.closes[0]?.hash);
        return answer;
      },
    }),
    defineRoute({
      ...common,
      method: 'post',
      path: `${base}/{day}/sign`,
      summary: 'Sign a closed day: somebody who neither closed it nor took money on it',
      handle: async ({ params: { projectId, day }, principal, remoteAddress }) => {
        const answer = await closes.sign(projectId, day, whoOf(principal));
        await note({ principal, projectId, remoteAddress }, 'books.day-sign', day, answer.closes[0]?.hash);
        return answer;
      },
    }),
    defineRoute({
      ...common,
      method: 'post',
      path: `${base}/{day}/reopen`,
      summary: 'Take the last close back with a reason; it stays in the chain',
      body: closeReopenBodyShape,
      handle: async ({ params: { projectId, day }, body, principal, remoteAddress }) => {
        const answer = await closes.reopen(projectId, day, body.reason, whoOf(principal));
        await note({ principal, projectId, remoteAddress }, 'books.day-reopen', day, body);
        return answer;
      },
    }),
  ];
}
