// SPDX-License-Identifier: Apache-2.0
/**
 * Makes true here what a provider says is true of a payment: credited once when it is paid, taken back as far as it was paid
 * back. The effect follows the payment, not what was told of it, so order and repetition mean nothing.
 */
import { newId } from '@wattledger/contracts';
import { RequestError, type Transaction } from '@wattledger/platform';
import { insertRefund } from '../accounts/accounts-store.ts';
import { announce, noAnnouncements, type Announcements } from '../balance/announcements.ts';
import { followBalances, lookAtSupply } from '../balance/follow-balances.ts';
import { addEntries, claimPostings, holdLedgerAccounts } from '../ledger/ledger-store.ts';
import {
  clearingAccount,
  contentHash,
  ledgerKeyText,
  moveEntries,
  tenantBalance,
} from '../ledger/posting.ts';
import { dayInProject, projectOf, type BillingParts } from '../parts.ts';
import { cancelPendingPayment } from '../vending/pending-payments-store.ts';
import { recordVends } from '../vending/record-vends.ts';
import type { ProviderPayment } from './payment-provider.ts';
import { addItem, holdPayment, setState, type NewItem, type PaymentRow } from './payments-store.ts';

/** Providers book by themselves: in the ledger their name stands where a cashier's stands otherwise. */
const providerNames = { stripe: 'Stripe', alipay: 'Alipay' } as const;
const bookkeeper = (payment: Pick<PaymentRow, 'provider'>) => ({
  id: `provider_${payment.provider}`,
  name: providerNames[payment.provider],
});

/** A payment that has not been paid is asked about for this long after its end: debits take days. */
const lateAfterExpiryMs = 3_600_000;

/** @param known what the provider says; null: it does not know the payment */
export async function settlePayment(
  parts: BillingParts,
  paymentId: string,
  known: ProviderPayment | null,
): Promise<void> {
  try {
    await parts.database.transaction(
      async (transaction) => await settleIn(parts, transaction, paymentId, known),
    );
  } catch (error) {
    // The money is there, the account does not take it: a person decides where it goes.
    if (!(error instanceof RequestError) || !['account-closed', 'account-unknown'].includes(error.code))
      throw error;
    await parts.database.transaction(async (transaction) => {
      const payment = await holdPayment(transaction, paymentId);
      if (known === null || payment.vendPostingId !== null) return;
      await setState(transaction, paymentId, paidAs(payment, known));
      await addItem(transaction, itemOf(payment, known, 'account-refused', parts.clock.nowMs()));
    });
  }
  parts.wake.supply();
}

const paidAs = (payment: PaymentRow, known: ProviderPayment): PaymentRow => ({
  ...payment,
  state: 'paid',
  receivedMicros: known.receivedMicros,
  receivedCurrency: known.currency,
  paidAtMs: known.paidAtMs ?? payment.paidAtMs,
  refundedMicros: Math.max(payment.refundedMicros, known.refundedMicros),
});

async function settleIn(
  parts: BillingParts,
  transaction: Transaction,
  paymentId: string,
  known: ProviderPayment | null,
): Promise<void> {
  const payment = await holdPayment(transaction, paymentId);
  const nowMs = parts.clock.nowMs();
  if (known?.state !== 'paid' || known.receivedMicros === null) {
    await followUnpaid(transaction, payment, known, nowMs);
    return;
  }
  const announcements = noAnnouncements();
  const paid = paidAs(payment, known);
  const credit = await creditOnce(parts, transaction, { payment, known, nowMs, announcements });
  await setState(transaction, paymentId, { ...paid, ...credit });
  const backMicros = paid.refundedMicros - payment.refundedMicros;
  if (credit.vendPostingId !== null && backMicros > 0)
    await payBack(parts, transaction, { payment: paid, backMicros, nowMs, announcements });
  await announce(parts.eventLog, transaction, announcements);
}

interface Step {
  readonly payment: PaymentRow;
  readonly nowMs: number;
  readonly announcements: Announcements;
}

type Credit = Pick<PaymentRow, 'vendPostingId' | 'creditedDay'>;

