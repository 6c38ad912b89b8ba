// SPDX-License-Identifier: Apache-2.0
/** Online payments: asked for, told of, asked about, paid back. */
import assert from 'node:assert/strict';
import { newId } from '@wattledger/contracts';
import type { OnlinePayment, PaymentItem, PaymentProviderName } from '@wattledger/contracts/http/billing';
import { RequestError } from '@wattledger/platform';
import type { IncomingHttpHeaders } from 'node:http';
import { lookAtSupply } from '../balance/follow-balances.ts';
import { requestIdReused } from '../ledger/ledger-store.ts';
import { contentHash, tenantBalance, type Who } from '../ledger/posting.ts';
import { projectOf, type BillingParts } from '../parts.ts';
import { insertPendingPayment } from '../vending/pending-payments-store.ts';
import { accountUnknown } from '../vending/record-vends.ts';
import type { PaymentProvider, ProviderNotice, ProviderPayment } from './payment-provider.ts';
import {
  addItem,
  countOpenPayments,
  findPayment,
  insertPayment,
  keepEvent,
  loadItems,
  loadPayments,
  setCreated,
  setEventHandled,
  settleItem,
  takePaymentToPoll,
  type PaymentFilter,
  type PaymentRow,
} from './payments-store.ts';
import {
  findPaymentRefund,
  insertPaymentRefund,
  loadPaymentRefunds,
  setRefundState,
} from './refunds-store.ts';
import { settlePayment } from './settle-payment.ts';

export interface PaymentRequest {
  readonly requestId: string;
  readonly accountId: string;
  readonly provider: PaymentProviderName;
  readonly amountMicros: number;
}
export interface RefundRequest {
  readonly requestId: string;
  readonly paymentId: string;
  readonly amountMicros: number;
  readonly reason: string;
}

export interface PaymentsService {
  /** Providers set up here that take the project's currency. */
  offered(projectId: string): readonly PaymentProviderName[];
  /** @throws RequestError 404 account-unknown, 409 provider-absent, 409 payments-too-many, 422 amount-not-payable, 502 provider-unreachable */
  create(projectId: string, request: PaymentRequest, by: Who): Promise<OnlinePayment>;
  /** Asks the provider now. @throws RequestError 404 payment-unknown, 502 provider-unreachable */
  check(projectId: string, paymentId: string): Promise<OnlinePayment>;
  /** Back to where it came from. @throws RequestError 404 payment-unknown, 409 refund-too-large, 409 balance-too-small */
  refund(projectId: string, request: RefundRequest, by: Who): Promise<OnlinePayment>;
  list(filter: PaymentFilter): Promise<readonly OnlinePayment[]>;
  /** What a provider told, believed only when it signed it. Answers what the provider wants to hear. */
  take(
    provider: PaymentProviderName,
    headers: IncomingHttpHeaders,
    rawBody: Buffer,
  ): Promise<PaymentProvider['noticeAnswer']>;
  /** Everything the provider says was paid in a span, for the daily close. */
  providerPayments(
    provider: PaymentProviderName,
    fromMs: number,
    toMs: number,
  ): Promise<readonly ProviderPayment[]>;
  items(projectId: string, orphans: boolean): Promise<readonly PaymentItem[]>;
  /** @throws RequestError 404 item-unknown */
  settleItem(
    projectId: string,
    itemId: string,
    settled: { readonly by: Who; readonly note: string; readonly orphans: boolean },
  ): Promise<PaymentItem>;
  /** One step of the worker: notices get lost, so open payments are asked about. False: nothing was due. */
  step(): Promise<boolean>;
}

/** A payer at a counter or a screen; Stripe allows no less than half an hour. */
const payWithinMs = 60 * 60_000;
const openPaymentsMax = 5;
const firstPollAfterMs = 60_000;
const pollPauseMsMax = 60 * 60_000;

export interface PaymentsOptions {
  readonly providers: readonly PaymentProvider[];
  /** Where browsers find us, for the way back from the provider. */
  readonly publicOrigin: string | null;
}

