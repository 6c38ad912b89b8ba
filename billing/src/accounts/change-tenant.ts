// SPDX-License-Identifier: Apache-2.0
/**
 * Change of tenant: the account is closed and another opened from the same instant, for the next tenant, with the same
 * points and schemes. One transaction: no slot is without an account in between, and none is charged to both.
 */
import { newId } from '@wattledger/contracts';
import type { TenantChangeAnswer, tenantChangeBodyShape } from '@wattledger/contracts/http/billing';
import type { Transaction } from '@wattledger/platform';
import type { z } from 'zod';
import { returnArrears } from '../arrears/arrears-service.ts';
import { announce, noAnnouncements } from '../balance/announcements.ts';
import { followBalances } from '../balance/follow-balances.ts';
import { chargeAnew } from '../charging/charging-service.ts';
import { addEntries, claimPostings, holdLedgerAccounts } from '../ledger/ledger-store.ts';
import {
  clearingAccount,
  contentHash,
  ledgerKeyText,
  tenantBalance,
  type NewPosting,
  type Who,
} from '../ledger/posting.ts';
import { dayInProject, projectOf, type BillingParts } from '../parts.ts';
import { recordVends } from '../vending/record-vends.ts';
import {
  closeAccountRows,
  insertAccounts,
  loadPointTimes,
  type AccountHead,
  type PointTimeRow,
} from './accounts-store.ts';
import { closingAnswer, holdForClosing, requireClosable } from './close-account.ts';
import { payOut } from './pay-out.ts';
import { changeRefused, requireHead } from './refusals.ts';

export type TenantChangeRequest = z.output<typeof tenantChangeBodyShape> & {
  readonly requestId: string;
  readonly accountId: string;
};

/**
 * Idempotent by its request id.
 * @throws RequestError as closing does, and 422 change-refused when the project has no such tenant
 */
export async function changeTenant(
  parts: BillingParts,
  projectId: string,
  request: TenantChangeRequest,
  by: Who,
): Promise<TenantChangeAnswer> {
  const step = { parts, projectId, request, by, nowMs: parts.clock.nowMs() };
  const postingId = await parts.database.transaction(async (transaction) => {
    await requireHead(transaction, projectId, request.accountId);
    if (parts.registry.get('tenant', request.tenantId)?.projectId !== projectId)
      throw changeRefused([{ path: 'tenantId', message: 'the project has no such tenant' }]);
    const postings = postingsOf(step);
    const [claim] = await claimPostings(transaction, [postings.closing, postings.opening]);
    if (claim?.replayed === true) return claim.postingId;
    const closing = { ...request, closedAtMs: request.atMs };
    const held = await holdForClosing(transaction, projectId, closing);
    const account = await requireClosable(parts, transaction, projectId, closing, held);
    await handOver(transaction, step, account, postings);
    return postings.closing.postingId;
  });
  parts.wake.supply();
  return await answerOf(parts, request.accountId, postingId);
}

interface Step {
  readonly parts: BillingParts;
  readonly projectId: string;
  readonly request: TenantChangeRequest;
  readonly by: Who;
  readonly nowMs: number;
}

interface Postings {
  readonly closing: NewPosting;
  readonly opening: NewPosting;
}

function postingsOf({ projectId, request, by, nowMs }: Step): Postings {
  const hash = contentHash({ command: 'change-tenant', ...request });
  const both = {
    projectId,
    contentHash: hash,
    effectiveAtMs: request.atMs,
    recordedAtMs: nowMs,
    recordedBy: by,
    reason: request.reason,
    charge: null,
  };
  const { accountId, requestId } = request;
  return {
    closing: { ...both, postingId: newId('posting'), kind: 'closing', requestId, accountId },
    opening: {
      ...both,
      postingId: newId('posting'),
      kind: 'opening',
      requestId: `${requestId}/open`,
      accountId: newId('account'),
    },
  };
}

async function handOver(
  transaction: Transaction,
  step: Step,
  account: AccountHead,
  { closing, opening }: Postings,
): Promise<void> {
  const { projectId, request, by, nowMs } = step;
  const [from, to] = [account.accountId, opening.accountId];
  const times = await loadPointTimes(transaction, from);
  const readings = request.readings;
  const closedAtMs = request.atMs;
  await closeAccountRows(transaction, {
    accountId: from,
    closedAtMs,
    postingId: closing.postingId,
    by,
    recordedAtMs: nowMs,
    readings,
  });
  await insertAccounts(transaction, [
    {
      ...account,
      accountId: to,
      projectId,
      tenantId: request.tenantId,
      openedAtMs: closedAtMs,
      openingPostingId: opening.postingId,
      openedBy: by,
      recordedAtMs: nowMs,
      previousAccountId: from,
      readings,
      points: timesFrom(times, closedAtMs),
    },
  ]);
  await moveMoney(transaction, step, closing.postingId, to, [
    ...new Set(times.map((time) => time.meteringPointId)),
  ]);
}

/** What holds from an instant on: also changes that were made for later. */
const timesFrom = (times: readonly PointTimeRow[], fromMs: number): readonly PointTimeRow[] =>
  times
    .map((time) => ({ ...time, openedAtMs: Math.max(time.openedAtMs, fromMs) }))
    .filter((time) => time.openedAtMs < (time.closedAtMs ?? Infinity));

