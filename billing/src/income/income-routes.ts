// SPDX-License-Identifier: Apache-2.0
import { billingProjectParamsShape, incomeQueryShape, incomeShape } from '@wattledger/contracts/http/billing';
import { defineRoute, type Route } from '@wattledger/platform';
import { loadAsOf } from '../charging/as-of.ts';
import { projectOf, requireDayRange, type BillingParts } from '../parts.ts';
import { loadAccountSums, loadIncomeRows, totalIncome } from './income-store.ts';

const daysMax = 3700;

const dayMs = 86_400_000;

/** As many days, ending the day before. */
function spanBefore(fromDay: string, toDay: string): { readonly fromDay: string; readonly toDay: string } {
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  const length = Date.parse(toDay) - Date.parse(fromDay) + dayMs;
  return { fromDay: day(Date.parse(fromDay) - length), toDay: day(Date.parse(fromDay) - dayMs) };
}

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
        const { zone } = project;
        const before = spanBefore(fromDay, toDay);
        const [rows, earlier, sums, asOf] = await Promise.all([
          loadIncomeRows(database, { projectId, zone, fromDay, toDay, grain }),
          loadIncomeRows(database, { projectId, zone, ...before, grain: 'year' }),
          loadAccountSums(database, projectId),
          loadAsOf(database, { projectId, fromDay, toDay, nowMs: clock.nowMs(), staleAfterMs }),
        ]);
        return {
          currency: project.currency,
          rows: [...rows],
          total: totalIncome(rows),
          before: totalIncome(earlier),
          ...sums,
          asOf,
        };
      },
    }),
  ];
}
