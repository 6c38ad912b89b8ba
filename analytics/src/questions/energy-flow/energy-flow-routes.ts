// SPDX-License-Identifier: Apache-2.0
import {
  energyFlowAnswerShape,
  energyFlowQueryShape,
  projectParams,
  type EnergyFlowAnswer,
} from '@wattledger/contracts/http/analytics';
import { defineRoute, type Route } from '@wattledger/platform';
import type { Asker } from '../../asking/asker.ts';
import { sendCsv, type Table } from '../../csv/csv.ts';
import { askEnergyFlow } from './energy-flow-service.ts';

function flowTable(answer: EnergyFlowAnswer): Table {
  const nameOf = new Map(answer.nodes.map((node) => [node.id, node.name ?? node.id]));
  return {
    columns: ['source_id', 'source', 'target_id', 'target', 'kind', `consumption_${answer.unit}`, 'share'],
    rows: answer.links.map((link) => [
      link.source,
      nameOf.get(link.source) ?? null,
      link.target,
      nameOf.get(link.target) ?? null,
      link.kind,
      link.consumption,
      link.share,
    ]),
  };
}

export function energyFlowRoutes(asker: Asker): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/energy-flow',
      summary:
        'From supply through mains and feeders to end uses, with losses, generation and export; `root` drills.',
      tag: 'analytics',
      access: { right: 'energy:read' },
      params: projectParams,
      query: energyFlowQueryShape,
      response: energyFlowAnswerShape,
      handle: async ({ params, query, response }) => {
        const answer = await askEnergyFlow(asker, params.projectId, query);
        if (query.format === 'json') return answer;
        return sendCsv(response, {
          name: `energy-flow-${query.from}-${query.to}`,
          table: flowTable(answer),
          bom: query.bom === '1',
          asOf: answer.asOf,
        });
      },
    }),
  ];
}
