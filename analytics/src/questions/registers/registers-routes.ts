// SPDX-License-Identifier: Apache-2.0
import {
  pointParams,
  pointSummaryShape,
  readingsAnswerShape,
  readingsQueryShape,
  slotEvidenceAnswerShape,
  slotEvidenceQueryShape,
  type ReadingsAnswer,
} from '@wattledger/contracts/http/analytics';
import { defineRoute, type Route } from '@wattledger/platform';
import { requirePoint, type Asker } from '../../asking/asker.ts';
import { instantText, sendCsv, type Table } from '../../csv/csv.ts';
import { askPointSummary, askReadings, askSlotEvidence } from './registers-service.ts';

function readingsTable(answer: ReadingsAnswer): Table {
  return {
    columns: [
      'instant',
      'meter_id',
      'register',
      'value',
      'scaler',
      'quality',
      'verdict',
      'source',
      'received_at',
      'log_offset',
    ],
    rows: answer.rows.map((row) => [
      instantText(row.instantMs),
      row.meterId,
      row.register,
      row.value,
      row.scaler,
      row.quality,
      row.verdict,
      row.source,
      instantText(row.receivedAtMs),
      row.logOffset,
    ]),
  };
}

const base = '/api/projects/{projectId}/metering-points/{meteringPointId}';

export function registerRoutes(asker: Asker): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: `${base}/summary`,
      summary:
        'Who a metering point is, what is mounted there, what it measured today, this month and this year.',
      tag: 'analytics',
      access: { right: 'energy:read' },
      params: pointParams,
      response: pointSummaryShape,
      handle: async ({ params }) => await askPointSummary(asker, params.projectId, params.meteringPointId),
    }),
    defineRoute({
      method: 'get',
      path: `${base}/readings`,
      summary: 'Readings of the meters mounted at a metering point, newest first, held ones included.',
      tag: 'analytics',
      access: { right: 'meter:read' },
      params: pointParams,
      query: readingsQueryShape,
      response: readingsAnswerShape,
      handle: async ({ params, query, response }) => {
        const answer = await askReadings(asker, params.projectId, params.meteringPointId, query);
        if (query.format === 'json') return answer;
        const { point } = requirePoint(asker, params.projectId, params.meteringPointId);
        return sendCsv(response, {
          name: `readings-${point.code}`,
          table: readingsTable(answer),
          bom: query.bom === '1',
          asOf: null,
        });
      },
    }),
    defineRoute({
      method: 'get',
      path: `${base}/slot-evidence`,
      summary: 'What a slot is made of: the readings around it, multiplier, quality and the arithmetic.',
      tag: 'analytics',
      access: { right: 'energy:read' },
      params: pointParams,
      query: slotEvidenceQueryShape,
      response: slotEvidenceAnswerShape,
      handle: async ({ params, query }) =>
        await askSlotEvidence(asker, params.projectId, params.meteringPointId, query),
    }),
  ];
}
