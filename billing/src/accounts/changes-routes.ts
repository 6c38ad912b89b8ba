// SPDX-License-Identifier: Apache-2.0
/** Routes of what becomes of an open account, of closing beforehand, and of the record. */
import { mayDo, type Principal } from '@wattledger/contracts';
import {
  accountChangeAnswerShape,
  accountChangeBodyShape,
  accountDetailShape,
  accountHistoryShape,
  accountParamsShape,
  accountRecordListShape,
  accountRecordQueryShape,
  billingProjectParamsShape,
  closePreviewBodyShape,
  closePreviewShape,
  suspensionBodyShape,
  tenantChangeAnswerShape,
  tenantChangeBodyShape,
} from '@wattledger/contracts/http/billing';
import { defineRoute, RequestError, type Route } from '@wattledger/platform';
import { requestIdOf, whoOf, type BillingParts } from '../parts.ts';
import type { AccountsService } from './accounts-service.ts';

const tag = 'Accounts';
const base = '/api/projects/{projectId}/accounts/{accountId}';

export const changesRoutes = (parts: BillingParts, accounts: AccountsService): readonly Route[] => [
  ...recordRoutes(accounts),
  changeRoute(parts, accounts),
  tenantChangeRoute(parts, accounts),
  suspensionRoute(parts, accounts, true),
  suspensionRoute(parts, accounts, false),
];

const recordRoutes = (accounts: AccountsService): readonly Route[] => [
  defineRoute({
    method: 'get',
    path: '/api/projects/{projectId}/account-events',
    summary: 'Record of all openings, closings and changes of accounts, newest first',
    tag,
    access: { right: 'account:read' },
    params: billingProjectParamsShape,
    query: accountRecordQueryShape,
    response: accountRecordListShape,
    handle: async ({ params, query }) => await accounts.records(params.projectId, query),
  }),
  defineRoute({
    method: 'get',
    path: `${base}/history`,
    summary: 'What an account was made of over its time: points at their schemes, meters, registers noted',
    tag,
    access: { right: 'account:read' },
    params: accountParamsShape,
    response: accountHistoryShape,
    handle: async ({ params }) => await accounts.history(params.projectId, params.accountId),
  }),
  defineRoute({
    method: 'post',
    path: `${base}/close-preview`,
    summary: 'What closing an account at an instant would charge, refund or leave owed; changes nothing',
    tag,
    access: { right: 'account:write' },
    params: accountParamsShape,
    body: closePreviewBodyShape,
    response: closePreviewShape,
    handle: async ({ params, body }) =>
      await accounts.previewClosing(params.projectId, params.accountId, body.closedAtMs),
  }),
];

const changeRoute = ({ actionLog, clock }: BillingParts, accounts: AccountsService): Route =>
  defineRoute({
    method: 'post',
    path: `${base}/changes`,
    summary:
      'Add or remove a metering point, change a scheme or contracted demand from an instant, or undo such a change',
    tag,
    access: { right: 'account:write' },
    params: accountParamsShape,
    body: accountChangeBodyShape,
    response: accountChangeAnswerShape,
    handle: async ({ params, body, principal, idempotencyKey, remoteAddress }) => {
      const { projectId, accountId } = params;
      const requestId = requestIdOf(idempotencyKey, body.requestId);
      const answer = await accounts.change(projectId, { ...body, accountId, requestId }, whoOf(principal));
      if (body.dryRun) return answer;
      await actionLog.record({
        principal,
        projectId,
        action: 'account.change',
        subject: accountId,
        before: body,
        after: answer,
        remoteAddress,
        atMs: clock.nowMs(),
      });
      return answer;
    },
  });

const tenantChangeRoute = ({ actionLog, clock }: BillingParts, accounts: AccountsService): Route =>
  defineRoute({
    method: 'post',
    path: `${base}/tenant-change`,
    summary: 'Close an account and open one for the next tenant from the same instant',
    tag,
    access: { right: 'account:write' },
    params: accountParamsShape,
    body: tenantChangeBodyShape,
    response: tenantChangeAnswerShape,
    handle: async ({ params, body, principal, idempotencyKey, remoteAddress }) => {
      const { projectId, accountId } = params;
      const requestId = requestIdOf(idempotencyKey, body.requestId);
      const request = { ...body, accountId, requestId };
      const answer = await accounts.changeTenant(projectId, request, whoOf(principal));
      await actionLog.record({
        principal,
        projectId,
        action: 'account.change-tenant',
        subject: accountId,
        before: body,
        after: answer,
        remoteAddress,
        atMs: clock.nowMs(),
      });
      return answer;
    },
  });

const suspensionRoute = (
  { actionLog, clock }: BillingParts,
  accounts: AccountsService,
  suspended: boolean,
): Route =>
  defineRoute({
    method: 'post',
    path: `${base}/${suspended ? 'suspension' : 'resumption'}`,
    summary: suspended
      ? 'Suspend an account: supply forced off, no alarms; charges go on'
      : 'Resume a suspended account',
    tag,
    access: { right: 'account:write' },
    params: accountParamsShape,
    body: suspensionBodyShape,
    response: accountDetailShape,
    handle: async ({ params, body, principal, idempotencyKey, remoteAddress }) => {
      const { projectId, accountId } = params;
      requireControl(principal, projectId);
      const requestId = requestIdOf(idempotencyKey, body.requestId);
      const request = { accountId, requestId, reason: body.reason };
      await accounts.setSuspended(projectId, suspended, request, whoOf(principal));
      await actionLog.record({
        principal,
        projectId,
        action: suspended ? 'account.suspend' : 'account.resume',
        subject: accountId,
        after: body,
        remoteAddress,
        atMs: clock.nowMs(),
      });
      return await accounts.detail(projectId, accountId);
    },
  });

/** Suspending orders a supply off: who may not do that may not do it this way either. */
function requireControl(principal: Principal | null, projectId: string): void {
  if (principal !== null && mayDo(principal, 'meter:control', projectId)) return;
  throw new RequestError({
    status: 403,
    code: 'right-missing',
    message: 'This needs the right meter:control in this project, too, which you do not have.',
    hint: 'Ask an administrator for a role that holds it.',
  });
}
