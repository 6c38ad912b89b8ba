// SPDX-License-Identifier: Apache-2.0
/** The part of vending that moves money: inside a transaction, for one vend at a counter or many from a back office. */
import assert from 'node:assert/strict';
import { newId, type ProjectSnapshot } from '@wattledger/contracts';
import type { PaymentMeans } from '@wattledger/contracts/http/billing';
import { RequestError, type Transaction } from '@wattledger/platform';
import { joinShifts } from '../cashier/shift-postings.ts';
import { addEntries, claimPostings, holdLedgerAccounts } from '../ledger/ledger-store.ts';
import {
  clearingAccount,
  contentHash,
  ledgerKeyText,
  tenantBalance,
  type NewPosting,
  type Who,
} from '../ledger/posting.ts';
import { loadRecovery, vendEntries } from '../arrears/recovery.ts';
import { makeMeterCredits } from '../meter-prepayment/make-credits.ts';
import { dayInProject } from '../parts.ts';
import { settlePendingPayments } from './pending-payments-store.ts';
import { insertVends, takeReceiptNumbers, type VendRow } from './vends-store.ts';

export interface NewVend {
  readonly requestId: string;
  readonly accountId: string;
  readonly amountMicros: number;
  readonly means: PaymentMeans;
  readonly reference: string | null;
  readonly drawerBank?: string | undefined;
  readonly receivedMicros?: number | undefined;
  readonly pendingPaymentId: string | null;
  /** When the money was received; the entries also keep when it was recorded. */
  readonly effectiveAtMs: number;
  readonly cashier: Who;
}

export interface RecordedVends {
  /** The posting of each vend, in the order given; of replayed requests the first one's. */
  readonly postingIds: readonly string[];
  /** Accounts that received money now, with their balances. */
  readonly balances: ReadonlyMap<string, number>;
}

const vendPosting = (
  project: ProjectSnapshot,
  vend: NewVend,
  nowMs: number,
  fixedInstant: boolean,
): NewPosting => ({
  postingId: newId('posting'),
  projectId: project.id,
  kind: 'vend',
  requestId: vend.requestId,
  contentHash: contentHash({
    command: 'vend',
    accountId: vend.accountId,
    amountMicros: vend.amountMicros,
    means: vend.means,
    reference: vend.reference,
    drawerBank: vend.drawerBank,
    receivedMicros: vend.receivedMicros,
    pendingPaymentId: vend.pendingPaymentId,
    // At the counter the instant is that of the first attempt and no part of what was asked.
    effectiveAtMs: fixedInstant ? vend.effectiveAtMs : null,
  }),
  accountId: vend.accountId,
  effectiveAtMs: vend.effectiveAtMs,
  recordedAtMs: nowMs,
  recordedBy: vend.cashier,
  reason: null,
  charge: null,
});

/**
 * Records vends of one project. Repeated requests are left out.
 * @param options.fixedInstant the caller names when money was received (back office), else it is now
 * @throws RequestError 404 account-unknown, 409 account-closed, 409 request-id-reused, 409 pending-payment-gone, 409 shift-required
 */