export function createPaymentsService(
  parts: BillingParts,
  { providers, publicOrigin }: PaymentsOptions,
): PaymentsService {
  const { database, clock } = parts;
  const byName = new Map(providers.map((provider) => [provider.name, provider]));

  function providerOf(name: PaymentProviderName): PaymentProvider {
    const provider = byName.get(name);
    if (provider === undefined) throw providerAbsent(name);
    return provider;
  }

  async function shown(projectId: string, paymentId: string): Promise<OnlinePayment> {
    const [payment] = await loadPayments(database, { projectId, paymentId, limit: 1 });
    if (payment === undefined) throw paymentUnknown(paymentId);
    return payment;
  }

  /** Asks the provider what is true, and makes it true here. */
  async function follow(payment: PaymentRow, toldRefundedMicros = 0): Promise<void> {
    const provider = providerOf(payment.provider);
    if (payment.providerPaymentId === null) {
      await createAtProvider(payment);
      return;
    }
    const refunds = await loadPaymentRefunds(database, payment.paymentId);
    const known = await provider.query({
      paymentId: payment.paymentId,
      providerPaymentId: payment.providerPaymentId,
      refundIds: refunds.map(({ refundId }) => refundId),
    });
    const refundedMicros = Math.max(known?.refundedMicros ?? 0, toldRefundedMicros);
    await settlePayment(parts, payment.paymentId, known === null ? null : { ...known, refundedMicros });
  }

  async function createAtProvider(payment: PaymentRow): Promise<void> {
    const project = projectOf(parts, payment.projectId);
    const { paymentId, projectId, accountId, amountMicros, currency, expiresAtMs } = payment;
    const title = `${project.name} · ${accountId}`;
    const returnUrl = `${publicOrigin ?? 'http://localhost'}/p/${projectId}/accounts/${accountId}`;
    const asked = { paymentId, projectId, amountMicros, currency, title, expiresAtMs, returnUrl };
    await setCreated(database, paymentId, await providerOf(payment.provider).create(asked));
  }

  async function rowOf(projectId: string, paymentId: string): Promise<PaymentRow> {
    const row = await findPayment(database, { paymentId });
    if (row === undefined || row.projectId !== projectId) throw paymentUnknown(paymentId);
    return row;
  }

  async function insertNew(projectId: string, request: PaymentRequest, by: Who): Promise<PaymentRow> {
    const { currency } = projectOf(parts, projectId);
    const nowMs = clock.nowMs();
    const hash = contentHash({ command: 'create-payment', ...request });
    return await database.transaction(async (transaction) => {
      // The account's row is held, so that payments of one account are counted one after the other.
      const { rowCount } = await transaction.query(
        'SELECT FROM billing.accounts WHERE account_id = $1 AND project_id = $2 FOR UPDATE',
        [request.accountId, projectId],
      );
      if (rowCount !== 1) throw accountUnknown(request.accountId);
      const before = await findPayment(transaction, { projectId, requestId: request.requestId });
      if (before !== undefined) {
        if (before.contentHash !== hash) throw requestIdReused(request.requestId);
        return before;
      }
      if ((await countOpenPayments(transaction, request.accountId)) >= openPaymentsMax)
        throw tooManyPayments();
      const { accountId, provider, amountMicros, requestId } = request;
      const paymentId = newId('payment');
      const expiresAtMs = nowMs + payWithinMs;
      const pending = await insertPendingPayment(transaction, {
        pendingPaymentId: newId('pendingPayment'),
        projectId,
        accountId,
        requestId: `payment:${paymentId}`,
        contentHash: hash,
        amountMicros,
        means: 'online',
        reference: paymentId,
        announcedAtMs: nowMs,
        expiresAtMs,
        announcedBy: by,
      });
      await insertPayment(transaction, {
        paymentId,
        projectId,
        accountId,
        requestId,
        contentHash: hash,
        provider,
        amountMicros,
        currency,
        createdAtMs: nowMs,
        createdBy: by,
        expiresAtMs,
        pendingPaymentId: pending.pendingPaymentId,
        pollAtMs: nowMs + firstPollAfterMs,
      });
      await lookAtSupply(transaction, [accountId], 'payment', nowMs);
      const row = await findPayment(transaction, { paymentId });
      assert.ok(row, 'a payment that was just written is there');
      return row;
    });
  }

  async function takeUnknown(provider: PaymentProvider, notice: ProviderNotice): Promise<void> {
    const name = notice.providerPaymentId ?? notice.paymentId;
    if (name === null) return;
    const known = await provider.query({
      paymentId: notice.paymentId ?? name,
      providerPaymentId: name,
      refundIds: [],
    });
    if (known?.state !== 'paid') return;
    const { currency, receivedMicros } = known;
    const projectId =
      known.projectId !== null && parts.registry.get('project', known.projectId) !== undefined
        ? known.projectId
        : null;
    await addItem(database, {
      provider: provider.name,
      providerPaymentId: known.providerPaymentId,
      kind: 'payment-unknown',
      projectId,
      paymentId: null,
      askedMicros: null,
      receivedMicros,
      currency,
      foundAtMs: clock.nowMs(),
    });
  }

  async function paymentOf(provider: PaymentProviderName, notice: ProviderNotice) {
    const { paymentId, providerPaymentId } = notice;
    const ours = paymentId === null ? undefined : await findPayment(database, { paymentId });
    if (ours?.provider === provider) return ours;
    if (providerPaymentId === null) return undefined;
    return await findPayment(database, { provider, providerPaymentId });
  }

  async function askRefund(payment: PaymentRow, request: RefundRequest, by: Who) {
    const { projectId, paymentId } = payment;
    const { requestId, amountMicros, reason } = request;
    const hash = contentHash({ command: 'refund-payment', paymentId, amountMicros, reason });
    return await database.transaction(async (transaction) => {
      // The payment's row is held, so that two refunds do not both find enough left.
      await transaction.query('SELECT FROM billing.online_payments WHERE payment_id = $1 FOR UPDATE', [
        paymentId,
      ]);
      const before = await findPaymentRefund(transaction, projectId, requestId);
      if (before !== undefined) {
        if (before.contentHash !== hash) throw requestIdReused(requestId);
        return before;
      }
      const refunds = await loadPaymentRefunds(transaction, paymentId);
      const promised = refunds.reduce((sum, refund) => sum + refund.amountMicros, 0);
      const leftMicros = (payment.receivedMicros ?? 0) - Math.max(promised, payment.refundedMicros);
      if (payment.vendPostingId === null || amountMicros > leftMicros) throw refundTooLarge(leftMicros);
      const key = tenantBalance(projectId, payment.accountId);
      const { rows } = await transaction.query<{ balance: number }>(
        `SELECT ledger.balance_micros AS balance FROM billing.ledger_accounts AS ledger
          WHERE ledger.project_id = $1 AND ledger.kind = $2 AND ledger.owner_id = $3`,
        [key.projectId, key.kind, key.ownerId],
      );
      if ((rows[0]?.balance ?? 0) < amountMicros) throw balanceTooSmall(rows[0]?.balance ?? 0);
      return await insertPaymentRefund(transaction, {
        refundId: newId('paymentRefund'),
        paymentId,
        projectId,
        requestId,
        contentHash: hash,
        amountMicros,
        reason,
        askedAtMs: clock.nowMs(),
        askedBy: by,
      });
    });
  }

  return {
    offered(projectId) {
      const { currency } = projectOf(parts, projectId);
      return providers.filter((provider) => provider.takes(currency)).map(({ name }) => name);
    },
    async create(projectId, request, by) {
      const { currency } = projectOf(parts, projectId);
      if (!providerOf(request.provider).takes(currency)) throw providerAbsent(request.provider);
      const payment = await insertNew(projectId, request, by);
      if (payment.providerPaymentId === null) await createAtProvider(payment);
      return await shown(projectId, payment.paymentId);
    },
    async check(projectId, paymentId) {
      await follow(await rowOf(projectId, paymentId));
      return await shown(projectId, paymentId);
    },
    async refund(projectId, request, by) {
      const payment = await rowOf(projectId, request.paymentId);
      const refund = await askRefund(payment, request, by);
      const { paymentId, providerPaymentId, currency, provider } = payment;
      assert.ok(providerPaymentId !== null, 'a credited payment is known to its provider');
      if (refund.state === 'asked') {
        try {
          await providerOf(provider).refund({
            payment: { paymentId, providerPaymentId, refundIds: [] },
            refundId: refund.refundId,
            amountMicros: refund.amountMicros,
            currency,
            reason: request.reason,
          });
          await setRefundState(database, refund.refundId, 'accepted');
        } catch (error) {
          if (error instanceof RequestError && error.code === 'provider-refused')
            await setRefundState(database, refund.refundId, 'refused');
          throw error;
        }
      }
      await follow(payment);
      return await shown(projectId, paymentId);
    },
    list: async (filter) => await loadPayments(database, filter),
    async take(name, headers, rawBody) {
      const provider = providerOf(name);
      const notice = await provider.readNotice(headers, rawBody);
      if (!(await keepEvent(database, name, notice, clock.nowMs()))) return provider.noticeAnswer;
      const payment = await paymentOf(name, notice);
      if (payment === undefined) await takeUnknown(provider, notice);
      else await follow(payment, notice.refundedMicros ?? 0);
      await setEventHandled(database, name, notice.eventId, clock.nowMs());
      return provider.noticeAnswer;
    },
    providerPayments: async (name, fromMs, toMs) => await providerOf(name).listPayments(fromMs, toMs),
    items: async (projectId, orphans) => await loadItems(database, projectId, orphans),
    async settleItem(projectId, itemId, { by, note, orphans }) {
      const [item] = await loadItems(database, projectId, orphans, itemId);
      if (item === undefined) throw itemUnknown(itemId);
      await settleItem(database, itemId, { by, note, atMs: clock.nowMs() });
      const [settled] = await loadItems(database, projectId, orphans, itemId);
      assert.ok(settled, 'an item is never removed');
      return settled;
    },
    async step() {
      const nowMs = clock.nowMs();
      const paymentId = await takePaymentToPoll(database, nowMs, firstPollAfterMs, pollPauseMsMax);
      if (paymentId === undefined) return false;
      const payment = await findPayment(database, { paymentId });
      // A provider that is no longer set up is not asked; its payments wait for it.
      if (payment === undefined || !byName.has(payment.provider)) return true;
      try {
        await follow(payment);
      } catch (error) {
        parts.logger.warn(
          { err: error, paymentId },
          'a payment could not be followed; it is asked about again',
        );
      }
      return true;
    },
  };
}

