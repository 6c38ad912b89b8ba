// SPDX-License-Identifier: Apache-2.0
/** Opening accounts: one from a form, or hundreds from a list, in transactions of some dozens. */
import { newId } from '@wattledger/contracts';
import { RequestError, type Transaction } from '@wattledger/platform';
import { announce, noAnnouncements, type Announcements } from '../balance/announcements.ts';
import { followBalances } from '../balance/follow-balances.ts';
import { chargeAnew } from '../charging/charging-service.ts';
import { holdPoints } from '../charging/charging-store.ts';
import { claimPostings, holdLedgerAccounts } from '../ledger/ledger-store.ts';
import { contentHash, ledgerKeyText, tenantBalance, type NewPosting, type Who } from '../ledger/posting.ts';
import { projectOf, type BillingParts } from '../parts.ts';
import { loadSchemes } from '../prices/prices-store.ts';
import { recordVends } from '../vending/record-vends.ts';
import { faultsOfOpening, hysteresisOf, type NewAccount } from './account.ts';
import { insertAccounts, type AccountToInsert } from './accounts-store.ts';
import { pointTaken } from './refusals.ts';

/** An account opened for the past is charged in the same transaction, so that nothing is ever opened and uncharged. */
const accountsPerTransactionMax = 50;

const openingPosting = (
  projectId: string,
  account: NewAccount,
  accountId: string,
  by: Who,
  nowMs: number,
): NewPosting => ({
  postingId: newId('posting'),
  projectId,
  kind: 'opening',
  requestId: account.requestId,
  contentHash: contentHash({ command: 'open-account', ...account }),
  accountId,
  effectiveAtMs: account.openedAtMs,
  recordedAtMs: nowMs,
  recordedBy: by,
  reason: null,
  charge: null,
});

/**
 * Opens accounts and answers their ids, in order; of repeated requests the first one's. All or none per 50.
 * @throws RequestError 422 opening-refused with every fault, 409 point-has-account, 409 request-id-reused
 */
export async function openAccounts(
  parts: BillingParts,
  projectId: string,
  accounts: readonly NewAccount[],
  by: Who,
): Promise<readonly string[]> {
  await requireOpenable(parts, projectId, accounts);
  const opened: string[] = [];
  for (let from = 0; from < accounts.length; from += accountsPerTransactionMax) {
    const chunk = accounts.slice(from, from + accountsPerTransactionMax);
    opened.push(
      ...(await parts.database
        .transaction(async (transaction) => {
          const announcements = noAnnouncements();
          const ids = await openChunk(parts, transaction, { projectId, accounts: chunk, by, announcements });
          await announce(parts.eventLog, transaction, announcements);
          return ids;
        })
        .catch((error: unknown) => {
          throw pointTaken(error) ?? error;
        })),
    );
  }
  parts.wake.supply();
  return opened;
}

async function requireOpenable(
  parts: BillingParts,
  projectId: string,
  accounts: readonly NewAccount[],
): Promise<void> {
  const project = projectOf(parts, projectId);
  const schemes = await loadSchemes(parts.database, projectId, null);
  const mediumOfScheme = new Map(schemes.map((scheme) => [scheme.priceSchemeId, scheme.medium]));
  const points = new Map(parts.registry.all('metering-point', projectId).map((point) => [point.id, point]));
  const nowMs = parts.clock.nowMs();
  const faults = accounts.flatMap((account, index) => {
    const tenant = parts.registry.get('tenant', account.tenantId);
    const found = faultsOfOpening(account, { project, tenant, points, mediumOfScheme, nowMs });
    return found.map(({ path, message }) => ({
      path: accounts.length === 1 ? path : `${index}.${path}`,
      message,
    }));
  });
  if (faults.length === 0) return;
  throw new RequestError({
    status: 422,
    code: 'opening-refused',
    message: 'The account cannot be opened as asked.',
    hint: 'Put the listed faults right; nothing was done.',
    faults: faults.slice(0, 1000),
  });
}

