// SPDX-License-Identifier: Apache-2.0
/** Closing an account, and settling what late energy leaves on a closed one. */
import { newId } from '@wattledger/contracts';
import type {
  CloseAccountAnswer,
  ClosePreview,
  ClosingObstacle,
  PaymentMeans,
  RegisterEvidence,
} from '@wattledger/contracts/http/billing';
import { RequestError, type Queryable, type Transaction } from '@wattledger/platform';
import { announce, noAnnouncements } from '../balance/announcements.ts';
import { followBalances } from '../balance/follow-balances.ts';
import { chargeAnew } from '../charging/charging-service.ts';
import { holdPoints, type HeldPoint } from '../charging/charging-store.ts';
import { claimPostings, holdLedgerAccounts } from '../ledger/ledger-store.ts';
import { contentHash, ledgerKeyText, tenantBalance, type Who } from '../ledger/posting.ts';
import { projectOf, type BillingParts } from '../parts.ts';
import { faultsOfClosing, type Fault } from './account.ts';
import { closeAccountRows, loadPointsOfAccount, loadPointTimes, type AccountHead } from './accounts-store.ts';
import { closingObstacles, mustBeAccepted } from './closing-obstacles.ts';
import { openTime } from './point-times.ts';
import { requireHead } from './refusals.ts';
import { payOut } from './pay-out.ts';
import { rehearseOrDo } from './rehearsal.ts';

export interface CloseRequest {
  readonly requestId: string;
  readonly accountId: string;
  readonly closedAtMs: number;
  readonly reason: string;
  readonly refundMeans: PaymentMeans;
  readonly acceptIncomplete: boolean;
  readonly acceptObstacles?: boolean | undefined;
  /** Registers at the closing instant, as evidence. */
  readonly readings?: readonly RegisterEvidence[] | undefined;
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
 * @throws RequestError 404 account-unknown, 409 account-closed, 409 readings-incomplete, 409 closing-obstacles,
 * 422 closing-refused
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
    await requireClosable(
      parts,
      transaction,
      projectId,
      request,
      await holdForClosing(transaction, projectId, request),
    );
    await closeIn(parts, transaction, { projectId, request, postingId: posting.postingId, by, nowMs });
    return posting.postingId;
  });
  parts.wake.supply();
  return await closingAnswer(parts.database, request.accountId, postingId);
}

/** Points first, as everywhere. What is read of the account after this is as the last command left it. */
export async function holdForClosing(
  transaction: Transaction,
  projectId: string,
  { accountId }: { readonly accountId: string },
): Promise<ReadonlyMap<string, HeldPoint>> {
  const points = await loadPointsOfAccount(transaction, accountId);
  return await holdPoints(transaction, new Map(points.map((id) => [id, { projectId }])));
}

interface ClosingStep {
  readonly projectId: string;
  readonly request: CloseRequest;
  readonly postingId: string;
  readonly by: Who;
  readonly nowMs: number;
}

async function closeIn(parts: BillingParts, transaction: Transaction, step: ClosingStep): Promise<void> {
  const { projectId, request, postingId, by, nowMs } = step;
  const { accountId, closedAtMs } = request;
  const readings = request.readings ?? [];
  await closeAccountRows(transaction, {
    accountId,
    closedAtMs,
    postingId,
    by,
    recordedAtMs: nowMs,
    readings,
  });
  const announcements = noAnnouncements();
  await chargeAnew({ transaction, nowMs, announcements }, await loadPointsOfAccount(transaction, accountId), {
    fromMs: closedAtMs,
    toMs: Number.MAX_SAFE_INTEGER,
    cause: 'account-closed',
    noticeVersionId: null,
  });
  const refund = { projectId, accountId, postingId, means: request.refundMeans, nowMs, by };
  const balanceMicros = await payOut(parts, transaction, refund);
  await followBalances(transaction, [{ accountId, balanceMicros }], {
    cause: 'closed',
    supplyCause: 'opened',
    nowMs,
    announcements,
  });
  await announce(parts.eventLog, transaction, announcements);
}

/**
 * What closing at an instant would do: the closing itself, taken back.
 * @throws RequestError 404 account-unknown, 409 account-closed, 422 closing-refused
 */
export async function previewClosing(
  parts: BillingParts,
  projectId: string,
  accountId: string,
  closedAtMs: number,
): Promise<ClosePreview> {
  const nowMs = parts.clock.nowMs();
  const by = { id: 'billing', name: 'Preview' };
  return await rehearseOrDo(parts.database, true, async (transaction) => {
    const request: CloseRequest = {
      requestId: newId('posting'),
      accountId,
      closedAtMs,
      reason: 'preview',
      refundMeans: 'cash',
      acceptIncomplete: true,
      acceptObstacles: true,
    };
    await requireHead(transaction, projectId, accountId);
    const held = await holdForClosing(transaction, projectId, request);
    await requireClosable(parts, transaction, projectId, request, held);
    const times = await loadPointTimes(transaction, accountId);
    const present = new Set(
      times.filter((time) => openTime([time]) !== undefined).map((time) => time.meteringPointId),
    );
    const tenant = tenantBalance(projectId, accountId);
    const ledger = await holdLedgerAccounts(transaction, [tenant]);
    const balanceMicros = ledger.get(ledgerKeyText(tenant))?.balanceMicros as number;
    const obstacles = await closingObstacles(transaction, accountId, nowMs);
    const posting = closingPosting(projectId, request, by, nowMs);
    await claimPostings(transaction, [posting]);
    await closeIn(parts, transaction, { projectId, request, postingId: posting.postingId, by, nowMs });
    const closed = await closingAnswer(transaction, accountId, posting.postingId);
    return {
      accountId,
      closedAtMs,
      balanceMicros,
      finalChargeMicros: balanceMicros - closed.finalBalanceMicros,
      finalBalanceMicros: closed.finalBalanceMicros,
      arrearsMicros: closed.arrearsMicros,
      refundMicros: closed.refundMicros,
      owedMicros: Math.max(0, 0 - closed.balanceMicros),
      points: [...held.values()]
        .filter((point) => present.has(point.meteringPointId))
        .map(({ meteringPointId, lastReadingMs }) => ({
          meteringPointId,
          lastReadingMs,
          complete: (lastReadingMs ?? 0) >= closedAtMs,
        })),
      obstacles: [...obstacles],
    };
  });
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
    const paid = { projectId, accountId, postingId: settlement.postingId, means, nowMs, by };
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
  return await closingAnswer(parts.database, request.accountId, postingId);
}

