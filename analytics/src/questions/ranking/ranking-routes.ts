// SPDX-License-Identifier: Apache-2.0
import {
  projectParams,
  projectRankingAnswerShape,
  projectRankingQueryShape,
  rankingAnswerShape,
  rankingQueryShape,
} from '@wattledger/contracts/http/analytics';
import { defineRoute, RequestError, type Route } from '@wattledger/platform';
import type { Asker } from '../../asking/asker.ts';
import { sendCsv } from '../../csv/csv.ts';
import { rankingTable } from './ranking.ts';
import { askProjectRanking, askRanking } from './ranking-service.ts';

export function rankingRoutes(asker: Asker): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/ranking',
      summary:
        'Metering points, tenants or places in order of their energy: absolute, per m² or per head, against the period before.',
      tag: 'analytics',
      access: { right: 'energy:read' },
      params: projectParams,
      query: rankingQueryShape,
      response: rankingAnswerShape,
      handle: async ({ params, query, response }) => {
        const answer = await askRanking(asker, params.projectId, query);
        if (query.format === 'json') return answer;
        const table = rankingTable(answer, answer.unit, answer.asOf.asOfMs);
        return sendCsv(response, {
          name: `ranking-${query.by}-${query.from}-${query.to}`,
          table,
          bom: query.bom === '1',
          asOf: answer.asOf,
        });
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/ranking',
      summary: 'The projects you may see, in order of their energy.',
      tag: 'analytics',
      access: { right: 'energy:read', anyProject: true },
      query: projectRankingQueryShape,
      response: projectRankingAnswerShape,
      handle: async ({ query, principal, response }) => {
        if (principal === null)
          throw new RequestError({
            status: 401,
            code: 'sign-in-required',
            message: 'You are not signed in.',
          });
        const answer = await askProjectRanking(asker, principal, query);
        if (query.format === 'json') return answer;
        const table = rankingTable(answer, answer.unit, answer.asOf.asOfMs);
        return sendCsv(response, {
          name: `ranking-projects-${query.from}-${query.to}`,
          table,
          bom: query.bom === '1',
          asOf: answer.asOf,
        });
      },
    }),
  ];
}
