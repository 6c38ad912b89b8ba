// SPDX-License-Identifier: Apache-2.0
import {
  comparedAnswerShape,
  monthOnMonthQueryShape,
  projectParams,
  yearOnYearQueryShape,
  type ComparedAnswer,
} from '@wattledger/contracts/http/analytics';
import { defineRoute, type Route } from '@wattledger/platform';
import type { z } from 'zod';
import { askEnergy } from '../../asking/asked-energy.ts';
import { gridOf, scopeOf, type Asker } from '../../asking/asker.ts';
import { parseEdges, requireWholeDays, type Shift } from '../../calendar/span.ts';
import { sendCsv } from '../../csv/csv.ts';
import { comparedAnswer, comparedTable } from './year-on-year.ts';

type Query = z.infer<typeof monthOnMonthQueryShape>;

/** @throws RequestError whole-days-only besides those of the parts */
async function ask(
  asker: Asker,
  projectId: string,
  query: Query,
  grain: ComparedAnswer['grain'],
  shift: Shift,
): Promise<ComparedAnswer> {
  requireWholeDays(
    query,
    'Write from and to as YYYY-MM-DD; hours are compared by /energy?compare=last-year.',
  );
  const scope = await scopeOf(asker, projectId, query);
  const edges = parseEdges(gridOf(scope.site), query.from, query.to);
  const asked = await askEnergy(asker, scope, {
    ...edges,
    compare: shift,
    grain,
    grouping: query.grouping,
    placeLevel: query.placeLevel,
  });
  return comparedAnswer(asked, grain, query.grouping === 'point');
}

export function yearOnYearRoutes(asker: Asker): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/year-on-year',
      summary: 'Days, months or years beside the same local calendar span a year before.',
      tag: 'analytics',
      access: { right: 'energy:read' },
      params: projectParams,
      query: yearOnYearQueryShape,
      response: comparedAnswerShape,
      handle: async ({ params, query, response }) => {
        const answer = await ask(asker, params.projectId, query, query.grain, { kind: 'months', months: 12 });
        if (query.format === 'json') return answer;
        return sendCsv(response, {
          name: `year-on-year-${query.from}-${query.to}`,
          table: comparedTable(answer),
          bom: query.bom === '1',
          asOf: answer.asOf,
        });
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/month-on-month',
      summary: 'Months beside the month before.',
      tag: 'analytics',
      access: { right: 'energy:read' },
      params: projectParams,
      query: monthOnMonthQueryShape,
      response: comparedAnswerShape,
      handle: async ({ params, query, response }) => {
        const answer = await ask(asker, params.projectId, query, 'month', { kind: 'months', months: 1 });
        if (query.format === 'json') return answer;
        return sendCsv(response, {
          name: `month-on-month-${query.from}-${query.to}`,
          table: comparedTable(answer),
          bom: query.bom === '1',
          asOf: answer.asOf,
        });
      },
    }),
  ];
}
