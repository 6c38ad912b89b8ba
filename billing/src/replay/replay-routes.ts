// SPDX-License-Identifier: Apache-2.0
import {
  priceReplayBodyShape,
  priceReplayListShape,
  priceReplayParamsShape,
  priceReplayShape,
  priceVersionParamsShape,
  replayAccountParamsShape,
  replayAccountShape,
  replayRowsQueryShape,
  replayRowsShape,
} from '@wattledger/contracts/http/billing';
import { defineRoute, type Route } from '@wattledger/platform';
import { microsText } from '../documents/money-text.ts';
import { sendCsv, type CsvCell } from '../files/csv-stream.ts';
import { projectOf, whoOf, type BillingParts } from '../parts.ts';
import { loadAccountIdsFound, loadLinesFound } from './replay-read.ts';
import type { ReplayService } from './replay-service.ts';

const tag = 'Prices';
const base = '/api/projects/{projectId}/price-schemes/{priceSchemeId}/versions/{priceVersionId}/replays';

export function replayRoutes(parts: BillingParts, replays: ReplayService): readonly Route[] {
  return [...jobRoutes(parts, replays), ...resultRoutes(parts, replays)];
}

function jobRoutes(parts: BillingParts, replays: ReplayService): readonly Route[] {
  const { actionLog, clock } = parts;
  return [
    defineRoute({
      method: 'post',
      path: base,
      summary: 'Compute what a version would have cost over real history; nothing is charged',
      tag,
      access: { right: 'price:write' },
      params: priceVersionParamsShape,
      body: priceReplayBodyShape,
      response: priceReplayShape,
      successStatus: 202,
      handle: async ({ params, body, principal, remoteAddress }) => {
        const replay = await replays.start(params, body, whoOf(principal));
        await actionLog.record({
          principal,
          projectId: params.projectId,
          action: 'price-replay.start',
          subject: replay.replayId,
          after: { priceVersionId: params.priceVersionId, ...body },
          remoteAddress,
          atMs: clock.nowMs(),
        });
        return replay;
      },
    }),
    defineRoute({
      method: 'get',
      path: base,
      summary: 'Replays of a version, newest first',
      tag,
      access: { right: 'price:read' },
      params: priceVersionParamsShape,
      response: priceReplayListShape,
      handle: async ({ params }) => ({ replays: [...(await replays.list(params))] }),
    }),
    defineRoute({
      method: 'get',
      path: `${base}/{replayId}`,
      summary: 'A replay: how far it is, and its totals',
      tag,
      access: { right: 'price:read' },
      params: priceReplayParamsShape,
      response: priceReplayShape,
      handle: async ({ params }) => await replays.get(params, params.replayId),
    }),
    defineRoute({
      method: 'post',
      path: `${base}/{replayId}/cancel`,
      summary: 'Cancel a running replay',
      tag,
      access: { right: 'price:write' },
      params: priceReplayParamsShape,
      response: priceReplayShape,
      handle: async ({ params }) => await replays.cancel(params, params.replayId),
    }),
  ];
}

function resultRoutes(parts: BillingParts, replays: ReplayService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: `${base}/{replayId}/rows`,
      summary: 'Who pays more or less, by account',
      tag,
      access: { right: 'price:read' },
      params: priceReplayParamsShape,
      query: replayRowsQueryShape,
      response: replayRowsShape,
      handle: async ({ params, query }) => {
        const { currency } = projectOf(parts, params.projectId);
        const { rows, total } = await replays.rows(params, params.replayId, query);
        return { currency, rows: [...rows], total };
      },
    }),
    defineRoute({
      method: 'get',
      path: `${base}/{replayId}/rows/{accountId}`,
      summary: "One account's differences by month, component and period",
      tag,
      access: { right: 'price:read' },
      params: replayAccountParamsShape,
      response: replayAccountShape,
      handle: async ({ params }) => {
        const { currency } = projectOf(parts, params.projectId);
        return { currency, lines: [...(await replays.lines(params, params.replayId, params.accountId))] };
      },
    }),
    defineRoute({
      method: 'get',
      path: `${base}/{replayId}/rows.csv`,
      summary: 'All differences by account, month, component and period; streamed',
      tag,
      access: { right: 'price:read' },
      params: priceReplayParamsShape,
      response: null,
      handle: async ({ params, response }) => {
        const { currency, fromMonth, toMonth } = await replays.get(params, params.replayId);
        const rows = csvRows(parts, params.replayId, currency);
        return await sendCsv(response, `replay-${fromMonth}-${toMonth}`, csvColumns, rows);
      },
    }),
  ];
}

const csvColumns = [
  'account', 'tenant_code', 'tenant_name', 'metering_point', 'month', 'component', 'period', 'item', 'consumption_before',
  'consumption_after', 'before', 'after', 'difference', 'currency',
]; // prettier-ignore
const accountsPerPage = 200;

async function* csvRows(
  { database, registry }: BillingParts,
  replayId: string,
  currency: string,
): AsyncIterable<readonly CsvCell[]> {
  for (let after = ''; ;) {
    const accountIds = await loadAccountIdsFound(database, replayId, { after, limit: accountsPerPage });
    if (accountIds.length === 0) return;
    after = accountIds.at(-1) as string;
    for (const line of await loadLinesFound(database, replayId, accountIds)) {
      const tenant = registry.get('tenant', line.tenantId);
      yield [
        line.accountId,
        tenant?.code ?? '',
        tenant?.name ?? '',
        line.meteringPointId,
        line.month,
        line.component,
        line.period,
        line.item,
        line.consumptionBefore,
        line.consumptionAfter,
        microsText(line.beforeMicros),
        microsText(line.afterMicros),
        microsText(line.afterMicros - line.beforeMicros),
        currency,
      ];
    }
  }
}
