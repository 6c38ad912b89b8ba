// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: whatever comes at once to one account has one outcome. Method: 64 top-ups (each sent twice), charges, reversals, online
 * notices, a shift's closing and the account's closing, all under way together; then the books are asked.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topics } from '@wattledger/contracts';
import { startStripeServer, type StripeServer } from '../payments/testing/stripe-server.ts';
import { energy, projectId } from '../testing/messages.ts';
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

const openedAtMs = Date.parse('2026-02-02T00:00:00+01:00');
const nowMs = Date.parse('2026-02-04T12:05:00+01:00');
const days = ['2026-02-02', '2026-02-03'];
const writers = 64;

let site: TestSite;
let stripe: StripeServer;
beforeAll(async () => {
  stripe = await startStripeServer();
  const { endpoint, webhookSecret } = stripe;
  site = await startTestSite({
    name: 'one-account',
    nowMs,
    points: [pointSnapshot('pnt_a')],
    works: true,
    payments: {
      providers: { stripe: { secretKey: 'sk_test_of_the_test', webhookSecret, endpoint }, alipay: null },
      publicOrigin: 'https://energy.test',
    },
  });
}, 60_000);
afterAll(async () => {
  await site.stop();
  await stripe.stop();
});

test('top-ups, charges, reversals, notices and closings of one account, all at once: one outcome', async () => {
  const { billing, parts } = site;
  const { priceSchemeId } = await setPrices(billing, { fromMs: openedAtMs, rates: peakRates });
  const accountId = await openAccount(billing, { priceSchemeId, openedAtMs });
  const shift = await billing.shifts.open(
    projectId,
    { requestId: 'shift-open', float: { amountMicros: 0 } },
    cashier,
  );
  const payment = await billing.payments.create(
    projectId,
    { requestId: 'payment-1', accountId, provider: 'stripe', amountMicros: 7_000_000 },
    cashier,
  );
  const session = payment.providerPaymentId as string;
  stripe.pay(session);

  const sell = async (index: number): Promise<number> => {
    const request = {
      requestId: `vend-one-${String(index)}`,
      accountId,
      amountMicros: 1_000_000 + index,
      means: 'cash' as const,
    };
    const answers = await Promise.allSettled([
      billing.vends.vend(projectId, request, cashier),
      billing.vends.vend(projectId, request, cashier),
    ]);
    const sold = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    expect(new Set(sold.map(({ vendId }) => vendId)).size).toBeLessThanOrEqual(1);
    const [vend] = sold;
    if (vend !== undefined && index % 4 === 0) {
      const reversal = { accountId, vendId: vend.vendId, reason: 'wrong', override: true };
      await Promise.allSettled(
        [1, 2].map(async (attempt) => {
          const requestId = `reverse-one-${String(index)}-${String(attempt)}`;
          await billing.vends.reverse(projectId, { ...reversal, requestId }, cashier, true);
        }),
      );
    }
    return vend === undefined ? 0 : 1;
  };
  const pour = async (): Promise<void> => {
    for (const revision of [1, 2, 3])
      for (const day of days) {
        const value = energy({ meteringPointId: 'pnt_a', day, revision, slots: 100 + revision });
        await parts.eventLog.append(topics.intervalEnergy, [{ key: 'pnt_a', value }]);
      }
  };
  const tell = async (index: number): Promise<void> => {
    const event = stripe.notice(
      'checkout.session.completed',
      stripe.session(session),
      `evt_${String(index)}`,
    );
    await billing.payments.take('stripe', event.headers, event.body);
  };
  const closing = async (): Promise<void> => {
    await billing.accounts.close(
      projectId,
      {
        requestId: 'close-one',
        accountId,
        closedAtMs: openedAtMs + 48 * 3_600_000,
        reason: 'moved',
        refundMeans: 'transfer',
        acceptIncomplete: true,
        acceptObstacles: true,
      },
      cashier,
    );
  };
  const closeShift = async (): Promise<void> => {
    await billing.shifts.close(
      projectId,
      {
        requestId: 'shift-close',
        shiftId: shift.shiftId,
        cash: { amountMicros: 0 },
        slips: [],
        differenceReason: 'counted while others sold',
      },
      cashier,
      false,
    );
  };
  const sales = Array.from({ length: writers }, async (_, index) => await sell(index));
  /** Somewhere in the middle of the others' work. */
  const after = async (count: number, act: () => Promise<void>): Promise<void> => {
    await Promise.all(sales.slice(0, count));
    await act();
  };
  const [sold] = await Promise.all([
    Promise.all(sales),
    pour(),
    Promise.allSettled(Array.from({ length: 5 }, async (_, index) => await tell(index))),
    after(16, closing),
    after(8, closeShift),
  ]);
  await billing.whenRegistryKnown();
  await billing.settle();

  expect(await failingChecks(billing)).toEqual([]);
  const { rows } = await parts.database.query<{ vends: number; online: number; credited: string | null }>(
    `SELECT count(*) FILTER (WHERE vend.means = 'cash') AS vends, count(*) FILTER (WHERE vend.means = 'online') AS online,
            (SELECT payment.vend_posting_id FROM billing.online_payments AS payment) AS credited
       FROM billing.vends AS vend`,
  );
  expect(rows[0]?.vends).toBe(sold.reduce((sum, one) => sum + one, 0));
  expect(rows[0]?.vends).toBeGreaterThanOrEqual(16);
  // The notices met the account open (one credit) or closed (none, and an open item): never two.
  expect(rows[0]?.online).toBe(rows[0]?.credited === null ? 0 : 1);
  const account = await billing.accounts.detail(projectId, accountId);
  expect(account.state).toBe('closed');
  expect(account.balanceMicros).toBe(account.vendedMicros - account.chargedMicros - account.refundedMicros);
}, 120_000);
