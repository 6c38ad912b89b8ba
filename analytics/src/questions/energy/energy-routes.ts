// SPDX-License-Identifier: Apache-2.0
import { energyAnswerShape, energyQueryShape, projectParams } from '@wattledger/contracts/http/analytics';
import { defineRoute, type Route } from '@wattledger/platform';
import { askEnergy } from '../../asking/asked-energy.ts';
import { gridOf, scopeOf, type Asker } from '../../asking/asker.ts';
import { parseEdges } from '../../calendar/span.ts';
import { sendCsv } from '../../csv/csv.ts';
import { energyAnswer, energyTable } from './energy.ts';

export function energyRoutes(asker: Asker): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/energy',
      summary:
        'Energy over time at any grain, by metering point, place, tenant or sub-item, with a comparison laid over it.',
      tag: 'analytics',
      access: { right: 'energy:read' },
      params: projectParams,
      query: energyQueryShape,
      response: energyAnswerShape,
      handle: async ({ params, query, response }) => {
        const scope = await scopeOf(asker, params.projectId, query);
        const edges = parseEdges(gridOf(scope.site), query.from, query.to);
        const { compare, placeLevel } = query;
        const common = { ...edges, compare, placeLevel, comparable: 'by-total' as const };
        const [asked, whole] = await Promise.all([
          askEnergy(asker, scope, { ...common, grain: query.grain, grouping: query.grouping }),
          // Single points overlap: their total is asked apart, with nothing counted twice.
          query.grouping === 'point'
            ? askEnergy(asker, scope, { ...common, grain: null, grouping: 'none' })
            : null,
        ]);
        const answer = energyAnswer(asked, (whole ?? asked).whole, query.grain, query.grouping);
        if (query.format === 'json') return answer;
        return sendCsv(response, {
          name: `energy-${query.from}-${query.to}`,
          table: energyTable(answer),
          bom: query.bom === '1',
          asOf: answer.asOf,
        });
      },
    }),
  ];
}
