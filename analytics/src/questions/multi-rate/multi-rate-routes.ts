// SPDX-License-Identifier: Apache-2.0
import {
  multiRateAnswerShape,
  multiRateQueryShape,
  projectParams,
} from '@wattledger/contracts/http/analytics';
import { defineRoute, type Route } from '@wattledger/platform';
import type { Asker } from '../../asking/asker.ts';
import { sendCsv } from '../../csv/csv.ts';
import { multiRateTable } from './multi-rate.ts';
import { askMultiRate } from './multi-rate-service.ts';

export function multiRateRoutes(asker: Asker): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/multi-rate',
      summary:
        'Energy and money per time-of-use period, by metering point or tenant, in total, by day or by month.',
      tag: 'analytics',
      access: { right: 'energy:read' },
      params: projectParams,
      query: multiRateQueryShape,
      response: multiRateAnswerShape,
      handle: async ({ params, query, principal, response }) => {
        const answer = await askMultiRate(asker, principal, params.projectId, query);
        if (query.format === 'json') return answer;
        return sendCsv(response, {
          name: `multi-rate-${query.from}-${query.to}`,
          table: multiRateTable(answer),
          bom: query.bom === '1',
          asOf: answer.asOf,
        });
      },
    }),
  ];
}
