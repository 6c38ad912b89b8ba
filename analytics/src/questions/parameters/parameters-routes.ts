// SPDX-License-Identifier: Apache-2.0
import {
  meterParams,
  parameterNamesShape,
  parametersAnswerShape,
  parametersQueryShape,
  type ParametersAnswer,
} from '@wattledger/contracts/http/analytics';
import { defineRoute, type Route } from '@wattledger/platform';
import type { Asker } from '../../asking/asker.ts';
import { instantText, sendCsv, type Cell, type Table } from '../../csv/csv.ts';
import { askParameterNames, askParameters } from './parameters-service.ts';

/** A row per parameter and bucket that has values. Units are those of the register map. */
function parametersTable(answer: ParametersAnswer): Table {
  return {
    columns: ['start', 'end', 'parameter', 'min', 'mean', 'max', 'last', 'count'],
    rows: answer.series.flatMap((series) =>
      answer.buckets.flatMap(({ startMs, endMs }, index): (readonly Cell[])[] => {
        const count = series.count[index] ?? 0;
        if (count === 0) return [];
        const values = [series.min, series.mean, series.max, series.last].map(
          (column) => column[index] ?? null,
        );
        return [[instantText(startMs), instantText(endMs), series.name, ...values, count]];
      }),
    ),
  };
}

const base = '/api/projects/{projectId}/meters/{meterId}/parameters';

export function parameterRoutes(asker: Asker): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: base,
      summary:
        'Electrical parameters of a meter over time: lowest, mean, highest and last value of each span.',
      tag: 'analytics',
      access: { right: 'meter:read' },
      params: meterParams,
      query: parametersQueryShape,
      response: parametersAnswerShape,
      handle: async ({ params, query, response }) => {
        const answer = await askParameters(asker, params.projectId, params.meterId, query);
        if (query.format === 'json') return answer;
        return sendCsv(response, {
          name: `parameters-${params.meterId}-${query.from}-${query.to}`,
          table: parametersTable(answer),
          bom: query.bom === '1',
          asOf: null,
        });
      },
    }),
    defineRoute({
      method: 'get',
      path: `${base}/names`,
      summary: 'Which electrical parameters of a meter are kept, and since when.',
      tag: 'analytics',
      access: { right: 'meter:read' },
      params: meterParams,
      response: parameterNamesShape,
      handle: async ({ params }) => await askParameterNames(asker, params.projectId, params.meterId),
    }),
  ];
}
