// SPDX-License-Identifier: Apache-2.0
import { accountParamsShape, chargesQueryShape, chargesShape } from '@wattledger/contracts/http/billing';
import { defineRoute, type Route } from '@wattledger/platform';
import type { AccountsService } from '../accounts/accounts-service.ts';
import { projectOf, requireDayRange, type BillingParts } from '../parts.ts';
import { loadAsOf } from './as-of.ts';
import { loadCharges } from './charges-read.ts';

/** Three years and a little: one answer stays some megabytes. */
const daysMax = 1100;

export function chargesRoutes(parts: BillingParts, accounts: AccountsService): readonly Route[] {
  const { database, clock } = parts;
  return [
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/accounts/{accountId}/charges',
      summary: 'Charges by day or month, metering point and time-of-use period',
      tag: 'Charges',
      access: { right: 'account:read' },
      params: accountParamsShape,
      query: chargesQueryShape,
      response: chargesShape,
      handle: async ({ params, query }) => {
        const { projectId, accountId } = params;
        const { fromDay, toDay, grain } = query;
        const project = projectOf(parts, projectId);
        requireDayRange(fromDay, toDay, daysMax);
        await accounts.require(projectId, accountId);
        const meteringPointId = query.meteringPointId ?? null;
        const staleAfterMs = 2 * project.pollIntervalSeconds * 1000;
        const [charges, asOf] = await Promise.all([
          loadCharges(database, { projectId, accountId, meteringPointId, fromDay, toDay, grain }),
          loadAsOf(database, {
            projectId,
            accountId,
            meteringPointId: query.meteringPointId,
            fromDay,
            toDay,
            nowMs: clock.nowMs(),
            staleAfterMs,
          }),
        ]);
        return { currency: project.currency, ...charges, asOf };
      },
    }),
  ];
}
