// SPDX-License-Identifier: Apache-2.0
import {
  accountDetailShape,
  accountListQueryShape,
  accountListShape,
  accountParamsShape,
  accountThresholdsBodyShape,
  billingProjectParamsShape,
  closeAccountAnswerShape,
  closeAccountBodyShape,
  openAccountBodyShape,
  settleAccountBodyShape,
} from '@wattledger/contracts/http/billing';
import { defineRoute, type Route } from '@wattledger/platform';
import { requestIdOf, whoOf, type BillingParts } from '../parts.ts';
import type { AccountsService } from './accounts-service.ts';
import { changesRoutes } from './changes-routes.ts';
import { openingsRoutes } from './openings-routes.ts';

const tag = 'Accounts';
const base = '/api/projects/{projectId}/accounts';

export function accountsRoutes(parts: BillingParts, accounts: AccountsService): readonly Route[] {
  return [
    ...readingRoutes(parts, accounts),
    ...changingRoutes(parts, accounts),
    ...changesRoutes(parts, accounts),
    ...openingsRoutes(parts, accounts),
  ];
}

function readingRoutes(parts: BillingParts, accounts: AccountsService): readonly Route[] {
  /** Tenants whose code or name holds the text. */
  const tenantsLike = (projectId: string, q: string): readonly string[] => {
    const wanted = q.toLocaleLowerCase();
    return parts.registry
      .all('tenant', projectId)
      .filter((tenant) => `${tenant.code}\n${tenant.name}`.toLocaleLowerCase().includes(wanted))
      .map((tenant) => tenant.id);
  };
  return [
    defineRoute({
      method: 'get',
      path: base,
      summary: 'Accounts with tenant, points, meters, balance, stage, days left and supply',
      tag,
      access: { right: 'account:read' },
      params: billingProjectParamsShape,
      query: accountListQueryShape,
      response: accountListShape,
      handle: async ({ params, query }) => {
        const asked =
          query.q === undefined || query.q === '' ? undefined : tenantsLike(params.projectId, query.q);
        const named =
          query.tenantId === undefined ? asked : [query.tenantId].filter((id) => asked?.includes(id) ?? true);
        return await accounts.list({ ...query, projectId: params.projectId, tenantIds: named });
      },
    }),
    defineRoute({
      method: 'get',
      path: `${base}/{accountId}`,
      summary: 'One account',
      tag,
      access: { right: 'account:read' },
      params: accountParamsShape,
      response: accountDetailShape,
      handle: async ({ params }) => await accounts.detail(params.projectId, params.accountId),
    }),
  ];
}

function changingRoutes(parts: BillingParts, accounts: AccountsService): readonly Route[] {
  const { actionLog, clock } = parts;
  return [
    defineRoute({
      method: 'post',
      path: base,
      summary: 'Open an account',
      tag,
      access: { right: 'account:write' },
      params: billingProjectParamsShape,
      body: openAccountBodyShape,
      response: accountDetailShape,
      successStatus: 201,
      handle: async ({ params, body, principal, idempotencyKey, remoteAddress }) => {
        const requestId = requestIdOf(idempotencyKey, body.requestId);
        const [accountId] = await accounts.open(params.projectId, [{ ...body, requestId }], whoOf(principal));
        if (accountId === undefined) throw new Error('an opened account has an id');
        const { projectId } = params;
        await actionLog.record({
          principal,
          projectId,
          action: 'account.open',
          subject: accountId,
          after: body,
          remoteAddress,
          atMs: clock.nowMs(),
        });
        return await accounts.detail(projectId, accountId);
      },
    }),
    defineRoute({
      method: 'post',
      path: `${base}/{accountId}/close`,
      summary: 'Close an account: final charge, refund of the rest',
      tag,
      access: { right: 'account:write' },
      params: accountParamsShape,
      body: closeAccountBodyShape,
      response: closeAccountAnswerShape,
      handle: async ({ params, body, principal, idempotencyKey, remoteAddress }) => {
        const { projectId, accountId } = params;
        const requestId = requestIdOf(idempotencyKey, body.requestId);
        const answer = await accounts.close(projectId, { ...body, accountId, requestId }, whoOf(principal));
        await actionLog.record({
          principal,
          projectId,
          action: 'account.close',
          subject: accountId,
          before: body,
          after: answer,
          remoteAddress,
          atMs: clock.nowMs(),
        });
        return answer;
      },
    }),
    defineRoute({
      method: 'post',
      path: `${base}/{accountId}/settlement`,
      summary: 'Pay out what late energy left on a closed account',
      tag,
      access: { right: 'account:write' },
      params: accountParamsShape,
      body: settleAccountBodyShape,
      response: closeAccountAnswerShape,
      handle: async ({ params, body, principal, idempotencyKey, remoteAddress }) => {
        const { projectId, accountId } = params;
        const requestId = requestIdOf(idempotencyKey, body.requestId);
        const answer = await accounts.settle(projectId, { ...body, accountId, requestId }, whoOf(principal));
        await actionLog.record({
          principal,
          projectId,
          action: 'account.settle',
          subject: accountId,
          before: body,
          after: answer,
          remoteAddress,
          atMs: clock.nowMs(),
        });
        return answer;
      },
    }),
    defineRoute({
      method: 'put',
      path: `${base}/{accountId}/thresholds`,
      summary: 'Change alarm thresholds and protection of supply',
      tag,
      access: { right: 'account:write' },
      params: accountParamsShape,
      body: accountThresholdsBodyShape,
      response: accountDetailShape,
      handle: async ({ params, body, principal, remoteAddress }) => {
        const { projectId, accountId } = params;
        const { alarm1Micros, alarm2Micros, hysteresisMicros, supply } = await accounts.detail(
          projectId,
          accountId,
        );
        const before = {
          alarm1Micros,
          alarm2Micros,
          hysteresisMicros,
          protectedSupply: supply.protectedSupply,
        };
        await accounts.setThresholds(projectId, accountId, body, whoOf(principal));
        await actionLog.record({
          principal,
          projectId,
          action: 'account.thresholds',
          subject: accountId,
          before,
          after: body,
          remoteAddress,
          atMs: clock.nowMs(),
        });
        return await accounts.detail(projectId, accountId);
      },
    }),
  ];
}
