// SPDX-License-Identifier: Apache-2.0
import {
  loadProfileAnswerShape,
  loadProfileQueryShape,
  projectParams,
  type LoadProfileAnswer,
} from '@wattledger/contracts/http/analytics';
import { defineRoute, type Route } from '@wattledger/platform';
import type { Asker } from '../../asking/asker.ts';
import { sendCsv, type Table } from '../../csv/csv.ts';
import { askLoadProfile } from './load-profile-service.ts';

/** Hours by days: the table twin of the heat map. */
function hoursTable(answer: LoadProfileAnswer): Table {
  return {
    columns: [
      'local_day',
      ...Array.from(
        { length: 24 },
        (_unused, hour) => `hour_${String(hour).padStart(2, '0')}_${answer.unit}`,
      ),
    ],
    rows: answer.heatMap.days.map((day, index) => [day, ...(answer.heatMap.hours[index] ?? [])]),
  };
}

export function loadProfileRoutes(asker: Asker): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/load-profile',
      summary: 'Average day, hours by days, maximum demand with its instant, load factor, base load.',
      tag: 'analytics',
      access: { right: 'energy:read' },
      params: projectParams,
      query: loadProfileQueryShape,
      response: loadProfileAnswerShape,
      handle: async ({ params, query, response }) => {
        const answer = await askLoadProfile(asker, params.projectId, query);
        if (query.format === 'json') return answer;
        return sendCsv(response, {
          name: `load-profile-${query.from}-${query.to}`,
          table: hoursTable(answer),
          bom: query.bom === '1',
          asOf: answer.asOf,
        });
      },
    }),
  ];
}
