// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: money paid online is credited once, whatever order its news takes. Method: the real service over real sockets to
 * servers that answer and sign as Stripe and Alipay do; notices repeated, late, shuffled, lost.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { OnlinePayment } from '@wattledger/contracts/http/billing';
import { serveRoutes, type TestHttp } from '@wattledger/platform/testing';
import { projectId } from '../testing/messages.ts';
import {
  cashier,
  failingChecks,
  openAccount,
  peakRates,
  pointSnapshot,
  setPrices,
  startTestSite,
  type TestSite,
} from '../testing/test-site.ts';
import { startAlipayServer, type AlipayServer } from './testing/alipay-server.ts';
import { startStripeServer, type SignedNotice, type StripeServer } from './testing/stripe-server.ts';

const hourMs = 3_600_000;
const nowMs = Date.parse('2026-03-02T10:00:00+01:00');

describe('online payments', () => {
  let site: TestSite;
  let http: TestHttp;
  let stripe: StripeServer;
  let alipay: AlipayServer;
  let accountId: string;
  let otherId: string;
  let last = 0;
  const newRequest = (): string => `request-${String((last += 1))}`;

  beforeAll(async () => {
    stripe = await startStripeServer();
    alipay = await startAlipayServer();
    const { endpoint, webhookSecret } = stripe;
    site = await startTestSite({
      name: 'payments',
      nowMs,
      points: [pointSnapshot('pnt_a'), pointSnapshot('pnt_b')],
      tenants: 2,
      payments: {
        providers: {
          stripe: { secretKey: 'sk_test_of_the_test', webhookSecret, endpoint },
          alipay: alipay.config,
        },
        publicOrigin: 'https://energy.test',
      },
    });
    const { priceSchemeId } = await setPrices(site.billing, { fromMs: 0, rates: peakRates });
    const openedAtMs = nowMs - hourMs;
    accountId = await openAccount(site.billing, { priceSchemeId, openedAtMs });
    otherId = await openAccount(site.billing, {
      priceSchemeId,
      openedAtMs,
      points: ['pnt_b'],
      tenant: 1,
      requestId: 'open-other',
    });
    http = await serveRoutes({
      parts: site.parts,
      routes: site.billing.routes,
      authenticator: { authenticate: async () => await Promise.resolve(null) },
    });
  }, 60_000);
  afterAll(async () => {
    expect(await failingChecks(site.billing)).toEqual([]);
    await http.stop();
    await site.stop();
    await stripe.stop();
    await alipay.stop();
  });

  const ask = async (amountMicros: number, requestId = newRequest(), account = accountId) =>
    await site.billing.payments.create(
      projectId,
      { requestId, accountId: account, provider: 'stripe', amountMicros },
      cashier,
    );
  const sessionOf = (payment: OnlinePayment): string => payment.providerPaymentId as string;
  const told = async ({ body, headers }: SignedNotice) =>
    await site.billing.payments.take('stripe', headers, body);
  const balance = async (account = accountId): Promise<number> =>
    (await site.billing.accounts.row(projectId, account)).balanceMicros;
  const shown = async (payment: OnlinePayment): Promise<OnlinePayment> =>
    (
      await site.billing.payments.list({ projectId, paymentId: payment.paymentId, limit: 1 })
    )[0] as OnlinePayment;
  /** The news of a payment: the session, as it was then. */
  const news = (payment: OnlinePayment, type: string): SignedNotice =>
    stripe.notice(type, stripe.session(sessionOf(payment)), `evt_${type}_${payment.paymentId}`);
  const vendsOf = async (payment: OnlinePayment): Promise<number> => {
    const { rows } = await site.parts.database.query<{ vends: number }>(
      `SELECT count(*) AS vends FROM billing.vends AS vend WHERE vend.reference = $1`,
      [sessionOf(payment)],
    );
    return rows[0]?.vends ?? 0;
  };

  test('asked for twice is one payment; it holds a disconnection back until it expires', async () => {
    const requestId = newRequest();
    const answers = await Promise.all([ask(12_340_000, requestId), ask(12_340_000, requestId)]);
    expect(answers[0].paymentId).toBe(answers[1].paymentId);
    expect(await ask(12_340_000, requestId)).toMatchObject({
      state: 'open',
      checkoutUrl: expect.stringContaining('https://checkout.test/cs_test_'),
    });
    await expect(ask(12_350_000, requestId)).rejects.toMatchObject({ code: 'request-id-reused' });
    const { pendingPayments } = await site.billing.accounts.detail(projectId, accountId);
    expect(pendingPayments).toHaveLength(1);
    site.parts.clock.set(nowMs + 3 * hourMs);
    await site.billing.settle();
    expect((await shown(answers[0])).state).toBe('expired');
    expect((await site.billing.accounts.detail(projectId, accountId)).pendingPayments).toEqual([]);
    site.parts.clock.set(nowMs);
  });

  test('news of all kinds, each five times, in any order and at once: one credit, one refund', async () => {
    const kinds = [
      'checkout.session.completed',
      'checkout.session.async_payment_succeeded',
      'charge.refunded',
      'checkout.session.created',
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(
          kinds.flatMap((kind) => Array.from({ length: 5 }, (_, index) => ({ kind, index }))),
          { minLength: 1 },
        ),
        fc.integer({ min: 0, max: 20 }),
        async (order, paidAt) => {
          const before = await balance();
          const payment = await ask(20_000_000);
          const tell = async (kind: string) => await told(news(payment, kind));
          await Promise.all(order.slice(0, paidAt).map(async ({ kind }) => await tell(kind)));
          expect(await balance()).toBe(before);
          stripe.pay(sessionOf(payment));
          stripe.payBack(sessionOf(payment), 500);
          // News told before may not be told again: the payment is found by asking.
          const rest = order.slice(paidAt);
          await Promise.all(rest.map(async ({ kind }) => await tell(kind)));
          await site.billing.payments.check(projectId, payment.paymentId);
          await Promise.all(order.map(async ({ kind }) => await tell(kind)));
          expect(await balance()).toBe(before + 15_000_000);
          expect(await vendsOf(payment)).toBe(1);
          expect(await shown(payment)).toMatchObject({ state: 'paid', refundedMicros: 5_000_000 });
        },
      ),
      { numRuns: 12 },
    );
  }, 120_000);

  test('a notice that is lost is found by asking; a provider that is down is asked again', async () => {
    const before = await balance();
    const payment = await ask(3_000_000);
    stripe.pay(sessionOf(payment));
    stripe.setDown(true);
    await expect(told(news(payment, 'checkout.session.completed'))).rejects.toMatchObject({
      code: 'provider-unreachable',
    });
    site.parts.clock.set(nowMs + 61_000);
    await site.billing.settle();
    expect(await balance()).toBe(before);
    stripe.setDown(false);
    site.parts.clock.set(nowMs + 10 * 60_000);
    await site.billing.settle();
    expect(await balance()).toBe(before + 3_000_000);
    expect(await told(news(payment, 'checkout.session.completed'))).toMatchObject({
      body: '{"received":true}',
    });
    expect(await balance()).toBe(before + 3_000_000);
    site.parts.clock.set(nowMs);
  }, 60_000);

  test('another amount is credited as received and flagged; another currency waits for a person', async () => {
    const before = await balance();
    const short = await ask(9_000_000);
    stripe.pay(sessionOf(short), { amount: 700 });
    await told(news(short, 'checkout.session.completed'));
    const foreign = await ask(9_000_000);
    stripe.pay(sessionOf(foreign), { currency: 'usd' });
    await told(news(foreign, 'checkout.session.completed'));
    expect(await balance()).toBe(before + 7_000_000);
    const items = await site.billing.payments.items(projectId, false);
    const kindsOf = ({ paymentId }: OnlinePayment) =>
      items
        .filter((item) => item.paymentId === paymentId)
        .map(({ kind, receivedMicros, currency }) => ({ kind, receivedMicros, currency }));
    expect(kindsOf(short)).toEqual([{ kind: 'amount-differs', receivedMicros: 7_000_000, currency: 'EUR' }]);
    expect(kindsOf(foreign)).toEqual([
      { kind: 'currency-differs', receivedMicros: 9_000_000, currency: 'USD' },
    ]);
    const settled = await site.billing.payments.settleItem(projectId, items[0]?.itemId as string, {
      by: cashier,
      note: 'asked the tenant',
      orphans: false,
    });
    expect(settled).toMatchObject({ state: 'settled', note: 'asked the tenant' });
  });

  test('money nobody asked for, and money for a closed account, are kept for a person', async () => {
    const strange = stripe.strangePayment(4_200);
    await told(stripe.notice('checkout.session.completed', stripe.session(strange), 'evt_strange'));
    expect(await site.billing.payments.items(projectId, false)).not.toContainEqual(
      expect.objectContaining({ kind: 'payment-unknown' }),
    );
    expect(await site.billing.payments.items(projectId, true)).toContainEqual(
      expect.objectContaining({
        kind: 'payment-unknown',
        receivedMicros: 42_000_000,
        providerPaymentId: strange,
      }),
    );
    const late = await ask(5_000_000, newRequest(), otherId);
    await site.billing.accounts.close(
      projectId,
      {
        requestId: newRequest(),
        accountId: otherId,
        closedAtMs: nowMs,
        reason: 'moved out',
        refundMeans: 'transfer',
        acceptIncomplete: true,
        acceptObstacles: true,
      },
      cashier,
    );
    stripe.pay(sessionOf(late));
    await told(news(late, 'checkout.session.completed'));
    expect(await shown(late)).toMatchObject({ state: 'paid', vendPostingId: null });
    expect(await site.billing.payments.items(projectId, false)).toContainEqual(
      expect.objectContaining({ kind: 'account-refused', paymentId: late.paymentId }),
    );
  });

  test('a refund goes the way the money came, once, never more than is left or than the balance', async () => {
    const payment = await ask(8_000_000);
    stripe.pay(sessionOf(payment));
    await site.billing.payments.check(projectId, payment.paymentId);
    const before = await balance();
    const request = {
      requestId: newRequest(),
      paymentId: payment.paymentId,
      amountMicros: 6_000_000,
      reason: 'asked',
    };
    const answers = await Promise.all([
      site.billing.payments.refund(projectId, request, cashier),
      site.billing.payments.refund(projectId, request, cashier),
    ]);
    expect(answers[0].refundedMicros).toBe(6_000_000);
    expect(await balance()).toBe(before - 6_000_000);
    await expect(
      site.billing.payments.refund(projectId, { ...request, requestId: newRequest() }, cashier),
    ).rejects.toMatchObject({ code: 'refund-too-large' });
    const [vend] = await site.billing.vends.list({ projectId, means: 'online', limit: 1 });
    const reversal = {
      requestId: newRequest(),
      accountId,
      vendId: vend?.vendId ?? '',
      reason: 'x',
      override: true,
    };
    await expect(site.billing.vends.reverse(projectId, reversal, cashier, true)).rejects.toMatchObject({
      code: 'refund-at-provider',
    });
  });

  test('over HTTP: raw body, signature, size; a forged notice moves nothing', async () => {
    const payment = await ask(2_000_000);
    stripe.pay(sessionOf(payment));
    const before = await balance();
    const { body, headers } = news(payment, 'checkout.session.completed');
    const post = async (bytes: Buffer, more: Record<string, string>) =>
      await fetch(`${http.url}/api/payments/stripe/notices`, {
        method: 'POST',
        body: new Uint8Array(bytes),
        headers: { 'Content-Type': 'application/json', ...more },
      });
    expect((await post(Buffer.from(body.toString().replace('evt_', 'evt_x')), headers)).status).toBe(400);
    expect((await post(body, {})).status).toBe(400);
    expect((await post(Buffer.alloc(300_000), headers)).status).toBe(413);
    expect(await balance()).toBe(before);
    const answer = await post(body, headers);
    expect([answer.status, await answer.text()]).toEqual([200, '{"received":true}']);
    expect(await balance()).toBe(before + 2_000_000);
  });

  test('what Stripe lists of a day is what was paid, with what it keeps', async () => {
    const listed = await site.billing.payments.providerPayments('stripe', nowMs - hourMs, nowMs);
    const credited = await site.billing.payments.list({ projectId, creditedDay: '2026-03-02', limit: 500 });
    const names = new Set(listed.map(({ paymentId }) => paymentId));
    expect(credited.length).toBeGreaterThan(5);
    expect(credited.every(({ paymentId }) => names.has(paymentId))).toBe(true);
    expect(listed[0]).toMatchObject({ currency: 'EUR', feeMicros: 300_000 });
  });

  test('Alipay is not offered where the currency is not its own', async () => {
    expect(site.billing.payments.offered(projectId)).toEqual(['stripe']);
    await expect(
      site.billing.payments.create(
        projectId,
        { requestId: newRequest(), accountId, provider: 'alipay', amountMicros: 1_000_000 },
        cashier,
      ),
    ).rejects.toMatchObject({ code: 'provider-absent' });
  });
});

