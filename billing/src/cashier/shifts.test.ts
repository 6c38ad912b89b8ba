// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: a drawer that should hold x holds x, whatever happened in whatever order. Method: random days of several cashiers,
 * each step on the real service, against a drawer kept by hand; and many at once on one shift.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Shift, Vend } from '@wattledger/contracts/http/billing';
import type { Who } from '../ledger/posting.ts';
import { projectId } from '../testing/messages.ts';
import {
  failingChecks,
  openAccount,
  peakRates,
  pointSnapshot,
  setPrices,
  startTestSite,
  type TestSite,
} from '../testing/test-site.ts';

const hourMs = 3_600_000;
const nowMs = Date.parse('2026-03-02T10:00:00+01:00');
const cashiers: readonly Who[] = [
  { id: 'stf_anna', name: 'Anna' },
  { id: 'stf_ben', name: 'Ben' },
];
const [anna, ben] = cashiers as [Who, Who];

describe('cashier shifts', () => {
  let site: TestSite;
  let accountId: string;
  let last = 0;
  const newRequest = (): string => `request-${String((last += 1))}`;
  beforeAll(async () => {
    const points = [pointSnapshot('pnt_a'), pointSnapshot('pnt_b')];
    site = await startTestSite({ name: 'shifts', nowMs, points });
    const { priceSchemeId } = await setPrices(site.billing, { fromMs: 0, rates: peakRates });
    accountId = await openAccount(site.billing, { priceSchemeId, openedAtMs: nowMs - hourMs });
  }, 60_000);
  afterAll(async () => {
    expect(await failingChecks(site.billing)).toEqual([]);
    await site.stop();
  });

  const open = async (cashier: Who, amountMicros = 100_000_000, requestId = newRequest()): Promise<Shift> =>
    await site.billing.shifts.open(projectId, { requestId, float: { amountMicros } }, cashier);
  const close = async (shift: Shift, amountMicros: number, by: Who, differenceReason?: string) =>
    await site.billing.shifts.close(
      projectId,
      {
        requestId: newRequest(),
        shiftId: shift.shiftId,
        cash: { amountMicros },
        slips: [],
        differenceReason,
      },
      by,
      false,
    );
  const vend = async (
    cashier: Who,
    amountMicros: number,
    means: 'cash' | 'card' | 'cheque' = 'cash',
    requestId = newRequest(),
  ) =>
    await site.billing.vends.vend(
      projectId,
      {
        requestId,
        accountId,
        amountMicros,
        means,
        ...(means === 'cheque' ? { reference: '4711', drawerBank: 'Bank' } : {}),
      },
      cashier,
    );
  const reverse = async (vendId: string, by: Who, may = false, cause?: 'cheque-bounced') =>
    await site.billing.vends.reverse(
      projectId,
      { requestId: newRequest(), accountId, vendId, cause, reason: 'wrong', override: may },
      by,
      may,
    );
  const shiftOf = async (shiftId: string): Promise<Shift> =>
    (await site.billing.shifts.list({ projectId, shiftId, limit: 1 }))[0] as Shift;
  const ledgerBalance = async (kind: string): Promise<number> => {
    const { rows } = await site.parts.database.query<{ balance: number }>(
      `SELECT ledger.balance_micros AS balance FROM billing.ledger_accounts AS ledger WHERE ledger.kind = $1`,
      [kind],
    );
    return rows[0]?.balance ?? 0;
  };

  test('a day: float, vends, a reversal, a hand-in, a count that is short', async () => {
    const shift = await open(anna);
    await vend(anna, 30_000_000);
    await vend(anna, 50_000_000, 'card');
    const { vendId } = await vend(anna, 7_000_000);
    await reverse(vendId, anna);
    await site.billing.shifts.handIn(
      projectId,
      { requestId: newRequest(), shiftId: shift.shiftId, amountMicros: 20_000_000, note: 'safe' },
      anna,
      false,
    );
    expect((await shiftOf(shift.shiftId)).expectedCashMicros).toBe(110_000_000);
    await expect(close(shift, 109_500_000, anna)).rejects.toMatchObject({
      code: 'difference-reason-required',
    });
    const cashBefore = await ledgerBalance('cash');
    const closed = await close(shift, 109_500_000, anna, 'a note too few');
    expect(closed).toMatchObject({
      state: 'closed',
      expectedCashMicros: 110_000_000,
      closing: { countedMicros: 109_500_000, differenceMicros: -500_000, differenceReason: 'a note too few' },
    });
    expect(await ledgerBalance('cash-difference')).toBe(-500_000);
    expect((await ledgerBalance('cash')) - cashBefore).toBe(500_000);
    await expect(close(shift, 110_000_000, anna)).rejects.toMatchObject({ code: 'shift-closed' });
    await expect(
      site.parts.database.query(`UPDATE billing.cashier_shifts SET counted_micros = 0 WHERE shift_id = $1`, [
        shift.shiftId,
      ]),
    ).rejects.toThrow('only closed, once');
  });

  test('one open shift per cashier, whatever comes at once; numbers without gaps', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 16 }, async () => await open(ben)));
    const opened = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    expect(opened).toHaveLength(1);
    expect(
      outcomes.every((outcome) => outcome.status === 'fulfilled' || outcome.reason.code === 'shift-open'),
    ).toBe(true);
    const shift = (opened[0] as PromiseFulfilledResult<Shift>).value;
    const [before] = await site.billing.shifts.list({ projectId, before: shift.shiftNumber, limit: 1 });
    expect(before?.shiftNumber).toBe(shift.shiftNumber - 1);
    const same = newRequest();
    await close(shift, 100_000_000, ben);
    const twice = await Promise.all([open(ben, 5, same), open(ben, 5, same)]);
    expect(twice[0]).toEqual(twice[1]);
    await close(twice[0], 5, ben);
  });

  test('vends while the shift closes are in it or after it, never lost between', async () => {
    const shift = await open(anna, 0);
    const amounts = Array.from({ length: 32 }, (_, index) => 1_000_000 + index);
    const closing = async (): Promise<void> => {
      // Whoever closes counts what is there at that moment; here the reason stands for the count.
      await close(shift, 0, anna, 'counted early');
    };
    const [vends] = await Promise.all([
      Promise.all(amounts.map(async (amount) => await vend(anna, amount))),
      closing(),
    ]);
    const inShift = vends.filter(({ shiftId }) => shiftId === shift.shiftId);
    const sum = inShift.reduce((total, { amountMicros }) => total + amountMicros, 0);
    expect((await shiftOf(shift.shiftId)).expectedCashMicros).toBe(sum);
    expect(vends.every(({ shiftId }) => shiftId === shift.shiftId || shiftId === null)).toBe(true);
  }, 60_000);

  test('a reversal after the shift needs an override; a bounced cheque does not, and goes below zero', async () => {
    const shift = await open(anna);
    const cash = await vend(anna, 3_000_000);
    const cheque = await vend(anna, 9_000_000, 'cheque');
    await close(shift, 103_000_000, anna);
    await expect(reverse(cash.vendId, anna)).rejects.toMatchObject({
      code: 'reversal-refused',
      faults: [{ message: 'same-shift' }],
    });
    expect((await reverse(cash.vendId, anna, true)).reversal?.overrode).toEqual(['same-shift']);
    await expect(reverse(cash.vendId, anna, true)).rejects.toMatchObject({ code: 'vend-reversed' });
    site.parts.clock.set(nowMs + 100 * hourMs);
    const bounced = await reverse(cheque.vendId, ben, false, 'cheque-bounced');
    expect(bounced.reversal).toMatchObject({ cause: 'cheque-bounced', overrode: [] });
    site.parts.clock.set(nowMs);
    const other = await vend(anna, 1_000_000);
    await expect(reverse(other.vendId, anna, false, 'cheque-bounced')).rejects.toMatchObject({
      code: 'not-a-cheque',
    });
  });

  test('a project that requires a shift takes nothing without one, and another may close a forgotten one', async () => {
    const policy = await site.billing.shifts.policy(projectId);
    await site.billing.shifts.setPolicy(projectId, { ...policy, shiftRequired: true }, anna);
    await expect(vend(anna, 1_000_000)).rejects.toMatchObject({ code: 'shift-required' });
    // A kiosk stands at no counter.
    await vend({ id: 'key_kiosk', name: 'Kiosk' }, 1_000_000);
    const shift = await open(anna, 0);
    await vend(anna, 1_000_000);
    await expect(close(shift, 1_000_000, ben)).rejects.toMatchObject({ code: 'shift-of-another' });
    const request = { requestId: newRequest(), shiftId: shift.shiftId, cash: { amountMicros: 1_000_000 } };
    const closed = await site.billing.shifts.close(projectId, { ...request, slips: [] }, ben, true);
    expect(closed.closing?.closedBy).toEqual(ben);
    expect(await site.billing.shifts.close(projectId, { ...request, slips: [] }, ben, true)).toEqual(closed);
    await site.billing.shifts.setPolicy(projectId, policy, anna);
  });

  test('a refund in cash at closing leaves the drawer of whoever pays it', async () => {
    const shift = await open(anna, 50_000_000);
    const { priceSchemeId } = (await site.billing.accounts.row(projectId, accountId)).points[0] ?? {
      priceSchemeId: '',
    };
    const leaving = await openAccount(site.billing, {
      priceSchemeId,
      openedAtMs: nowMs - hourMs,
      points: ['pnt_b'],
      requestId: newRequest(),
    });
    const requestId = newRequest();
    const sale = { requestId, accountId: leaving, amountMicros: 4_000_000, means: 'card' as const };
    await site.billing.vends.vend(projectId, sale, anna);
    const closing = {
      closedAtMs: nowMs,
      reason: 'moved out',
      refundMeans: 'cash' as const,
      acceptIncomplete: true,
    };
    await site.billing.accounts.close(
      projectId,
      { ...closing, requestId: newRequest(), accountId: leaving },
      anna,
    );
    expect((await shiftOf(shift.shiftId)).means).toContainEqual(
      expect.objectContaining({ means: 'cash', refunds: 1, refundedMicros: 4_000_000 }),
    );
    await close(shift, 46_000_000, anna);
  });

  test('any interleaving: the expected cash of a shift is the sum of its postings', async () => {
    const step = fc.record({
      who: fc.integer({ min: 0, max: 1 }),
      what: fc.constantFrom('open', 'vend', 'vend', 'card', 'reverse', 'hand-in', 'close'),
      amountMicros: fc.integer({ min: 1, max: 9_999_999 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const drawers = new Map<Who, { shift: Shift; cash: number; vends: Vend[] }>();
        for (const { who, what, amountMicros } of steps) {
          const cashier = cashiers[who] as Who;
          const drawer = drawers.get(cashier);
          if (drawer === undefined) {
            if (what !== 'open') continue;
            drawers.set(cashier, { shift: await open(cashier, amountMicros), cash: amountMicros, vends: [] });
          } else if (what === 'vend') {
            drawer.vends.push(await vend(cashier, amountMicros));
            drawer.cash += amountMicros;
          } else if (what === 'card') {
            await vend(cashier, amountMicros, 'card');
          } else if (what === 'reverse') {
            const wrong = drawer.vends.pop();
            // Nobody gives back what is in the safe already.
            if (wrong === undefined || wrong.amountMicros > drawer.cash) continue;
            drawer.cash -= (await reverse(wrong.vendId, cashier, true)).amountMicros;
          } else if (what === 'hand-in' && drawer.cash >= amountMicros) {
            await site.billing.shifts.handIn(
              projectId,
              { requestId: newRequest(), shiftId: drawer.shift.shiftId, amountMicros, note: 'safe' },
              cashier,
              false,
            );
            drawer.cash -= amountMicros;
          } else if (what === 'close') {
            await close(drawer.shift, drawer.cash, cashier);
            drawers.delete(cashier);
          }
        }
        // No reason was given: closing would have been refused had a drawer differed by one micro.
        for (const [cashier, drawer] of drawers) await close(drawer.shift, drawer.cash, cashier);
      }),
      { numRuns: 25 },
    );
    const { rows } = await site.parts.database.query(
      `SELECT shift.shift_id
         FROM billing.cashier_shifts AS shift
         LEFT JOIN (SELECT joined.shift_id, sum(-entry.amount_micros) AS moved
                      FROM billing.shift_postings AS joined
                      JOIN billing.entries AS entry ON entry.posting_id = joined.posting_id
                      JOIN billing.ledger_accounts AS ledger
                        ON ledger.ledger_account_id = entry.ledger_account_id AND ledger.kind IN ('cash', 'payout')
                     WHERE joined.means = 'cash'
                     GROUP BY joined.shift_id) AS cash ON cash.shift_id = shift.shift_id
        WHERE shift.expected_micros <> shift.float_micros + coalesce(cash.moved, 0)
              - (SELECT coalesce(sum(hand_in.amount_micros), 0) FROM billing.shift_hand_ins AS hand_in
                  WHERE hand_in.shift_id = shift.shift_id)`,
    );
    expect(rows).toEqual([]);
  }, 120_000);
});
