// SPDX-License-Identifier: Apache-2.0
/** Taking a wrong vend back: the whole amount, once, within the rules or by a person who may set them aside. */
import { newId } from '@wattledger/contracts';
import type { ReversalCause, ReversalRule, Vend } from '@wattledger/contracts/http/billing';
import { RequestError, type Transaction } from '@wattledger/platform';
import { announce, noAnnouncements } from '../balance/announcements.ts';
import { followBalances } from '../balance/follow-balances.ts';
import { loadCounterPolicy } from '../cashier/counter-policy.ts';
import { joinShifts } from '../cashier/shift-postings.ts';
import { addEntries, claimPostings, holdLedgerAccounts } from '../ledger/ledger-store.ts';
import {
  clearingAccount,
  contentHash,
  ledgerKeyText,
  tenantArrears,
  tenantBalance,
  type NewPosting,
  type Who,
} from '../ledger/posting.ts';
import { bringBack, loadRecoveredPart, vendEntries } from '../arrears/recovery.ts';
import { withdrawMeterCredit } from '../meter-prepayment/make-credits.ts';
import { dayInProject, projectOf, type BillingParts } from '../parts.ts';
import { insertReversal, loadVends } from './vends-store.ts';

export interface ReversalRequest {
  readonly requestId: string;
  readonly accountId: string;
  readonly vendId: string;
  /** Left out: a mistake. */
  readonly cause?: ReversalCause | undefined;
  readonly reason: string;
  readonly override: boolean;
}

export interface ReversalContext {
  readonly projectId: string;
  readonly request: ReversalRequest;
  readonly by: Who;
  readonly mayOverride: boolean;
}

const reversalPosting = (
  vend: Pick<Vend, 'accountId'>,
  { projectId, request, by }: ReversalContext,
  nowMs: number,
): NewPosting => ({
  postingId: newId('posting'),
  projectId,
  kind: 'reversal',
  requestId: request.requestId,
  contentHash: contentHash({
    command: 'reversal',
    vendId: request.vendId,
    // Left out where it says nothing new: requests of before are repeated without it.
    cause: request.cause === 'mistake' ? undefined : request.cause,
    reason: request.reason,
    override: request.override,
  }),
  accountId: vend.accountId,
  effectiveAtMs: nowMs,
  recordedAtMs: nowMs,
  recordedBy: by,
  reason: request.reason,
  charge: null,
});

/** @throws RequestError 404 vend-unknown, 409 vend-reversed, 409 reversal-refused, 409 not-a-cheque, 409 refund-at-provider, 409 shift-required, 409 request-id-reused */
export async function reverseVend(
  parts: BillingParts,
  transaction: Transaction,
  context: ReversalContext,
): Promise<void> {
  const { projectId, request, by } = context;
  const nowMs = parts.clock.nowMs();
  const { accountId, vendId } = request;
  const [vend] = await loadVends(transaction, { projectId, accountId, vendId, limit: 1 });
  if (vend === undefined) throw vendUnknown(vendId);
  if (vend.means === 'online') throw refundAtProvider(vend.receiptNumber);
  if (request.cause === 'cheque-bounced' && vend.means !== 'cheque') throw notACheque(vend.receiptNumber);
  const posting = reversalPosting(vend, context, nowMs);
  const [claim] = await claimPostings(transaction, [posting]);
  if (claim?.replayed === true) return;
  const policy = await loadCounterPolicy(transaction, projectId);
  const { means, amountMicros } = vend;
  // A cheque comes back by post, long after it has left the drawer: no shift of today is short of it.
  const [shiftId] =
    request.cause === 'cheque-bounced'
      ? [null]
      : await joinShifts(transaction, projectId, [
          { postingId: posting.postingId, by, kind: 'reversal', means, amountMicros: -amountMicros },
        ]);
  const { held, account, recovered } = await holdForReversal(transaction, projectId, vend);
  const arrearsMicros = recovered?.amountMicros ?? 0;
  // Read again under the lock: another reversal may have committed while this one waited.
  const [current] = await loadVends(transaction, { projectId, vendId, limit: 1 });
  if (current?.reversal !== null) throw vendReversed(vend.receiptNumber);
  const localDay = dayInProject(projectOf(parts, projectId), nowMs);
  const recordedDay = dayInProject(projectOf(parts, projectId), vend.recordedAtMs);
  const overrode =
    request.cause === 'cheque-bounced'
      ? []
      : brokenRules(policy.reversalRules, {
          'same-day': recordedDay === localDay,
          'same-shift': vend.shiftId === null || vend.shiftId === shiftId,
          'balance-suffices': account.balanceMicros >= vend.amountMicros - arrearsMicros,
        });
  if (overrode.length > 0 && !(request.override && context.mayOverride)) throw reversalRefused(overrode);
  const bounced = request.cause === 'cheque-bounced';
  await withdrawMeterCredit(transaction, vendId, bounced || (request.override && context.mayOverride));
  const { postingId } = posting;
  const { reason, cause = 'mistake' } = request;
  await insertReversal(transaction, {
    vendId,
    projectId,
    postingId,
    cause,
    reason,
    by,
    recordedAtMs: nowMs,
    localDay,
    overrode,
  });
  const turned = { ...vend, projectId, amountMicros: -amountMicros, arrearsMicros: -arrearsMicros };
  await addEntries(transaction, held, [{ postingId, entries: vendEntries(turned) }]);
  await bringBack(transaction, { vendPostingId: vend.postingId, postingId, recovered, nowMs });
  const announcements = noAnnouncements();
  const changes = [{ accountId: vend.accountId, balanceMicros: account.balanceMicros }];
  await followBalances(transaction, changes, {
    cause: 'reversal',
    supplyCause: 'vend',
    nowMs,
    announcements,
  });
  await announce(parts.eventLog, transaction, announcements);
}