export async function recordVends(
  transaction: Transaction,
  project: ProjectSnapshot,
  vends: readonly NewVend[],
  options: { readonly nowMs: number; readonly fixedInstant: boolean },
): Promise<RecordedVends> {
  const postings = vends.map((vend) => vendPosting(project, vend, options.nowMs, options.fixedInstant));
  const claims = await claimPostings(transaction, postings);
  const fresh = vends.flatMap((vend, index) =>
    claims[index]?.replayed === false ? [{ vend, posting: postings[index] as NewPosting }] : [],
  );
  const postingIds = claims.map((claim) => claim.postingId);
  if (fresh.length === 0) return { postingIds, balances: new Map() };
  // What a back office brings along passed no counter.
  if (!options.fixedInstant) {
    await joinShifts(
      transaction,
      project.id,
      fresh.map(({ vend, posting }) => ({
        postingId: posting.postingId,
        by: vend.cashier,
        kind: 'vend',
        means: vend.means,
        amountMicros: vend.amountMicros,
      })),
    );
  }
  // Balances before arrears before the project's own: who holds the first knows which of the second there are.
  const tenants = await holdLedgerAccounts(
    transaction,
    fresh.map(({ vend }) => tenantBalance(project.id, vend.accountId)),
  );
  const recovery = await loadRecovery(transaction, project, [
    ...new Set(fresh.map(({ vend }) => vend.accountId)),
  ]);
  const others = await holdLedgerAccounts(transaction, [
    ...recovery.keys,
    ...fresh.map(({ vend }) => clearingAccount(project.id, vend.means)),
  ]);
  const held = new Map([...tenants, ...others]);
  const balances = new Map<string, number>();
  for (const { vend } of fresh) {
    balances.set(
      vend.accountId,
      held.get(ledgerKeyText(tenantBalance(project.id, vend.accountId)))?.balanceMicros as number,
    );
  }
  const accounts = await loadPayers(transaction, project.id, [...balances.keys()]);
  const firstReceipt = await takeReceiptNumbers(transaction, project.id, fresh.length);
  const rows = fresh.map(({ vend, posting }, index): VendRow => {
    const balanceMicros = balances.get(vend.accountId) as number;
    const account = requirePayer(accounts, vend, balanceMicros);
    const { postingId } = posting;
    const parts = recovery.take({ ...vend, balanceMicros, postingId });
    const balanceAfterMicros = balanceMicros + vend.amountMicros - parts.arrearsMicros;
    balances.set(vend.accountId, balanceAfterMicros);
    return {
      vendId: newId('vend'),
      projectId: project.id,
      accountId: vend.accountId,
      tenantId: account.tenant_id,
      postingId,
      receiptNumber: firstReceipt + index,
      amountMicros: vend.amountMicros,
      means: vend.means,
      reference: vend.reference,
      drawerBank: vend.drawerBank ?? null,
      receivedMicros: vend.receivedMicros ?? null,
      parts,
      balanceAfterMicros,
      cashier: vend.cashier,
      effectiveAtMs: vend.effectiveAtMs,
      recordedAtMs: options.nowMs,
      localDay: dayInProject(project, vend.effectiveAtMs),
    };
  });
  await insertVends(transaction, rows);
  if (!options.fixedInstant) await makeMeterCredits(transaction, rows, options.nowMs);
  await addEntries(
    transaction,
    held,
    rows.map((row) => ({
      postingId: row.postingId,
      entries: vendEntries({ ...row, arrearsMicros: row.parts.arrearsMicros }),
    })),
  );
  await recovery.write(transaction, options.nowMs);
  const arrived = fresh.flatMap(({ vend }, index) =>
    vend.pendingPaymentId === null
      ? []
      : [{ pendingPaymentId: vend.pendingPaymentId, vend: rows[index] as VendRow }],
  );
  await settlePendingPayments(transaction, arrived);
  return { postingIds, balances };
}

interface Payer {
  readonly account_id: string;
  readonly tenant_id: string;
  readonly state: 'open' | 'closed';
}

async function loadPayers(
  transaction: Transaction,
  projectId: string,
  accountIds: readonly string[],
): Promise<ReadonlyMap<string, Payer>> {
  const { rows } = await transaction.query<Payer>(
    `SELECT account.account_id, account.tenant_id, account.state
       FROM billing.accounts AS account
      WHERE account.project_id = $1 AND account.account_id = ANY ($2::text[])`,
    [projectId, accountIds],
  );
  return new Map(rows.map((row) => [row.account_id, row]));
}

/** A closed account only takes what it owes. */
function requirePayer(accounts: ReadonlyMap<string, Payer>, vend: NewVend, balanceMicros: number): Payer {
  const account = accounts.get(vend.accountId);
  if (account === undefined) throw accountUnknown(vend.accountId);
  assert.ok(
    Number.isSafeInteger(vend.amountMicros) && vend.amountMicros > 0,
    'a vend is a positive whole number of micros',
  );
  if (account.state === 'closed' && balanceMicros + vend.amountMicros > 0) {
    throw new RequestError({
      status: 409,
      code: 'account-closed',
      message: 'The account is closed; it can only take what is still owed.',
      hint:
        balanceMicros < 0
          ? `${-balanceMicros} micros are owed.`
          : 'Nothing is owed. Open a new account to top up.',
    });
  }
  return account;
}

export const accountUnknown = (accountId: string): RequestError =>
  new RequestError({
    status: 404,
    code: 'account-unknown',
    message: `This project has no account "${accountId}".`,
    hint: 'List the accounts of the project.',
  });
