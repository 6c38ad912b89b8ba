// SPDX-License-Identifier: Apache-2.0
import {
  accountParamsShape,
  compensationsShape,
  priceListQueryShape,
  priceListShape,
  priceVersionParamsShape,
  type PriceList,
} from '@wattledger/contracts/http/billing';
import { defineRoute, RequestError, type Route } from '@wattledger/platform';
import { microsText } from '../documents/money-text.ts';
import { sendCsv, type CsvCell } from '../files/csv-stream.ts';
import { projectOf, whoOf, type BillingParts } from '../parts.ts';
import { loadCompensations, loadSides } from './lists-store.ts';
import type { ListsService } from './lists-service.ts';
import type { VersionIds } from './replay-service.ts';

const tag = 'Prices';
const project = '/api/projects/{projectId}';
const base = `${project}/price-schemes/{priceSchemeId}/versions/{priceVersionId}/list`;
type Page = { readonly limit: number; readonly offset: number };

export function listsRoutes(parts: BillingParts, lists: ListsService): readonly Route[] {
  return [...readingRoutes(parts, lists), ...decidingRoutes(parts, lists), compensationsRoute(parts)];
}

async function listView(
  parts: BillingParts,
  lists: ListsService,
  ids: VersionIds,
  page: Page,
): Promise<PriceList> {
  const { state, stored, replay, totals } = await lists.get(ids);
  const { accounts, ...sums } = totals;
  return {
    currency: projectOf(parts, ids.projectId).currency,
    state,
    replay,
    decidedBy:
      stored.decidedById === null ? null : { id: stored.decidedById, name: stored.decidedByName ?? '' },
    decidedAtMs: stored.decidedAtMs,
    notice:
      stored.noticeState === null
        ? null
        : {
            state: stored.noticeState,
            pointsDone: stored.noticePointsDone,
            pointsTotal: stored.noticePointsTotal,
          },
    ...sums,
    rows: [...(await lists.rows(ids, page))],
    total: accounts,
  };
}

function readingRoutes(parts: BillingParts, lists: ListsService): readonly Route[] {
  return [
    defineRoute({
      method: 'get',
      path: base,
      summary: 'What a retroactive version is expected to change, beside what it posted',
      tag,
      access: { right: 'price:read' },
      params: priceVersionParamsShape,
      query: priceListQueryShape,
      response: priceListShape,
      handle: async ({ params, query }) => await listView(parts, lists, params, query),
    }),
    defineRoute({
      method: 'get',
      path: `${base}.csv`,
      summary: 'The list as a file; streamed',
      tag,
      access: { right: 'price:read' },
      params: priceVersionParamsShape,
      response: null,
      handle: async ({ params, response }) => {
        const { replay } = await lists.get(params);
        const rows = csvRows(parts, { ...params, replayId: replay.replayId, currency: replay.currency });
        return await sendCsv(response, `price-list-${replay.fromMonth}-${replay.toMonth}`, csvColumns, rows);
      },
    }),
  ];
}

const csvColumns = [
  'account', 'tenant_code', 'tenant_name', 'state', 'before', 'after', 'expected', 'posted', 'posted_with_energy', 'consumption_expected',
  'consumption_posted', 'slots_expected', 'slots_known', 'slots_estimated', 'to_settle', 'currency',
]; // prettier-ignore
const rowsPerPage = 500;

async function* csvRows(
  { database, registry }: BillingParts,
  of: { readonly priceVersionId: string; readonly replayId: string; readonly currency: string },
): AsyncIterable<readonly CsvCell[]> {
  for (let offset = 0; ; offset += rowsPerPage) {
    const rows = await loadSides(database, of, { limit: rowsPerPage, offset });
    for (const row of rows) {
      const tenant = registry.get('tenant', row.tenantId);
      yield [
        row.accountId,
        tenant?.code ?? '',
        tenant?.name ?? '',
        row.state,
        microsText(row.beforeMicros),
        microsText(row.afterMicros),
        microsText(row.afterMicros - row.beforeMicros),
        microsText(row.postedMicros),
        microsText(row.meanwhileMicros),
        row.consumption,
        row.postedConsumption,
        row.slotsExpected,
        row.slotsKnown,
        row.slotsEstimated,
        microsText(row.toSettleMicros),
        of.currency,
      ];
    }
    if (rows.length < rowsPerPage) return;
  }
}

const firstPage: Page = { limit: 100, offset: 0 };
const steps = [
  { step: 'approve', right: 'books:write', summary: 'Approve the list: the version holds and charges anew' },
  { step: 'reject', right: 'books:write', summary: 'Reject the list: the version is withdrawn' },
  {
    step: 'compute',
    right: 'price:write',
    summary: 'Compute the list anew, with the energy that has come since',
  },
] as const;

function decidingRoutes(parts: BillingParts, lists: ListsService): readonly Route[] {
  const { actionLog, clock } = parts;
  return steps.map(({ step, right, summary }) =>
    defineRoute({
      method: 'post',
      path: `${base}/${step}`,
      summary,
      tag,
      access: { right },
      params: priceVersionParamsShape,
      response: priceListShape,
      handle: async ({ params, principal, remoteAddress }) => {
        await lists[step](params, whoOf(principal));
        await actionLog.record({
          principal,
          projectId: params.projectId,
          action: `price-list.${step}`,
          subject: params.priceVersionId,
          remoteAddress,
          atMs: clock.nowMs(),
        });
        return await listView(parts, lists, params, firstPage);
      },
    }),
  );
}

const compensationsRoute = (parts: BillingParts): Route =>
  defineRoute({
    method: 'get',
    path: `${project}/accounts/{accountId}/compensations`,
    summary: 'What retroactive prices changed for an account, by version and month',
    tag,
    access: { right: 'account:read' },
    params: accountParamsShape,
    response: compensationsShape,
    handle: async ({ params }) => {
      const { currency } = projectOf(parts, params.projectId);
      const { rows } = await parts.database.query(
        'SELECT FROM billing.accounts WHERE account_id = $1 AND project_id = $2',
        [params.accountId, params.projectId],
      );
      if (rows.length === 0) throw accountUnknown(params.accountId);
      return { currency, lines: [...(await loadCompensations(parts.database, params.accountId))] };
    },
  });

const accountUnknown = (accountId: string): RequestError =>
  new RequestError({
    status: 404,
    code: 'account-unknown',
    message: `This project has no account "${accountId}".`,
    hint: 'List the accounts of the project.',
  });