/** Balance first, then the arrears that the vend had paid, then the project's own. */
async function holdForReversal(
  transaction: Transaction,
  projectId: string,
  vend: Pick<Vend, 'accountId' | 'means' | 'postingId'>,
) {
  const { accountId } = vend;
  const tenant = tenantBalance(projectId, accountId);
  const tenants = await holdLedgerAccounts(transaction, [tenant]);
  const recovered = await loadRecoveredPart(transaction, vend.postingId);
  const others = await holdLedgerAccounts(transaction, [
    ...(recovered === null ? [] : [tenantArrears(projectId, accountId)]),
    clearingAccount(projectId, vend.means),
  ]);
  const account = tenants.get(ledgerKeyText(tenant));
  if (account === undefined) throw new Error('a vend has a tenant balance');
  return { held: new Map([...tenants, ...others]), account, recovered };
}

const brokenRules = (
  rules: readonly ReversalRule[],
  kept: Readonly<Record<ReversalRule, boolean>>,
): readonly ReversalRule[] => rules.filter((rule) => !kept[rule]);

export const vendUnknown = (vendId: string): RequestError =>
  new RequestError({
    status: 404,
    code: 'vend-unknown',
    message: `The account has no top up "${vendId}".`,
    hint: 'List the top ups of the account.',
  });
const vendReversed = (receiptNumber: number): RequestError =>
  new RequestError({
    status: 409,
    code: 'vend-reversed',
    message: `Receipt ${receiptNumber} has been reversed already.`,
    hint: 'Nothing was done.',
  });
const reversalRefused = (broken: readonly string[]): RequestError =>
  new RequestError({
    status: 409,
    code: 'reversal-refused',
    message: 'The rules of this project do not let the top up be reversed: see the rules it breaks.',
    hint: 'A person with the right account:write may override this with a reason.',
    faults: broken.map((rule) => ({ path: 'override', message: rule })),
  });
const notACheque = (receiptNumber: number): RequestError =>
  new RequestError({
    status: 409,
    code: 'not-a-cheque',
    message: `Receipt ${receiptNumber} was not paid by cheque, so no bank can have refused it.`,
    hint: 'Reverse it as a mistake, if it is one.',
  });
const refundAtProvider = (receiptNumber: number): RequestError =>
  new RequestError({
    status: 409,
    code: 'refund-at-provider',
    message: `Receipt ${receiptNumber} was paid online: the money goes back the way it came.`,
    hint: 'Refund the payment on the page of online payments; the ledger follows.',
  });
