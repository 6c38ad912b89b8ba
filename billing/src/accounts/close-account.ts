// SPDX-License-Identifier: Apache-2.0
/** Closing an account, and settling what late energy leaves on a closed one. */
import { newId } from '@wattledger/contracts';
import type { CloseAccountAnswer, PaymentMeans } from '@wattledger/contracts/http/billing';
import { RequestError, type Transaction } from '@wattledger/platform';
import { announce, noAnnouncements } from '../balance/announcements.ts';
import { followBalances } from '../balance/follow-balances.ts';
import { chargeAnew } from '../charging/charging-service.ts';
import { holdPoints } from '../charging/charging-store.ts';
import { addEntries, claimPostings, holdLedgerAccounts } from '../ledger/ledger-store.ts';
import {
  contentHash,
  ledgerKeyText,
  moveEntries,
  payoutAccount,
  tenantBalance,
  type Who,
} from '../ledger/posting.ts';
import { dayInProject, projectOf, type BillingParts } from '../parts.ts';
import { accountUnknown } from '../vending/record-vends.ts';
import { faultsOfClosing } from './account.ts';
import {
  closeAccountRows,
  insertRefund,
  loadAccountHead,
  loadPointsOfAccount,
  type AccountHead,
} from './accounts-store.ts';

export interface CloseRequest {
  readonly requestId: string;
  readonly accountId: string;
  readonly closedAtMs: number;
  readonly reason: string;
  readonly refundMeans: PaymentMeans;
  readonly acceptIncomplete: boolean;
}
export interface SettleRequest {
  readonly requestId: string;
  readonly accountId: string;
  readonly reason: string;
  readonly refundMeans: PaymentMeans;
}

/**
 * Closes an account: energy up to the instant stays with it (and what was charged beyond is given back), the rest of the
 * balance is paid out. Energy of its time that arrives later is still charged to it; see `settleAccount`.
 * @throws RequestError 404 account-unknown, 409 account-closed, 409 readings-incomplete, 422 closing-refused
 */
export async function closeAccount(
  parts: BillingParts,
  projectId: string,
  request: CloseRequest,
  by: Who,
): Promise<CloseAccountAnswer> {
  const nowMs = parts.clock.nowMs();
  const postingId = await parts.database.transaction(async (transaction) => {
    await requireHead(transaction, projectId, request.accountId);
    const posting = closingPosting(projectId, request, by, nowMs);
    const [claim] = await claimPostings(transaction, [posting]);
    if (claim?.replayed === true) return claim.postingId;
    const points = await loadPointsOfAccount(transaction, request.accountId);
    const held = await holdPoints(transaction, new Map(points.map((id) => [id, { projectId }])));
    // Read again: another closing may have committed while this one waited for the points.
    const account = await requireHead(transaction, projectId, request.accountId);
    requireClosable(parts, projectId, account, request);
    if (!request.acceptIncomplete) {
      const unread = [...held.values()].filter((point) => (point.lastReadingMs ?? 0) < request.closedAtMs);
      if (unread.length > 0) throw readingsIncomplete(unread.map((point) => point.meteringPointId));
    }
    const { accountId, closedAtMs } = request;
    await closeAccountRows(transaction, {
      accountId,
      closedAtMs,
      postingId: posting.postingId,
      by,
      recordedAtMs: nowMs,
    });
    const announcements = noAnnouncements();
    await chargeAnew({ transaction, nowMs, announcements }, points, {
      fromMs: closedAtMs,
      toMs: Number.MAX_SAFE_INTEGER,
      cause: 'account-closed',
      noticeVersionId: null,
    });
    const balanceMicros = await payOut(parts, transaction, {
      projectId,
      accountId,
      postingId: posting.postingId,
      means: request.refundMeans,
      nowMs,
    });
    await followBalances(transaction, [{ accountId, balanceMicros }], {
      cause: 'closed',
      supplyCause: 'opened',
      nowMs,
      announcements,
    });
    await announce(parts.eventLog, transaction, announcements);
    return posting.postingId;
  });
  parts.wake.supply();
  return await closingAnswer(parts, request.accountId, postingId);
}

/**
 * Pays out what is left on a closed account: late energy may have been less than was charged.
 * @throws RequestError 404 account-unknown, 409 account-open, 409 nothing-to-settle
 */
export async function settleAccount(
  parts: BillingParts,
  projectId: string,
  request: SettleRequest,
  by: Who,
): Promise<CloseAccountAnswer> {
  const nowMs = parts.clock.nowMs();
  const postingId = await parts.database.transaction(async (transaction) => {
    const account = await requireHead(transaction, projectId, request.accountId);
    if (account.state === 'open') throw accountOpen();
    const posting = {
      ...closingPosting(projectId, { ...request, closedAtMs: nowMs }, by, nowMs),
      kind: 'refund' as const,
    };
    const settlement = { ...posting, contentHash: contentHash({ command: 'settle-account', ...request }) };
    const [claim] = await claimPostings(transaction, [settlement]);
    if (claim?.replayed === true) return claim.postingId;
    const { accountId, refundMeans: means } = request;
    const paid = { projectId, accountId, postingId: settlement.postingId, means, nowMs };
    const balanceMicros = await payOut(parts, transaction, paid, nothingToSettle);
    const announcements = noAnnouncements();
    await followBalances(transaction, [{ accountId, balanceMicros }], {
      cause: 'closed',
      supplyCause: 'opened',
      nowMs,
      announcements,
    });
    await announce(parts.eventLog, transaction, announcements);
    return settlement.postingId;
  });
  return await closingAnswer(parts, request.accountId, postingId);
}

