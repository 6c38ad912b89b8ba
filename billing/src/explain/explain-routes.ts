// SPDX-License-Identifier: Apache-2.0
import { accountParamsShape, explainQueryShape, explainShape } from '@wattledger/contracts/http/billing';
import { defineRoute, type Route } from '@wattledger/platform';
import { requireDayRange, type BillingParts } from '../parts.ts';
import { explainDay } from './explain-service.ts';

export function explainRoutes(parts: BillingParts): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/accounts/{accountId}/charges/explain',
      summary: "The slots behind a day's amount: consumption, quality, price version, rate, rounding",
      tag: 'Charges',
      access: { right: 'account:read' },
      params: accountParamsShape,
      query: explainQueryShape,
      response: explainShape,
      handle: async ({ params, query }) => {
        requireDayRange(query.day, query.day, 1);
        return await explainDay(parts, { ...params, ...query });
      },
    }),
  ];
}
