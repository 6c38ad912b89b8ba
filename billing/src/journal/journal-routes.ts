// SPDX-License-Identifier: Apache-2.0
import { boundsOfLocalDay, localDayOf } from '@wattledger/contracts';
import {
  billingProjectParamsShape,
  chartOfAccountsShape,
  journalQueryShape,
  trialBalanceShape,
  type TrialBalance,
} from '@wattledger/contracts/http/billing';
import { defineRoute, RequestError, type Route } from '@wattledger/platform';
import { microsText } from '../documents/money-text.ts';
import { sendCsv, type CsvCell } from '../files/csv-stream.ts';
import { projectOf, requireDayRange, type BillingParts } from '../parts.ts';
import { loadChart, loadJournal, loadLedgerSums, saveChart, type JournalKey } from './journal-store.ts';

const tag = 'Books';
const base = '/api/projects/{projectId}';
const daysMax = 3700;
const postingsPerPage = 1_000;

/** One line per entry; described in README.md. */
export const journalColumns = [
  'posting', 'kind', 'recorded_at', 'recorded_day', 'effective_day', 'ledger_account', 'ledger_owner', 'chart_number', 'chart_name',
  'debit', 'credit', 'currency', 'document_kind', 'document_number', 'account', 'tenant_code', 'tenant_name', 'reason',
]; // prettier-ignore

interface Span {
  readonly projectId: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export function journalRoutes(parts: BillingParts): readonly Route[] {
  const { database } = parts;
  /** @throws RequestError 404 project-unknown, 422 day-range-refused */
  const spanOf = (
    projectId: string,
    { fromDay, toDay }: { readonly fromDay: string; readonly toDay: string },
  ): Span => {
    const { zone } = projectOf(parts, projectId);
    requireDayRange(fromDay, toDay, daysMax);
    return {
      projectId,
      fromMs: boundsOfLocalDay(zone, fromDay).startMs,
      toMs: boundsOfLocalDay(zone, toDay).endMs,
    };
  };
  return [
    defineRoute({
      method: 'get',
      path: `${base}/journal.csv`,
      summary: 'Every ledger entry recorded in a span, whole postings, oldest first; streamed',
      tag,
      access: { right: 'account:read' },
      params: billingProjectParamsShape,
      query: journalQueryShape,
      response: null,
      handle: async ({ params, query, response }) => {
        const span = spanOf(params.projectId, query);
        const name = `journal-${projectOf(parts, params.projectId).code}-${query.fromDay}-${query.toDay}`;
        return await sendCsv(response, name, journalColumns, await journalRows(parts, span));
      },
    }),
    defineRoute({
      method: 'get',
      path: `${base}/trial-balance`,
      summary: 'Opening, debit, credit and closing by ledger account over a span of recorded days',
      tag,
      access: { right: 'account:read' },
      params: billingProjectParamsShape,
      query: journalQueryShape,
      response: trialBalanceShape,
      handle: async ({ params, query }) => await trialBalance(parts, spanOf(params.projectId, query)),
    }),
    defineRoute({
      method: 'get',
      path: `${base}/chart-of-accounts`,
      summary: "Numbers of the customer's chart of accounts by ledger account",
      tag,
      access: { right: 'account:read' },
      params: billingProjectParamsShape,
      response: chartOfAccountsShape,
      handle: async ({ params }) => {
        projectOf(parts, params.projectId);
        return { accounts: await loadChart(database, params.projectId) };
      },
    }),
    chartRoute(parts),
  ];
}

const chartRoute = ({ database, actionLog, clock, ...parts }: BillingParts): Route =>
  defineRoute({
    method: 'put',
    path: `${base}/chart-of-accounts`,
    summary: "Set the numbers of the customer's chart of accounts",
    tag,
    access: { right: 'books:write' },
    params: billingProjectParamsShape,
    body: chartOfAccountsShape,
    response: chartOfAccountsShape,
    handle: async ({ params, body, principal, remoteAddress }) => {
      const { projectId } = params;
      projectOf(parts, projectId);
      const names = body.accounts.map((account) => account.ledgerAccount);
      const twice = names.find((name, index) => names.indexOf(name) !== index);
      if (twice !== undefined) {
        throw new RequestError({
          status: 422,
          code: 'chart-account-twice',
          message: `The ledger account "${twice}" is named twice.`,
          hint: 'Give each ledger account one number.',
        });
      }
      const before = await loadChart(database, projectId);
      await database.transaction(async (transaction) => await saveChart(transaction, projectId, body));
      const action = { principal, projectId, action: 'books.chart', subject: projectId };
      await actionLog.record({ ...action, before, after: body.accounts, remoteAddress, atMs: clock.nowMs() });
      return { accounts: await loadChart(database, projectId) };
    },
  });

async function journalRows(parts: BillingParts, span: Span): Promise<AsyncIterable<readonly CsvCell[]>> {
  const { database, registry } = parts;
  const { zone, currency } = projectOf(parts, span.projectId);
  const chart = new Map((await loadChart(database, span.projectId)).map((one) => [one.ledgerAccount, one]));
  return (async function* rowsOf() {
    for (let after: JournalKey | null = null; ;) {
      const rows = await loadJournal(database, span, { after, postings: postingsPerPage });
      for (const row of rows) {
        const tenant = row.tenant_id === null ? undefined : registry.get('tenant', row.tenant_id);
        yield [
          row.posting_id,
          row.kind,
          new Date(row.recorded_at_ms).toISOString(),
          localDayOf(zone, row.recorded_at_ms),
          localDayOf(zone, row.effective_at_ms),
          row.ledger_kind,
          row.owner_id,
          chart.get(row.ledger_kind)?.chartNumber ?? '',
          chart.get(row.ledger_kind)?.chartName ?? '',
          row.amount_micros < 0 ? microsText(-row.amount_micros) : '',
          row.amount_micros > 0 ? microsText(row.amount_micros) : '',
          currency,
          row.document_kind,
          row.document_number,
          row.account_id,
          tenant?.code ?? '',
          tenant?.name ?? '',
          row.reason,
        ];
      }
      const last = rows.at(-1);
      if (last === undefined) return;
      after = { recordedAtMs: last.recorded_at_ms, postingId: last.posting_id };
    }
  })();
}

async function trialBalance(parts: BillingParts, span: Span): Promise<TrialBalance> {
  const [{ sums, postings }, chart] = await Promise.all([
    loadLedgerSums(parts.database, span),
    loadChart(parts.database, span.projectId),
  ]);
  const named = new Map(chart.map((one) => [one.ledgerAccount, one]));
  return {
    currency: projectOf(parts, span.projectId).currency,
    rows: sums.map(({ kind, openingMicros, debitMicros, creditMicros }) => ({
      ledgerAccount: kind,
      chartNumber: named.get(kind)?.chartNumber ?? '',
      chartName: named.get(kind)?.chartName ?? '',
      openingMicros,
      debitMicros,
      creditMicros,
      closingMicros: openingMicros + creditMicros - debitMicros,
    })),
    debitMicros: sums.reduce((total, sum) => total + sum.debitMicros, 0),
    creditMicros: sums.reduce((total, sum) => total + sum.creditMicros, 0),
    postings,
  };
}