async function moveMoney(
  transaction: Transaction,
  { parts, projectId, request, by, nowMs }: Step,
  postingId: string,
  toAccountId: string,
  points: readonly string[],
): Promise<void> {
  const { accountId, firstVend } = request;
  const tenants = [tenantBalance(projectId, accountId), tenantBalance(projectId, toAccountId)] as const;
  // All tenants before anything of the project, whatever follows.
  await holdLedgerAccounts(transaction, [
    ...tenants,
    ...(firstVend === undefined ? [] : [clearingAccount(projectId, firstVend.means)]),
  ]);
  if (firstVend !== undefined) {
    const vend = {
      requestId: `${request.requestId}/first-vend`,
      accountId: toAccountId,
      amountMicros: firstVend.amountMicros,
      means: firstVend.means,
      reference: firstVend.reference ?? null,
      pendingPaymentId: null,
      effectiveAtMs: nowMs,
      cashier: by,
    };
    await recordVends(transaction, projectOf(parts, projectId), [vend], { nowMs, fixedInstant: false });
  }
  const announcements = noAnnouncements();
  await chargeAnew({ transaction, nowMs, announcements }, points, {
    fromMs: request.atMs,
    toMs: Number.MAX_SAFE_INTEGER,
    cause: 'account-changed',
    noticeVersionId: null,
  });
  if (request.rest === 'refund')
    await payOut(parts, transaction, {
      projectId,
      accountId,
      postingId,
      means: request.refundMeans,
      nowMs,
      by,
    });
  else await carryOver(parts, transaction, { projectId, accountId, toAccountId, postingId, nowMs });
  const held = await holdLedgerAccounts(transaction, tenants);
  const change = (index: 0 | 1) => ({
    accountId: tenants[index].ownerId,
    balanceMicros: held.get(ledgerKeyText(tenants[index]))?.balanceMicros as number,
  });
  const following = { supplyCause: 'opened', nowMs, announcements };
  await followBalances(transaction, [change(0)], { ...following, cause: 'closed' });
  await followBalances(transaction, [change(1)], { ...following, cause: 'opened' });
  await announce(parts.eventLog, transaction, announcements);
}

/** A credit goes to the next tenant's account; a debt stays where it was made. */
async function carryOver(
  parts: BillingParts,
  transaction: Transaction,
  over: {
    readonly projectId: string;
    readonly accountId: string;
    readonly toAccountId: string;
    readonly postingId: string;
    readonly nowMs: number;
  },
): Promise<void> {
  const { projectId, accountId, toAccountId, postingId, nowMs } = over;
  const localDay = dayInProject(projectOf(parts, projectId), nowMs);
  const [from, to] = [tenantBalance(projectId, accountId), tenantBalance(projectId, toAccountId)];
  const tenants = await holdLedgerAccounts(transaction, [from, to]);
  // As at every closing: what was agreed to be paid from top ups is paid from the credit first.
  const arrears = await returnArrears(transaction, { ...over, localDay, reason: 'account closed' });
  const others = arrears === null ? new Map() : await holdLedgerAccounts(transaction, [arrears.key]);
  const held = new Map([...tenants, ...others]);
  const balanceMicros = tenants.get(ledgerKeyText(from))?.balanceMicros as number;
  const arrearsMicros = arrears?.amountMicros ?? 0;
  const amountMicros = Math.max(0, balanceMicros - arrearsMicros);
  const entries = [
    { key: from, amountMicros: 0 - amountMicros - arrearsMicros },
    { key: to, amountMicros },
    ...(arrears === null ? [] : [arrears]),
  ].filter((entry) => entry.amountMicros !== 0);
  await addEntries(transaction, held, [{ postingId, entries }]);
  if (amountMicros === 0) return;
  await transaction.query(
    `INSERT INTO billing.carry_overs (posting_id, project_id, from_account_id, to_account_id, amount_micros, local_day)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [postingId, projectId, accountId, toAccountId, amountMicros, localDay],
  );
}

/** Read from what was written, so that a repeated request gets the same one; only the balance is that of now. */
async function answerOf(
  parts: BillingParts,
  accountId: string,
  postingId: string,
): Promise<TenantChangeAnswer> {
  const { rows } = await parts.database.query<{
    account_id: string;
    opening_posting_id: string;
    carried_micros: number;
    balance_micros: number;
  }>(
    `SELECT account.account_id, account.opening_posting_id, coalesce(carried.amount_micros, 0) AS carried_micros,
            coalesce(ledger.balance_micros, 0) AS balance_micros
       FROM billing.accounts AS account
       LEFT JOIN billing.carry_overs AS carried ON carried.posting_id = $2
       LEFT JOIN billing.ledger_accounts AS ledger
         ON ledger.project_id = account.project_id AND ledger.kind = 'tenant-balance' AND ledger.owner_id = account.account_id
      WHERE account.previous_account_id = $1`,
    [accountId, postingId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('an account that was followed has a successor');
  const closed = await closingAnswer(parts.database, accountId, postingId);
  return {
    closed: { ...closed, finalBalanceMicros: closed.finalBalanceMicros + row.carried_micros },
    openedAccountId: row.account_id,
    openingPostingId: row.opening_posting_id,
    carriedMicros: row.carried_micros,
    balanceMicros: row.balance_micros,
  };
}