export function closingPosting(
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

/** @throws RequestError 409 account-closed, 409 readings-incomplete, 409 closing-obstacles, 422 closing-refused */
export async function requireClosable(
  parts: BillingParts,
  transaction: Transaction,
  projectId: string,
  request: Omit<CloseRequest, 'requestId' | 'reason' | 'refundMeans'>,
  held: ReadonlyMap<string, HeldPoint>,
): Promise<AccountHead> {
  // Read again: another closing may have committed while this one waited for the points.
  const account = await requireHead(transaction, projectId, request.accountId);
  if (account.state === 'closed') throw accountClosed();
  const nowMs = parts.clock.nowMs();
  const closing = { closedAtMs: request.closedAtMs, openedAtMs: account.openedAtMs };
  const faults = faultsOfClosing(closing, projectOf(parts, projectId), nowMs);
  if (faults.length > 0) throw closingRefused(faults);
  if (!request.acceptIncomplete) {
    const times = await loadPointTimes(transaction, request.accountId);
    const present = times.filter((time) => (time.closedAtMs ?? Infinity) > request.closedAtMs);
    const unread = [...new Set(present.map((time) => time.meteringPointId))].filter(
      (id) => (held.get(id)?.lastReadingMs ?? 0) < request.closedAtMs,
    );
    if (unread.length > 0) throw readingsIncomplete(unread);
  }
  if (request.acceptObstacles !== true) {
    const obstacles = (await closingObstacles(transaction, request.accountId, nowMs)).filter(mustBeAccepted);
    if (obstacles.length > 0) throw closingObstructed(obstacles);
  }
  return account;
}

/** The answer is read from what was written, so that a repeated request gets the same one. */
export async function closingAnswer(
  queryable: Queryable,
  accountId: string,
  postingId: string,
): Promise<CloseAccountAnswer> {
  const { rows } = await queryable.query<{
    closed_at_ms: number;
    refund_micros: number;
    arrears_micros: number;
    balance_after_micros: number;
  }>(
    `SELECT account.closed_at_ms, coalesce(refund.amount_micros, 0) AS refund_micros,
            coalesce(returned.amount_micros, 0) AS arrears_micros,
            coalesce(
              (SELECT entry.balance_after_micros
                 FROM billing.entries AS entry
                 JOIN billing.ledger_accounts AS ledger ON ledger.ledger_account_id = entry.ledger_account_id
                WHERE entry.posting_id = $2 AND ledger.kind = 'tenant-balance' AND ledger.owner_id = account.account_id),
              (SELECT ledger.balance_micros FROM billing.ledger_accounts AS ledger
                WHERE ledger.project_id = account.project_id AND ledger.kind = 'tenant-balance' AND ledger.owner_id = account.account_id),
              0) AS balance_after_micros
       FROM billing.accounts AS account
       LEFT JOIN billing.refunds AS refund ON refund.posting_id = $2
       LEFT JOIN billing.arrears_movements AS returned ON returned.posting_id = $2 AND returned.kind = 'returned'
      WHERE account.account_id = $1`,
    [accountId, postingId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('a closed account is there');
  return {
    accountId,
    postingId,
    closedAtMs: row.closed_at_ms,
    finalBalanceMicros: row.balance_after_micros + row.refund_micros + row.arrears_micros,
    arrearsMicros: row.arrears_micros,
    refundMicros: row.refund_micros,
    balanceMicros: row.balance_after_micros,
  };
}

const accountClosed = (): RequestError =>
  new RequestError({
    status: 409,
    code: 'account-closed',
    message: 'The account is closed already.',
    hint: 'What is left on it is paid out by a settlement.',
  });
const closingRefused = (faults: readonly Fault[]): RequestError =>
  new RequestError({
    status: 422,
    code: 'closing-refused',
    message: 'The account cannot be closed at that instant.',
    hint: 'Choose the start of a slot after the opening and not in the future.',
    faults: [...faults],
  });
const closingObstructed = (obstacles: readonly ClosingObstacle[]): RequestError =>
  new RequestError({
    status: 409,
    code: 'closing-obstacles',
    message:
      'Money is still expected on the account: a payment announced, arrears agreed or emergency credit used.',
    hint: 'Wait for it or cancel it, or close with acceptObstacles: what arrives later settles the closed account.',
    faults: obstacles.map(({ kind, reference }) => ({ path: kind, message: reference ?? kind })),
  });
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
