// SPDX-License-Identifier: Apache-2.0
/** Routes of what is proposed for an opening, and of lists of openings. */
import {
  accountProposalQueryShape,
  accountProposalShape,
  billingProjectParamsShape,
  openingListAnswerShape,
  openingListBodyShape,
  openingTemplateShape,
} from '@wattledger/contracts/http/billing';
import { defineRoute, type Route } from '@wattledger/platform';
import { requestIdOf, whoOf, type BillingParts } from '../parts.ts';
import type { AccountsService } from './accounts-service.ts';

const tag = 'Accounts';
const base = '/api/projects/{projectId}';
/** 5,000 rows with every cell filled. */
const listBytesMax = 8 * 1024 * 1024;

export const openingsRoutes = (parts: BillingParts, accounts: AccountsService): readonly Route[] => [
  defineRoute({
    method: 'get',
    path: `${base}/account-proposal`,
    summary: 'What an opening for a tenant or a room would take from the imported list',
    tag,
    access: { right: 'account:read' },
    params: billingProjectParamsShape,
    query: accountProposalQueryShape,
    response: accountProposalShape,
    handle: async ({ params, query }) => await accounts.proposal(params.projectId, query),
  }),
  defineRoute({
    method: 'get',
    path: `${base}/account-openings/template`,
    summary: "Rows of the tenants' metering points that have no account, ready to be opened as a list",
    tag,
    access: { right: 'account:read' },
    params: billingProjectParamsShape,
    response: openingTemplateShape,
    handle: async ({ params }) => await accounts.openingTemplate(params.projectId),
  }),
  openingListRoute(parts, accounts),
];

const openingListRoute = ({ actionLog, clock }: BillingParts, accounts: AccountsService): Route =>
  defineRoute({
    method: 'post',
    path: `${base}/account-openings`,
    summary: 'Open the accounts of a list; with dryRun only say what would happen and what is wrong',
    tag,
    access: { right: 'account:write' },
    params: billingProjectParamsShape,
    body: openingListBodyShape,
    bodyBytesMax: listBytesMax,
    response: openingListAnswerShape,
    handle: async ({ params, body, principal, idempotencyKey, remoteAddress }) => {
      const { projectId } = params;
      const requestId = requestIdOf(idempotencyKey, body.requestId);
      const answer = await accounts.openList(projectId, { ...body, requestId }, whoOf(principal));
      if (body.dryRun) return answer;
      const opened = answer.accounts.filter((account) => account.outcome === 'opened');
      if (opened.length === 0) return answer;
      await actionLog.record({
        principal,
        projectId,
        action: 'account.open-list',
        subject: requestId,
        after: { accountIds: opened.map((account) => account.accountId) },
        remoteAddress,
        atMs: clock.nowMs(),
      });
      return answer;
    },
  });
