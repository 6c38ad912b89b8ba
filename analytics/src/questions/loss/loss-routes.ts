// SPDX-License-Identifier: Apache-2.0
import {
  lossAnswerShape,
  lossQueryShape,
  lossSeriesAnswerShape,
  lossSeriesQueryShape,
  pointParams,
  projectParams,
  type LossAnswer,
  type LossSeriesAnswer,
} from '@wattledger/contracts/http/analytics';
import { defineRoute, type Route } from '@wattledger/platform';
import { requirePoint, scopeOf, scopeOfMedium, type Asker } from '../../asking/asker.ts';
import { parseEdges } from '../../calendar/span.ts';
import { sendCsv, type Table } from '../../csv/csv.ts';
import { askLoss, askLossSeries } from './loss-service.ts';

function lossTable(answer: LossAnswer): Table {
  const { unit } = answer;
  return {
    columns: [
      'code',
      'name',
      'role',
      'depth',
      'children_count',
      `input_${unit}`,
      `children_${unit}`,
      `loss_${unit}`,
      'rate',
      'slots_compared',
      'slots_expected',
      'before_rate',
      'suspicions',
    ],
    rows: answer.parents.map((parent) => [
      parent.code,
      parent.name,
      parent.role,
      parent.depth,
      parent.childCount,
      parent.input,
      parent.children,
      parent.loss,
      parent.rate,
      parent.slotsCompared,
      parent.slotsExpected,
      parent.before?.rate ?? null,
      parent.suspicions.map((suspicion) => `${suspicion.kind} ${suspicion.code}`).join('; '),
    ]),
  };
}

function lossDaysTable(answer: LossSeriesAnswer): Table {
  const { unit } = answer;
  return {
    columns: [
      'local_day',
      `input_${unit}`,
      `children_${unit}`,
      `loss_${unit}`,
      'rate',
      'slots_compared',
      'slots_expected',
    ],
    rows: answer.days.map((day) => [
      day.localDay,
      day.input,
      day.children,
      day.loss,
      day.rate,
      day.slotsCompared,
      day.slotsExpected,
    ]),
  };
}

export function lossRoutes(asker: Asker): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/loss',
      summary:
        'Per metering point with metered children: input, children, loss, over the slots that all have; what looks wrong.',
      tag: 'analytics',
      access: { right: 'energy:read' },
      params: projectParams,
      query: lossQueryShape,
      response: lossAnswerShape,
      handle: async ({ params, query, response }) => {
        const scope = await scopeOf(asker, params.projectId, { ...query, direction: 'import' });
        const answer = await askLoss(
          asker,
          scope,
          parseEdges(scope.grid, query.from, query.to),
          query.compare,
        );
        if (query.format === 'json') return answer;
        return sendCsv(response, {
          name: `loss-${query.from}-${query.to}`,
          table: lossTable(answer),
          bom: query.bom === '1',
          asOf: answer.asOf,
        });
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/loss/{meteringPointId}',
      summary: 'Loss of one metering point day by day, with its children.',
      tag: 'analytics',
      access: { right: 'energy:read' },
      params: pointParams,
      query: lossSeriesQueryShape,
      response: lossSeriesAnswerShape,
      handle: async ({ params, query, response }) => {
        const { point } = requirePoint(asker, params.projectId, params.meteringPointId);
        const scope = await scopeOfMedium(asker, params.projectId, point.medium);
        const answer = await askLossSeries(
          asker,
          scope,
          point.id,
          parseEdges(scope.grid, query.from, query.to),
        );
        if (query.format === 'json') return answer;
        return sendCsv(response, {
          name: `loss-${point.code}-${query.from}-${query.to}`,
          table: lossDaysTable(answer),
          bom: query.bom === '1',
          asOf: answer.asOf,
        });
      },
    }),
  ];
}
