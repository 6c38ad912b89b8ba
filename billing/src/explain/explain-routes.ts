// SPDX-License-Identifier: Apache-2.0
import {
  accountParamsShape,
  explainQueryShape,
  explainShape,
  monthItemsQueryShape,
  monthItemsShape,
} from '@wattledger/contracts/http/billing';
import { defineRoute, type Route } from '@wattledger/platform';
import { requireDayRange, type BillingParts } from '../parts.ts';
import { explainMonth } from './explain-month.ts';
import { explainDay } from './explain-service.ts';

export function explainRoutes(parts: BillingParts): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/accounts/{accountId}/charges/explain',
      summary:
        "The slots behind a day's amount: consumption, quality, price version, season, tier, rate, rounding",
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
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/accounts/{accountId}/charges/items',
      summary:
        'What a month costs beyond its energy: demand, fixed charges, minimum, taxes, each with its working',
      tag: 'Charges',
      access: { right: 'account:read' },
      params: accountParamsShape,
      query: monthItemsQueryShape,
      response: monthItemsShape,
      handle: async ({ params, query }) => await explainMonth(parts, { ...params, ...query }),
    }),
  ];
}
