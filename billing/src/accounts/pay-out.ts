// SPDX-License-Identifier: Apache-2.0
/** What is left on an account that ends, paid to its tenant. */
import type { PaymentMeans } from '@wattledger/contracts/http/billing';
import type { RequestError, Transaction } from '@wattledger/platform';
import { returnArrears } from '../arrears/arrears-service.ts';
import { joinShifts } from '../cashier/shift-postings.ts';
import { addEntries, holdLedgerAccounts } from '../ledger/ledger-store.ts';
import { ledgerKeyText, payoutAccount, tenantBalance, type Who } from '../ledger/posting.ts';
import { dayInProject, projectOf, type BillingParts } from '../parts.ts';
import { insertRefund } from './accounts-store.ts';

/** Moves a positive balance to the payout account; answers the balance that remains. */
export async function payOut(
  parts: BillingParts,
  transaction: Transaction,
  refund: {
    readonly projectId: string;
    readonly accountId: string;
    readonly postingId: string;
    readonly means: PaymentMeans;
    readonly nowMs: number;
    readonly by: Who;
  },
  refuseNothing?: () => RequestError,
): Promise<number> {
  const { projectId, accountId, postingId } = refund;
  const tenant = tenantBalance(projectId, accountId);
  const tenants = await holdLedgerAccounts(transaction, [tenant]);
  const localDay = dayInProject(projectOf(parts, projectId), refund.nowMs);
  // What was agreed to be paid from top ups comes back to the balance: there will be none.
  const arrears = await returnArrears(transaction, { ...refund, localDay, reason: 'account closed' });
  const others = [payoutAccount(projectId), ...(arrears === null ? [] : [arrears.key])];
  const held = new Map([...tenants, ...(await holdLedgerAccounts(transaction, others))]);
  const account = held.get(ledgerKeyText(tenant));
  if (account === undefined) throw new Error('a held ledger account is there');
  const arrearsMicros = arrears?.amountMicros ?? 0;
  const amountMicros = Math.max(0, account.balanceMicros - arrearsMicros);
  const entries = [
    { key: tenant, amountMicros: -amountMicros - arrearsMicros },
    { key: payoutAccount(projectId), amountMicros },
    ...(arrears === null ? [] : [arrears]),
  ].filter((entry) => entry.amountMicros !== 0);
  if (amountMicros === 0) {
    if (refuseNothing !== undefined) throw refuseNothing();
    await addEntries(transaction, held, [{ postingId, entries }]);
    return account.balanceMicros;
  }
  const { by, means } = refund;
  await joinShifts(transaction, projectId, [
    { postingId, by, kind: 'refund', means, amountMicros: -amountMicros },
  ]);
  await addEntries(transaction, held, [{ postingId, entries }]);
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