/** The vend of a payment: what was received, also where that is not what was asked for. */
async function creditOnce(
  parts: BillingParts,
  transaction: Transaction,
  { payment, known, nowMs, announcements }: Step & { readonly known: ProviderPayment },
): Promise<Credit> {
  const { projectId, accountId, provider } = payment;
  const { vendPostingId, creditedDay } = payment;
  if (vendPostingId !== null || known.receivedMicros === null) return { vendPostingId, creditedDay };
  if (known.currency !== payment.currency) {
    // 100 of another currency are not 100 of ours: nobody but a person can say what they are worth.
    await addItem(transaction, itemOf(payment, known, 'currency-differs', nowMs));
    return { vendPostingId, creditedDay };
  }
  const project = projectOf(parts, projectId);
  const vend = {
    requestId: `payment:${payment.paymentId}`,
    accountId,
    amountMicros: known.receivedMicros,
    means: 'online' as const,
    reference: payment.providerPaymentId,
    pendingPaymentId: await stillPending(transaction, payment),
    effectiveAtMs: nowMs,
    cashier: bookkeeper({ provider }),
  };
  const recorded = await recordVends(transaction, project, [vend], { nowMs, fixedInstant: false });
  const changes = [...recorded.balances].map(([id, balanceMicros]) => ({ accountId: id, balanceMicros }));
  const cause = { cause: 'vend', supplyCause: 'vend', nowMs, announcements } as const;
  await followBalances(transaction, changes, cause);
  if (known.receivedMicros !== payment.amountMicros)
    await addItem(transaction, itemOf(payment, known, 'amount-differs', nowMs));
  return { vendPostingId: recorded.postingIds[0] ?? null, creditedDay: dayInProject(project, nowMs) };
}

/** The announcement may have been cancelled by hand meanwhile; the money counts all the same. */
async function stillPending(transaction: Transaction, payment: PaymentRow): Promise<string | null> {
  const { rowCount } = await transaction.query(
    `SELECT FROM billing.pending_payments AS pending
      WHERE pending.pending_payment_id = $1 AND pending.state = 'pending'
        FOR UPDATE OF pending`,
    [payment.pendingPaymentId],
  );
  return rowCount === 1 ? payment.pendingPaymentId : null;
}

/** Money that went back at the provider leaves the balance, and the provider's clearing account. */
async function payBack(
  parts: BillingParts,
  transaction: Transaction,
  { payment, backMicros, nowMs, announcements }: Step & { readonly backMicros: number },
): Promise<void> {
  const { projectId, accountId, paymentId } = payment;
  const posting = {
    postingId: newId('posting'),
    projectId,
    kind: 'refund' as const,
    // Named by the sum it brings us to: whoever comes second with the same sum has nothing left to do.
    requestId: `payment-refund:${paymentId}:${payment.refundedMicros}`,
    contentHash: contentHash({
      command: 'payment-refund',
      paymentId,
      refundedMicros: payment.refundedMicros,
    }),
    accountId,
    effectiveAtMs: nowMs,
    recordedAtMs: nowMs,
    recordedBy: bookkeeper(payment),
    reason: null,
    charge: null,
  };
  const [claim] = await claimPostings(transaction, [posting]);
  if (claim?.replayed !== false) return;
  const tenant = tenantBalance(projectId, accountId);
  const online = clearingAccount(projectId, 'online');
  const held = await holdLedgerAccounts(transaction, [tenant, online]);
  const { postingId } = posting;
  await addEntries(transaction, held, [{ postingId, entries: moveEntries(tenant, online, backMicros) }]);
  const localDay = dayInProject(projectOf(parts, projectId), nowMs);
  const refund = { postingId, projectId, accountId, amountMicros: backMicros, means: 'online', localDay };
  await insertRefund(transaction, refund);
  const balanceMicros = held.get(ledgerKeyText(tenant))?.balanceMicros as number;
  const cause = { cause: 'reversal', supplyCause: 'vend', nowMs, announcements } as const;
  await followBalances(transaction, [{ accountId, balanceMicros }], cause);
  if (balanceMicros < 0) {
    const { currency, receivedMicros } = payment;
    const item = itemOf(payment, { currency, receivedMicros }, 'refund-beyond-balance', nowMs);
    await addItem(transaction, item);
  }
}

async function followUnpaid(
  transaction: Transaction,
  payment: PaymentRow,
  known: ProviderPayment | null,
  nowMs: number,
): Promise<void> {
  // What was paid stays paid: an older answer may arrive after a newer one.
  if (payment.state === 'paid') return;
  const said = known?.state === 'paid' ? 'processing' : (known?.state ?? payment.state);
  const over = nowMs > payment.expiresAtMs + lateAfterExpiryMs && said !== 'processing';
  const state = over && said !== 'failed' ? 'expired' : said;
  await setState(transaction, payment.paymentId, { ...payment, state });
  if ((state !== 'expired' && state !== 'failed') || payment.pendingPaymentId === null) return;
  const { projectId, accountId, pendingPaymentId } = payment;
  const cancelled = await cancelPendingPayment(transaction, { projectId, accountId, pendingPaymentId });
  if (cancelled) await lookAtSupply(transaction, [accountId], 'payment', nowMs);
}

const itemOf = (
  payment: PaymentRow,
  known: Pick<ProviderPayment, 'currency' | 'receivedMicros'>,
  kind: NewItem['kind'],
  foundAtMs: number,
): NewItem => ({
  provider: payment.provider,
  providerPaymentId: payment.providerPaymentId ?? payment.paymentId,
  kind,
  projectId: payment.projectId,
  paymentId: payment.paymentId,
  askedMicros: payment.amountMicros,
  receivedMicros: known.receivedMicros,
  currency: known.currency,
  foundAtMs,
});