const providerAbsent = (name: PaymentProviderName): RequestError =>
  new RequestError({
    status: 409,
    code: 'provider-absent',
    message: `The payment provider ${name} is not set up here, or does not take the project's currency.`,
    hint: 'Choose one that the list of payments names.',
  });
const paymentUnknown = (paymentId: string): RequestError =>
  new RequestError({
    status: 404,
    code: 'payment-unknown',
    message: `This project has no online payment "${paymentId}".`,
    hint: 'List the payments of the project.',
  });
const tooManyPayments = (): RequestError =>
  new RequestError({
    status: 409,
    code: 'payments-too-many',
    message: `The account has ${openPaymentsMax} payments that wait to be paid.`,
    hint: 'Use one of them, or wait until they expire.',
  });
const refundTooLarge = (leftMicros: number): RequestError =>
  new RequestError({
    status: 409,
    code: 'refund-too-large',
    message: `Of this payment ${Math.max(0, leftMicros)} micros can still be paid back.`,
    hint: 'Ask for at most that.',
  });
const balanceTooSmall = (balanceMicros: number): RequestError =>
  new RequestError({
    status: 409,
    code: 'balance-too-small',
    message: `The balance is ${balanceMicros} micros: part of the money has been spent.`,
    hint: 'Pay back at most the balance.',
  });
const itemUnknown = (itemId: string): RequestError =>
  new RequestError({
    status: 404,
    code: 'item-unknown',
    message: `This project has no open item "${itemId}".`,
    hint: 'List the open items of payments.',
  });
