// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { projectId } from '../testing/messages.ts';
import {
  approver,
  cashier,
  failingChecks,
  openAccount,
  peakRates,
  pointSnapshot,
  setPrices,
  startTestSite,
  type TestSite,
} from '../testing/test-site.ts';
import type { AgreementRequest } from './arrears-service.ts';

const hourMs = 3_600_000;
const nowMs = Date.parse('2026-02-02T10:00:00+01:00');
const accounts = 60;

describe('arrears agreements and emergency credit', () => {
  let site: TestSite;
  let priceSchemeId: string;
  let opened = 0;
  let requests = 0;
  beforeAll(async () => {
    site = await startTestSite({
      name: 'arrears',
      nowMs,
      points: Array.from({ length: accounts }, (_, index) => pointSnapshot(`pnt_${index}`)),
    });
    ({ priceSchemeId } = await setPrices(site.billing, { fromMs: 0, rates: peakRates }));
    const rule = { tenantClass: null, offeredAt: 'alarm-2', timesPerMonth: 2, whileOverdue: false } as const;
    await site.billing.emergency.setPolicy(
      projectId,
      { rules: [{ ...rule, amountMicros: 10_000 }] },
      cashier,
    );
  }, 60_000);
  afterAll(async () => {
    expect(await failingChecks(site.billing)).toEqual([]);
    await site.stop();
  });

  const requestId = (): string => `request-${(requests += 1)}`;
  const open = async (firstVendMicros?: number): Promise<string> =>
    await openAccount(site.billing, {
      priceSchemeId,
      points: [`pnt_${(opened += 1) - 1}`],
      openedAtMs: nowMs - hourMs,
      ...(firstVendMicros === undefined ? {} : { firstVendMicros }),
    });
  const agreement = (accountId: string, changes: Partial<AgreementRequest> = {}): AgreementRequest => ({
    requestId: requestId(),
    accountId,
    origin: 'brought',
    amountMicros: 100_000,
    sharePpm: 250_000,
    capPerVendMicros: null,
    capPerMonthMicros: null,
    instalments: [],
    holder: 'The tenant',
    signedBy: 'The landlord',
    reason: 'rent of old',
    evidence: 'letter of January',
    ...changes,
  });
  const make = async (accountId: string, changes: Partial<AgreementRequest> = {}) =>
    await site.billing.arrears.make(projectId, agreement(accountId, changes), cashier);
  const vend = async (accountId: string, amountMicros: number) =>
    await site.billing.vends.vend(
      projectId,
      { requestId: requestId(), accountId, amountMicros, means: 'cash' },
      cashier,
    );
  const reverse = async (accountId: string, vendId: string) =>
    await site.billing.vends.reverse(
      projectId,
      { requestId: requestId(), accountId, vendId, cause: 'mistake', reason: 'wrong', override: true },
      cashier,
      true,
    );
  const change = async (agreementId: string, writtenDownMicros: number | null, id = requestId()) =>
    await site.billing.arrears.change(
      projectId,
      { requestId: id, agreementId, reason: 'agreed', writtenDownMicros },
      approver,
    );
  const credit = async (accountId: string) => await site.billing.emergency.credit(projectId, accountId);
  const take = async (accountId: string, id = requestId()) =>
    await site.billing.emergency.take(projectId, { requestId: id, accountId, byTenant: true }, cashier);
  const sides = async (accountId: string) => {
    const { balanceMicros, arrearsMicros } = await credit(accountId);
    return [balanceMicros, arrearsMicros];
  };

  test('a brought debt is paid by a quarter of each top up, within the caps of a top up and of a month', async () => {
    const accountId = await open();
    await make(accountId, { capPerVendMicros: 20_000, capPerMonthMicros: 35_000 });
    expect(await sides(accountId)).toEqual([0, 100_000]);
    const preview = await site.billing.arrears.preview(projectId, accountId, 40_000);
    const first = await vend(accountId, 40_000);
    expect(first.parts).toEqual({ arrearsMicros: 10_000, emergencyMicros: 0, balanceMicros: 30_000 });
    expect(preview).toMatchObject({
      parts: first.parts,
      balanceAfterMicros: 30_000,
      arrearsAfterMicros: 90_000,
    });
    expect((await vend(accountId, 200_000)).parts.arrearsMicros).toBe(20_000);
    expect((await vend(accountId, 200_000)).parts.arrearsMicros).toBe(5_000);
    expect((await vend(accountId, 200_000)).parts.arrearsMicros).toBe(0);
    site.parts.clock.set(Date.parse('2026-03-01T00:30:00+01:00'));
    expect((await vend(accountId, 40_000)).parts.arrearsMicros).toBe(10_000);
    site.parts.clock.set(nowMs);
    expect(await sides(accountId)).toEqual([635_000, 55_000]);
  });

  test('paid in full it is over; the reversal of that top up makes it active again, with exactly its parts', async () => {
    const accountId = await open();
    const { agreementId } = await make(accountId, { amountMicros: 1_000, sharePpm: 500_000 });
    const { vendId } = await vend(accountId, 4_001);
    const state = async () => (await site.billing.arrears.agreements({ projectId, agreementId }))[0]?.state;
    expect([await sides(accountId), await state()]).toEqual([[3_001, 0], 'paid']);
    await reverse(accountId, vendId);
    expect([await sides(accountId), await state()]).toEqual([[0, 1_000], 'active']);
  });

  test('after the agreement ended a reversal takes everything from the balance', async () => {
    const accountId = await open();
    const { agreementId } = await make(accountId);
    const { vendId } = await vend(accountId, 40_000);
    await change(agreementId, null);
    expect(await sides(accountId)).toEqual([30_000 - 90_000, 0]);
    await reverse(accountId, vendId);
    expect(await sides(accountId)).toEqual([-100_000, 0]);
  });

  test('what the balance owes moves into an agreement, comes back when it ends, or is forgiven', async () => {
    const accountId = await open();
    const first = await make(accountId);
    await change(first.agreementId, null);
    expect(await sides(accountId)).toEqual([-100_000, 0]);
    await expect(make(accountId, { origin: 'balance', amountMicros: 100_001 })).rejects.toMatchObject({
      code: 'agreement-refused',
    });
    const { agreementId } = await make(accountId, {
      origin: 'balance',
      amountMicros: 60_000,
      evidence: null,
    });
    expect(await sides(accountId)).toEqual([-40_000, 60_000]);
    await expect(make(accountId)).rejects.toMatchObject({ code: 'agreement-active' });
    const id = requestId();
    expect((await change(agreementId, 20_000, id)).state).toBe('active');
    expect((await change(agreementId, 20_000, id)).restMicros).toBe(40_000);
    await expect(change(agreementId, 20_001, id)).rejects.toMatchObject({ code: 'request-id-reused' });
    await expect(change(agreementId, 40_001)).rejects.toMatchObject({ code: 'agreement-refused' });
    expect((await change(agreementId, 40_000)).state).toBe('written-down');
    await expect(change(agreementId, null)).rejects.toMatchObject({ code: 'agreement-over' });
    expect(await sides(accountId)).toEqual([-40_000, 0]);
  });

  test('a brought debt needs evidence; instalments need an order; another project sees nothing', async () => {
    const accountId = await open();
    await expect(make(accountId, { evidence: null })).rejects.toMatchObject({
      faults: [{ path: 'evidence' }],
    });
    const instalment = (dueDay: string) => ({ dueDay, amountMicros: 60_000 });
    await expect(
      make(accountId, { instalments: [instalment('2026-03-01'), instalment('2026-02-30')] }),
    ).rejects.toMatchObject({ faults: [{ path: 'instalments.1.dueDay' }, { path: 'instalments' }] });
    await expect(site.billing.arrears.list('prj_other', 'all')).rejects.toMatchObject({ status: 404 });
  });

  test('emergency credit: offered, taken once, used, repaid by the next top up, and brought back by its reversal', async () => {
    const accountId = await open();
    await vend(accountId, 5_000);
    const { agreementId } = await make(accountId, { amountMicros: 1, sharePpm: 1 });
    await change(agreementId, 1);
    expect((await credit(accountId)).emergency).toMatchObject({ state: 'offered', amountMicros: 10_000 });
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map(async () => await take(accountId)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    // A debt of 8,000 comes onto the balance: 3,000 of the credit are used.
    const debt = await make(accountId, { amountMicros: 8_000 });
    await change(debt.agreementId, null);
    expect(await credit(accountId)).toMatchObject({
      debtMicros: 0,
      emergency: { state: 'in-use', usedMicros: 3_000, leftMicros: 7_000 },
    });
    expect((await vend(accountId, 1_000)).parts.emergencyMicros).toBe(1_000);
    const { vendId, parts } = await vend(accountId, 4_000);
    expect(parts).toEqual({ arrearsMicros: 0, emergencyMicros: 2_000, balanceMicros: 2_000 });
    expect((await credit(accountId)).emergency).toMatchObject({ state: 'offered' });
    await reverse(accountId, vendId);
    expect((await credit(accountId)).emergency).toMatchObject({ state: 'in-use', usedMicros: 2_000 });
  });

  test('none while instalments are overdue, and not oftener than the policy says', async () => {
    const accountId = await open();
    const { agreementId } = await make(accountId, {
      instalments: [{ dueDay: '2026-02-01', amountMicros: 5_000 }],
    });
    expect((await credit(accountId)).emergency).toMatchObject({ state: 'none', refusal: 'arrears-overdue' });
    await expect(take(accountId)).rejects.toMatchObject({ code: 'emergency-not-offered' });
    await vend(accountId, 20_000);
    expect((await credit(accountId)).emergency.refusal).toBeNull();
    for (const round of [1, 2]) {
      expect((await take(accountId)).emergency.state).toBe('in-use');
      await vend(accountId, 1_000 * round);
    }
    expect((await credit(accountId)).emergency).toMatchObject({ state: 'repaid', refusal: 'taken-often' });
    await change(agreementId, null);
  });

  test('concurrent top ups take the debt once, whatever their order', async () => {
    const accountId = await open();
    await make(accountId, { amountMicros: 50_000, sharePpm: 500_000 });
    const vends = await Promise.all(Array.from({ length: 32 }, async () => await vend(accountId, 10_000)));
    expect(vends.reduce((sum, { parts }) => sum + parts.arrearsMicros, 0)).toBe(50_000);
    expect(await sides(accountId)).toEqual([270_000, 0]);
  }, 60_000);

  test('closing an account takes what is left of the agreement before anything is paid out', async () => {
    for (const [amountMicros, left] of [
      [30_000, { refundMicros: 70_000, balanceMicros: 0 }],
      [130_000, { refundMicros: 0, balanceMicros: -30_000 }],
    ] as const) {
      const accountId = await open(100_000);
      await make(accountId, { amountMicros });
      const closing = {
        closedAtMs: nowMs,
        reason: 'moved out',
        refundMeans: 'cash',
        acceptIncomplete: true,
      } as const;
      const closed = await site.billing.accounts.close(
        projectId,
        { requestId: requestId(), accountId, ...closing },
        cashier,
      );
      expect(closed).toMatchObject(left);
      expect((await credit(accountId)).agreements[0]).toMatchObject({ state: 'ended', restMicros: 0 });
    }
  });

  test('law: after any history, undoing everything leaves nothing', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('vend' as const), amountMicros: fc.integer({ min: 1, max: 50_000 }) }),
      fc.record({ kind: fc.constant('reverse' as const), index: fc.nat(20) }),
      fc.record({
        kind: fc.constant('agree' as const),
        amountMicros: fc.integer({ min: 1, max: 60_000 }),
        sharePpm: fc.integer({ min: 1, max: 1_000_000 }),
      }),
      fc.constant({ kind: 'end' as const }),
      fc.constant({ kind: 'take' as const }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
        const accountId = await open();
        const standing: { readonly vendId: string; readonly amountMicros: number }[] = [];
        let broughtMicros = 0;
        for (const next of steps) {
          if (next.kind === 'vend') standing.push(await vend(accountId, next.amountMicros));
          if (next.kind === 'take') await take(accountId).catch(() => undefined);
          if (next.kind === 'reverse') {
            const [one] = standing.splice(next.index % Math.max(1, standing.length), 1);
            if (one !== undefined) await reverse(accountId, one.vendId);
          }
          const [active] = (await credit(accountId)).agreements.filter(({ state }) => state === 'active');
          if (next.kind === 'end' && active !== undefined) await change(active.agreementId, null);
          if (next.kind === 'agree' && active === undefined) {
            await make(accountId, next);
            broughtMicros += next.amountMicros;
          }
          const [balance = 0, arrears = 0] = await sides(accountId);
          const paid = standing.reduce((sum, { amountMicros }) => sum + amountMicros, 0);
          expect(balance - arrears).toBe(paid - broughtMicros);
          expect(arrears).toBeGreaterThanOrEqual(0);
        }
        for (const { vendId } of standing) await reverse(accountId, vendId);
        const [active] = (await credit(accountId)).agreements.filter(({ state }) => state === 'active');
        if (active !== undefined) await change(active.agreementId, active.restMicros);
        const [balance = 0, arrears = 0] = await sides(accountId);
        expect(arrears).toBe(0);
        expect(balance).toBe((active?.restMicros ?? 0) - broughtMicros);
      }),
      { numRuns: 12 },
    );
  }, 120_000);
});