async function openChunk(
  parts: BillingParts,
  transaction: Transaction,
  {
    projectId,
    accounts,
    by,
    announcements,
  }: {
    readonly projectId: string;
    readonly accounts: readonly NewAccount[];
    readonly by: Who;
    readonly announcements: Announcements;
  },
): Promise<readonly string[]> {
  const nowMs = parts.clock.nowMs();
  const project = projectOf(parts, projectId);
  const ids = accounts.map((account) => account.accountId ?? newId('account'));
  const postings = accounts.map((account, index) =>
    openingPosting(projectId, account, ids[index] as string, by, nowMs),
  );
  const claims = await claimPostings(transaction, postings);
  const fresh = accounts.flatMap((account, index) =>
    claims[index]?.replayed === false
      ? [{ account, accountId: ids[index] as string, postingId: (postings[index] as NewPosting).postingId }]
      : [],
  );
  if (fresh.length > 0) {
    const points = fresh.flatMap(({ account }) => account.points.map((point) => point.meteringPointId));
    await holdPoints(transaction, new Map(points.map((id) => [id, { projectId }])));
    await insertAccounts(
      transaction,
      fresh.map((opening): AccountToInsert => toInsert(parts, projectId, opening, by, nowMs)),
    );
    const vends = fresh.flatMap(({ account, accountId }) => firstVendOf(account, accountId, by, nowMs));
    await recordVends(transaction, project, vends, { nowMs, fixedInstant: false });
    const fromMs = Math.min(...fresh.map(({ account }) => account.openedAtMs));
    await chargeAnew({ transaction, nowMs, announcements }, points, {
      fromMs,
      toMs: Number.MAX_SAFE_INTEGER,
      cause: 'account-opened',
      noticeVersionId: null,
    });
    const keys = fresh.map(({ accountId }) => tenantBalance(projectId, accountId));
    const held = await holdLedgerAccounts(transaction, keys);
    await followBalances(
      transaction,
      keys.map((key) => ({
        accountId: key.ownerId,
        balanceMicros: held.get(ledgerKeyText(key))?.balanceMicros as number,
      })),
      { cause: 'opened', supplyCause: 'opened', nowMs, announcements },
    );
  }
  return await accountsOfPostings(
    transaction,
    claims.map((claim) => claim.postingId),
  );
}

function toInsert(
  parts: BillingParts,
  projectId: string,
  {
    account,
    accountId,
    postingId,
  }: { readonly account: NewAccount; readonly accountId: string; readonly postingId: string },
  by: Who,
  nowMs: number,
): AccountToInsert {
  return {
    accountId,
    projectId,
    tenantId: account.tenantId,
    openedAtMs: account.openedAtMs,
    alarm1Micros: account.alarm1Micros,
    alarm2Micros: account.alarm2Micros,
    hysteresisMicros: hysteresisOf(account),
    protectedSupply: account.protectedSupply,
    openingPostingId: postingId,
    openedBy: by,
    recordedAtMs: nowMs,
    previousAccountId: null,
    readings: account.readings ?? [],
    points: account.points.map(({ meteringPointId, priceSchemeId, contractedDemandW = null }) => {
      const medium = parts.registry.get('metering-point', meteringPointId)?.medium;
      if (medium === undefined) throw new Error('the metering points of an opening were checked');
      const time = { openedAtMs: account.openedAtMs, closedAtMs: null };
      return { meteringPointId, medium, priceSchemeId, contractedDemandW, ...time };
    }),
  };
}

const firstVendOf = (account: NewAccount, accountId: string, by: Who, nowMs: number) =>
  account.firstVend === undefined
    ? []
    : [
        {
          requestId: `${account.requestId}/first-vend`,
          accountId,
          amountMicros: account.firstVend.amountMicros,
          means: account.firstVend.means,
          reference: account.firstVend.reference ?? null,
          pendingPaymentId: null,
          effectiveAtMs: nowMs,
          cashier: by,
        },
      ];

async function accountsOfPostings(
  transaction: Transaction,
  postingIds: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await transaction.query<{ opening_posting_id: string; account_id: string }>(
    `SELECT account.opening_posting_id, account.account_id
       FROM billing.accounts AS account
      WHERE account.opening_posting_id = ANY ($1::text[])`,
    [postingIds],
  );
  const accountOf = new Map(rows.map((row) => [row.opening_posting_id, row.account_id]));
  return postingIds.map((postingId) => {
    const accountId = accountOf.get(postingId);
    if (accountId === undefined) throw new Error(`the opening posting ${postingId} has an account`);
    return accountId;
  });
}
