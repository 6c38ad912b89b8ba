// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
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

const hourMs = 3_600_000;
const nowMs = Date.parse('2026-02-02T10:00:00+01:00');

describe('vending', () => {
  let site: TestSite;
  let accountId: string;
  let priceSchemeId: string;
  beforeAll(async () => {
    site = await startTestSite({
      name: 'vends',
      nowMs,
      points: [pointSnapshot('pnt_a'), pointSnapshot('pnt_b'), pointSnapshot('pnt_c')],
      tenants: 3,
    });
    ({ priceSchemeId } = await setPrices(site.billing, { fromMs: 0, rates: peakRates }));
    accountId = await openAccount(site.billing, { priceSchemeId, openedAtMs: nowMs - hourMs });
  }, 60_000);
  afterAll(async () => {
    expect(await failingChecks(site.billing)).toEqual([]);
    await site.stop();
  });

  const vend = async (requestId: string, amountMicros: number, account = accountId) =>
    await site.billing.vends.vend(
      projectId,
      { requestId, accountId: account, amountMicros, means: 'cash' },
      cashier,
    );
  const balance = async (account = accountId): Promise<number> =>
    (await site.billing.accounts.row(projectId, account)).balanceMicros;
  const reverse = async (
    vendId: string,
    changes: { readonly requestId?: string; readonly override?: boolean; readonly may?: boolean } = {},
  ) =>
    await site.billing.vends.reverse(
      projectId,
      {
        requestId: changes.requestId ?? `reverse-${vendId}`,
        accountId,
        vendId,
        reason: 'wrong tenant',
        override: changes.override ?? false,
      },
      cashier,
      changes.may ?? false,
    );

  test('64 writers at once with the same request: one vend, 64 equal answers', async () => {
    const answers = await Promise.all(
      Array.from({ length: 64 }, async () => await vend('request-same', 3_000_000)),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await balance()).toBe(3_000_000);
  }, 60_000);

  test('64 writers at once with their own requests: 64 vends, receipts without gaps, one balance', async () => {
    const answers = await Promise.all(
      Array.from({ length: 64 }, async (_, index) => await vend(`request-own-${index}`, 1_000_000 + index)),
    );
    const receipts = answers.map((answer) => answer.receiptNumber).sort((a, b) => a - b);
    expect(receipts).toEqual(Array.from({ length: 64 }, (_, index) => (receipts[0] ?? 0) + index));
    expect(new Set(answers.map((answer) => answer.balanceAfterMicros)).size).toBe(64);
    expect(await balance()).toBe(3_000_000 + 64_000_000 + (63 * 64) / 2);
  }, 60_000);

  test('the same request id with other contents is refused, and nothing moves', async () => {
    const before = await balance();
    await expect(vend('request-same', 4_000_000)).rejects.toMatchObject({
      code: 'request-id-reused',
      status: 409,
    });
    expect(await balance()).toBe(before);
  });

  test('a refused vend takes no receipt number', async () => {
    const first = await vend('request-gap-1', 1_000_000);
    await expect(vend('request-gap-2', 1_000_000, 'acc_nobody')).rejects.toMatchObject({
      code: 'account-unknown',
    });
    expect((await vend('request-gap-3', 1_000_000)).receiptNumber).toBe(first.receiptNumber + 1);
  });

  test('a reversal takes the whole amount back, once, and 16 at once are one', async () => {
    const before = await balance();
    const { vendId } = await vend('request-wrong', 7_000_000);
    const outcomes = await Promise.allSettled(
      Array.from(
        { length: 16 },
        async (_, index) => await reverse(vendId, { requestId: `reverse-16-${index}` }),
      ),
    );
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    expect(
      outcomes
        .filter((outcome) => outcome.status === 'rejected')
        .every((outcome) => outcome.reason.code === 'vend-reversed'),
    ).toBe(true);
    expect(await balance()).toBe(before);
  }, 60_000);

  test('the same reversal again is the same answer', async () => {
    const { vendId } = await vend('request-wrong-2', 7_000_000);
    const first = await reverse(vendId);
    expect(await reverse(vendId)).toEqual(first);
    expect(first.reversal).toMatchObject({ reason: 'wrong tenant', by: cashier, overrode: [] });
  });

  test('another day or a spent balance needs a person who may override', async () => {
    const { vendId } = await vend('request-late', 2_000_000);
    site.parts.clock.set(nowMs + 24 * hourMs);
    await expect(reverse(vendId)).rejects.toMatchObject({
      code: 'reversal-refused',
      faults: [{ path: 'override', message: 'same-day' }],
    });
    await expect(reverse(vendId, { override: true, may: false })).rejects.toMatchObject({
      code: 'reversal-refused',
    });
    expect(
      (await reverse(vendId, { override: true, may: true, requestId: 'reverse-by-right' })).reversal
        ?.overrode,
    ).toEqual(['same-day']);
    site.parts.clock.set(nowMs);
  });

  test('a back office brings its books along: dates of the past, recorded now, all parts right', async () => {
    const account = await openAccount(site.billing, {
      priceSchemeId,
      points: ['pnt_b'],
      openedAtMs: nowMs - hourMs,
      tenant: 1,
      requestId: 'open-books',
    });
    const books = Array.from({ length: 1200 }, (_, index) => ({
      requestId: `books-${index}`,
      accountId: account,
      amountMicros: 1_000 + index,
      means: 'transfer' as const,
      effectiveAtMs: nowMs - (1200 - index) * hourMs,
      cashier,
    }));
    await site.billing.vends.vendMany(projectId, books);
    await site.billing.vends.vendMany(projectId, books);
    expect(await balance(account)).toBe(1200 * 1000 + (1199 * 1200) / 2);
    const [newest] = await site.billing.vends.list({ projectId, accountId: account, limit: 1 });
    expect(newest).toMatchObject({
      effectiveAtMs: nowMs - hourMs,
      recordedAtMs: nowMs,
      balanceAfterMicros: await balance(account),
    });
  }, 60_000);

  test('money entries are only added: the database refuses to change them', async () => {
    for (const table of [
      'entries',
      'postings',
      'charge_lines',
      'vends',
      'vend_reversals',
      'refunds',
      'supply_decisions',
    ]) {
      await expect(site.parts.database.query(`DELETE FROM billing.${table}`)).rejects.toThrow('only added');
      await expect(site.parts.database.query(`TRUNCATE billing.${table} CASCADE`)).rejects.toThrow(
        'only added',
      );
    }
    await expect(
      site.parts.database.query('UPDATE billing.entries SET amount_micros = amount_micros + 1'),
    ).rejects.toThrow('only added');
  });

  test('an unbalanced posting is refused by the database', async () => {
    const { rows } = await site.parts.database.query<{
      posting_id: string;
      ledger_account_id: number;
      entries: number;
    }>(
      `SELECT posting.posting_id, ledger.ledger_account_id, ledger.entries FROM billing.postings AS posting, billing.ledger_accounts AS ledger LIMIT 1`,
    );
    const [row] = rows;
    const insert =
      'INSERT INTO billing.entries (ledger_account_id, sequence, posting_id, amount_micros, balance_after_micros) VALUES ($1, $2, $3, 5, 5)';
    await expect(
      site.parts.database.query(insert, [row?.ledger_account_id, (row?.entries ?? 0) + 1, row?.posting_id]),
    ).rejects.toThrow('does not balance');
  });

  test('a metering point serves one account at a time', async () => {
    await openAccount(site.billing, {
      priceSchemeId,
      points: ['pnt_c'],
      openedAtMs: nowMs - hourMs,
      tenant: 1,
    });
    await expect(
      openAccount(site.billing, {
        priceSchemeId,
        points: ['pnt_c'],
        openedAtMs: nowMs,
        tenant: 2,
        requestId: 'open-second',
      }),
    ).rejects.toMatchObject({
      code: 'point-has-account',
      message: expect.stringContaining('pnt_c'),
    });
  });
});