function closingPosting(
  projectId: string,
  request: Pick<CloseRequest, 'requestId' | 'accountId' | 'closedAtMs' | 'reason'>,
  by: Who,
  nowMs: number,
) {
  return {
    postingId: newId('posting'),
    projectId,
    kind: 'closing' as const,
    requestId: request.requestId,
    contentHash: contentHash({ command: 'close-account', ...request }),
    accountId: request.accountId,
    effectiveAtMs: request.closedAtMs,
    recordedAtMs: nowMs,
    recordedBy: by,
    reason: request.reason,
    charge: null,
  };
}

/** Moves a positive balance to the payout account; answers the balance that remains. */
async function payOut(
  parts: BillingParts,
  transaction: Transaction,
  refund: {
    readonly projectId: string;
    readonly accountId: string;
    readonly postingId: string;
    readonly means: PaymentMeans;
    readonly nowMs: number;
  },
  refuseNothing?: () => RequestError,
): Promise<number> {
  const { projectId, accountId, postingId } = refund;
  const tenant = tenantBalance(projectId, accountId);
  const held = await holdLedgerAccounts(transaction, [tenant, payoutAccount(projectId)]);
  const account = held.get(ledgerKeyText(tenant));
  if (account === undefined) throw new Error('a held ledger account is there');
  const amountMicros = account.balanceMicros;
  if (amountMicros <= 0) {
    if (refuseNothing !== undefined) throw refuseNothing();
    return amountMicros;
  }
  await addEntries(transaction, held, [
    { postingId, entries: moveEntries(tenant, payoutAccount(projectId), amountMicros) },
  ]);
  const localDay = dayInProject(projectOf(parts, projectId), refund.nowMs);
  await insertRefund(transaction, {
    postingId,
    projectId,
    accountId,
    amountMicros,
    means: refund.means,
    localDay,
  });
  return account.balanceMicros;
}

async function requireHead(
  transaction: Transaction,
  projectId: string,
  accountId: string,
): Promise<AccountHead> {
  const head = await loadAccountHead(transaction, projectId, accountId);
  if (head === undefined) throw accountUnknown(accountId);
  return head;
}

function requireClosable(
  parts: BillingParts,
  projectId: string,
  account: AccountHead,
  request: CloseRequest,
): void {
  if (account.state === 'closed') {
    throw new RequestError({
      status: 409,
      code: 'account-closed',
      message: 'The account is closed already.',
      hint: 'What is left on it is paid out by a settlement.',
    });
  }
  const closing = { closedAtMs: request.closedAtMs, openedAtMs: account.openedAtMs };
  const faults = faultsOfClosing(closing, projectOf(parts, projectId), parts.clock.nowMs());
  if (faults.length === 0) return;
  throw new RequestError({
    status: 422,
    code: 'closing-refused',
    message: 'The account cannot be closed at that instant.',
    hint: 'Choose the start of a slot after the opening and not in the future.',
    faults,
  });
}

/** The answer is read from what was written, so that a repeated request gets the same one. */
async function closingAnswer(
  parts: BillingParts,
  accountId: string,
  postingId: string,
): Promise<CloseAccountAnswer> {
  const { rows } = await parts.database.query<{
    closed_at_ms: number;
    refund_micros: number;
    balance_after_micros: number;
  }>(
    `SELECT account.closed_at_ms, coalesce(refund.amount_micros, 0) AS refund_micros,
            coalesce(
              (SELECT entry.balance_after_micros
                 FROM billing.entries AS entry
                 JOIN billing.ledger_accounts AS ledger ON ledger.ledger_account_id = entry.ledger_account_id
                WHERE entry.posting_id = $2 AND ledger.kind = 'tenant-balance'),
              (SELECT ledger.balance_micros FROM billing.ledger_accounts AS ledger
                WHERE ledger.project_id = account.project_id AND ledger.kind = 'tenant-balance' AND ledger.owner_id = account.account_id),
              0) AS balance_after_micros
       FROM billing.accounts AS account
       LEFT JOIN billing.refunds AS refund ON refund.posting_id = $2
      WHERE account.account_id = $1`,
    [accountId, postingId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('a closed account is there');
  return {
    accountId,
    closedAtMs: row.closed_at_ms,
    finalBalanceMicros: row.balance_after_micros + row.refund_micros,
    refundMicros: row.refund_micros,
    balanceMicros: row.balance_after_micros,
  };
}

const readingsIncomplete = (points: readonly string[]): RequestError =>
  new RequestError({
    status: 409,
    code: 'readings-incomplete',
    message:
      'Not every meter has been read at or after the closing instant, so the final charge is not complete.',
    hint: 'Read the meters now and try again, or accept that late energy is charged to the closed account.',
    faults: points.map((point) => ({ path: 'points', message: point })),
  });
const accountOpen = (): RequestError =>
  new RequestError({
    status: 409,
    code: 'account-open',
    message: 'The account is open; its balance is paid out when it is closed.',
    hint: 'Close the account.',
  });
const nothingToSettle = (): RequestError =>
  new RequestError({
    status: 409,
    code: 'nothing-to-settle',
    message: 'Nothing is left on the account to pay out.',
    hint: 'What is owed on a closed account is taken by a top up of that amount.',
  });
