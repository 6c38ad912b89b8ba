// SPDX-License-Identifier: Apache-2.0
import {
  billingProjectParamsShape,
  orderFileQueryShape,
  orderListQueryShape,
  orderListShape,
  type Order,
  type OrderFilter,
} from '@wattledger/contracts/http/billing';
import { boundsOfLocalDay } from '@wattledger/contracts';
import { defineRoute, RequestError, type Route } from '@wattledger/platform';
import { microsText } from '../documents/money-text.ts';
import { sendCsv, type CsvCell } from '../files/csv-stream.ts';
import { projectOf, requireDayRange, type BillingParts } from '../parts.ts';
import {
  loadOrders,
  loadOrderTotals,
  type OrderKey,
  type OrderQuestion,
  type OrderRow,
} from './orders-store.ts';

const tag = 'Orders';
const base = '/api/projects/{projectId}';
const daysMax = 3700;
const filePage = 1_000;

export function ordersRoutes(parts: BillingParts): readonly Route[] {
  const { database } = parts;
  return [
    defineRoute({
      method: 'get',
      path: `${base}/orders`,
      summary:
        'Everything that happened to accounts besides charges, newest first, with totals by kind and means',
      tag,
      access: { right: 'account:read' },
      params: billingProjectParamsShape,
      query: orderListQueryShape,
      response: orderListShape,
      handle: async ({ params, query }) => {
        const question = questionOf(parts, params.projectId, query);
        const page = { before: readKey(query.before), limit: query.limit };
        const [rows, totals] = await Promise.all([
          loadOrders(database, question, page),
          loadOrderTotals(database, question),
        ]);
        return {
          currency: projectOf(parts, params.projectId).currency,
          orders: rows.map((row) => toOrder(parts, row)),
          next: rows.length === query.limit ? keyText(rows.at(-1)) : null,
          totals,
        };
      },
    }),
    defineRoute({
      method: 'get',
      path: `${base}/orders.csv`,
      summary: 'The same as a file, streamed',
      tag,
      access: { right: 'account:read' },
      params: billingProjectParamsShape,
      query: orderFileQueryShape,
      response: null,
      handle: async ({ params, query, response }) => {
        const { code } = projectOf(parts, params.projectId);
        const rows = fileRows(parts, questionOf(parts, params.projectId, query));
        return await sendCsv(response, `orders-${code}`, columns, rows);
      },
    }),
  ];
}

/** @throws RequestError 404 project-unknown, 422 day-range-refused */
function questionOf(parts: BillingParts, projectId: string, filter: OrderFilter): OrderQuestion {
  const { zone } = projectOf(parts, projectId);
  const { fromDay, toDay, q } = filter;
  requireDayRange(fromDay ?? toDay ?? '2000-01-01', toDay ?? fromDay ?? '2000-01-01', daysMax);
  const wanted = q?.toLocaleLowerCase();
  return {
    projectId,
    fromMs: fromDay === undefined ? null : boundsOfLocalDay(zone, fromDay).startMs,
    toMs: toDay === undefined ? null : boundsOfLocalDay(zone, toDay).endMs,
    kind: filter.kind ?? null,
    means: filter.means ?? null,
    cashierId: filter.cashierId ?? null,
    accountId: filter.accountId ?? null,
    tenantIds:
      wanted === undefined || wanted === ''
        ? null
        : parts.registry
            .all('tenant', projectId)
            .filter((tenant) => `${tenant.code}\n${tenant.name}`.toLocaleLowerCase().includes(wanted))
            .map((tenant) => tenant.id),
    amountMinMicros: filter.amountMinMicros ?? null,
    amountMaxMicros: filter.amountMaxMicros ?? null,
    number: filter.number ?? null,
  };
}

const keyText = (row: OrderRow | undefined): string | null =>
  row === undefined ? null : `${row.effective_at_ms}_${row.posting_id}`;

/** @throws RequestError 400 page-key-invalid */
function readKey(text: string | undefined): OrderKey | null {
  if (text === undefined) return null;
  const found = /^(\d{1,15})_([\w-]{1,64})$/.exec(text);
  if (found === null)
    throw new RequestError({
      status: 400,
      code: 'page-key-invalid',
      message: 'The key of the page is not one of ours.',
      hint: 'Ask with `next` of the page before.',
    });
  return { effectiveAtMs: Number(found[1]), postingId: found[2] ?? '' };
}

function toOrder({ registry }: BillingParts, row: OrderRow): Order {
  const tenant = row.tenant_id === null ? undefined : registry.get('tenant', row.tenant_id);
  return {
    postingId: row.posting_id,
    kind: row.kind,
    number: row.number,
    documentId: row.document_id,
    accountId: row.account_id,
    tenantId: row.tenant_id,
    tenantCode: tenant?.code ?? '',
    tenantName: tenant?.name ?? row.tenant_id ?? '',
    amountMicros: row.amount_micros,
    means: row.means,
    reference: row.reference,
    reason: row.reason,
    by: { id: row.by_id, name: row.by_name },
    effectiveAtMs: row.effective_at_ms,
    recordedAtMs: row.recorded_at_ms,
    reversed: row.reversed,
  };
}

const columns = [
  'posting', 'kind', 'number', 'account', 'tenant_code', 'tenant_name', 'amount', 'means', 'reference', 'reason', 'by', 'effective_at', 'recorded_at',
]; // prettier-ignore

async function* fileRows(parts: BillingParts, question: OrderQuestion): AsyncGenerator<readonly CsvCell[]> {
  for (let before: OrderKey | null = null; ;) {
    const rows = await loadOrders(parts.database, question, { before, limit: filePage });
    for (const row of rows) {
      const order = toOrder(parts, row);
      yield [
        order.postingId,
        order.kind,
        order.number,
        order.accountId,
        order.tenantCode,
        order.tenantName,
        microsText(order.amountMicros),
        order.means,
        order.reference,
        order.reason,
        order.by.name,
        new Date(order.effectiveAtMs).toISOString(),
        new Date(order.recordedAtMs).toISOString(),
      ];
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < filePage) return;
    before = { effectiveAtMs: last.effective_at_ms, postingId: last.posting_id };
  }
}