describe('Alipay', () => {
  test('a code to scan, a signed form as notice, refunds of ours and of Alipay itself', async () => {
    const alipay = await startAlipayServer();
    const site = await startTestSite({
      name: 'payments-alipay',
      nowMs,
      project: { currency: 'CNY', zone: 'Asia/Shanghai' },
      payments: { providers: { stripe: null, alipay: alipay.config }, publicOrigin: 'https://energy.test' },
    });
    const { payments, accounts } = site.billing;
    const { priceSchemeId } = await setPrices(site.billing, { fromMs: 0, rates: peakRates });
    const accountId = await openAccount(site.billing, { priceSchemeId, openedAtMs: nowMs - hourMs });
    const balance = async (): Promise<number> => (await accounts.row(projectId, accountId)).balanceMicros;
    const request = {
      requestId: 'request-alipay',
      accountId,
      provider: 'alipay' as const,
      amountMicros: 10_500_000,
    };
    const payment = await payments.create(projectId, request, cashier);
    expect(payment.qrText).toBe(`https://qr.test/${payment.paymentId}`);
    // Nobody has scanned it: Alipay does not know it yet.
    expect((await payments.check(projectId, payment.paymentId)).state).toBe('open');
    alipay.pay(payment.paymentId);
    const fields = { notify_id: 'n1', out_trade_no: payment.paymentId, trade_status: 'TRADE_SUCCESS' };
    const forged = Buffer.from(alipay.notice(fields).toString().replace('n1', 'n2'));
    await expect(payments.take('alipay', {}, forged)).rejects.toMatchObject({ code: 'notice-unverified' });
    const answers = await Promise.all(
      Array.from({ length: 5 }, async () => await payments.take('alipay', {}, alipay.notice(fields))),
    );
    expect(answers[0]?.body).toBe('success');
    expect(await balance()).toBe(10_500_000);
    const refund = {
      requestId: 'refund-alipay',
      paymentId: payment.paymentId,
      amountMicros: 500_000,
      reason: 'asked',
    };
    expect(await payments.refund(projectId, refund, cashier)).toMatchObject({ refundedMicros: 500_000 });
    const elsewhere = { ...fields, notify_id: 'n3', refund_fee: '1.50' };
    await payments.take('alipay', {}, alipay.notice(elsewhere));
    await payments.take('alipay', {}, alipay.notice({ ...fields, notify_id: 'n4' }));
    expect(await balance()).toBe(9_000_000);
    const [listed] = await payments.providerPayments('alipay', nowMs - hourMs, nowMs);
    expect(listed).toMatchObject({
      paymentId: payment.paymentId,
      receivedMicros: 10_500_000,
      feeMicros: 60_000,
    });
    expect(alipay.unsigned).toEqual([]);
    expect(await failingChecks(site.billing)).toEqual([]);
    await site.stop();
    await alipay.stop();
  }, 60_000);
});
