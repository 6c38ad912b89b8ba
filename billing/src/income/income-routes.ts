// SPDX-License-Identifier: Apache-2.0
import { billingProjectParamsShape, incomeQueryShape, incomeShape } from '@wattledger/contracts/http/billing';
import { defineRoute, type Route } from '@wattledger/platform';
import { loadAsOf } from '../charging/as-of.ts';
import { projectOf, requireDayRange, type BillingParts } from '../parts.ts';
import { loadAccountSums, loadIncomeRows, totalIncome } from './income-store.ts';

const daysMax = 3700;

export function incomeRoutes(parts: BillingParts): readonly Route[] {
  const { database, clock } = parts;
  return [
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/income',
      summary: 'Money received and charged by day, month or year, and where the balances stand',
      tag: 'Income',
      access: { right: 'account:read' },
      params: billingProjectParamsShape,
      query: incomeQueryShape,
      response: incomeShape,
      handle: async ({ params, query }) => {
        const { projectId } = params;
        const { fromDay, toDay, grain } = query;
        const project = projectOf(parts, projectId);
        requireDayRange(fromDay, toDay, daysMax);
        const staleAfterMs = 2 * project.pollIntervalSeconds * 1000;
        const [rows, sums, asOf] = await Promise.all([
          loadIncomeRows(database, { projectId, fromDay, toDay, grain }),
          loadAccountSums(database, projectId),
          loadAsOf(database, { projectId, fromDay, toDay, nowMs: clock.nowMs(), staleAfterMs }),
        ]);
        return { currency: project.currency, rows: [...rows], total: totalIncome(rows), ...sums, asOf };
      },
    }),
  ];
}
