// SPDX-License-Identifier: Apache-2.0
import {
  accountParamsShape,
  ledgerPageShape,
  ledgerQueryShape,
  postingDetailShape,
  postingParamsShape,
} from '@wattledger/contracts/http/billing';
import { defineRoute, RequestError, type Route } from '@wattledger/platform';
import type { AccountsService } from '../accounts/accounts-service.ts';
import { projectOf, type BillingParts } from '../parts.ts';
import { loadBalance, loadEntries, loadPosting } from './ledger-read.ts';

export function ledgerRoutes(parts: BillingParts, accounts: AccountsService): readonly Route[] {
  const { database } = parts;
  return [
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/accounts/{accountId}/ledger',
      summary: "An account's ledger, newest entry first",
      tag: 'Ledger',
      access: { right: 'account:read' },
      params: accountParamsShape,
      query: ledgerQueryShape,
      response: ledgerPageShape,
      handle: async ({ params, query }) => {
        const { projectId, accountId } = params;
        const project = projectOf(parts, projectId);
        // Refuses an account of another project before anything is read.
        await accounts.require(projectId, accountId);
        const question = {
          projectId,
          accountId,
          before: query.before ?? null,
          kind: query.kind ?? null,
          limit: query.limit,
        };
        const [balanceMicros, entries] = await Promise.all([
          loadBalance(database, projectId, accountId),
          loadEntries(database, question),
        ]);
        const next = entries.length === query.limit ? (entries.at(-1)?.sequence ?? null) : null;
        return { currency: project.currency, balanceMicros, entries: [...entries], next };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/accounts/{accountId}/ledger/{postingId}',
      summary: 'One posting: both sides and its charge lines',
      tag: 'Ledger',
      access: { right: 'account:read' },
      params: postingParamsShape,
      response: postingDetailShape,
      handle: async ({ params }) => {
        const posting = await loadPosting(database, params);
        if (posting !== undefined) return posting;
        throw new RequestError({
          status: 404,
          code: 'posting-unknown',
          message: `The account has no posting "${params.postingId}".`,
          hint: "Open the account's ledger.",
        });
      },
    }),
  ];
}
