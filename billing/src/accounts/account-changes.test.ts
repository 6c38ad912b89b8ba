// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: whatever is changed about accounts and then undone leaves no trace, no point ever belongs to two accounts, and all
 * sums close. Method: random changes of points, schemes and demands, undone the last first; the doctor asks after each run.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { topics } from '@wattledger/contracts';
import { RequestError } from '@wattledger/platform';
import { energy, projectId } from '../testing/messages.ts';
import {
  cashier,
  failingChecks,
  hourMs,
  openAccount,
  pointSnapshot,
  setPrices,
  startTestSite,
  tenantId,
  type TestSite,
} from '../testing/test-site.ts';

const openedAtMs = Date.parse('2026-02-02T00:00:00+01:00');
const slotMs = hourMs / 2;
const days = ['2026-02-02', '2026-02-03'];
const nowMs = openedAtMs + 2 * 24 * hourMs;
const points = ['pnt_a', 'pnt_b', 'pnt_c', 'pnt_w'] as const;

const step = fc.record({
  account: fc.nat(1),
  point: fc.constantFrom(...points),
  slot: fc.integer({ min: 0, max: 96 }),
  change: fc.constantFrom(
    'add-point' as const,
    'remove-point' as const,
    'change-scheme' as const,
    'change-demand' as const,
  ),
  scheme: fc.nat(1),
});

describe('changes of open accounts', () => {
  let site: TestSite;
  let schemes: Readonly<Record<'electricity' | 'water', readonly string[]>>;
  let accounts: readonly string[];
  const schemeFor = (point: string, index: number): string =>
    (point === 'pnt_w' ? schemes.water[0] : schemes.electricity[index]) as string;
  const balance = async (accountId: string): Promise<number> =>
    (await site.billing.accounts.row(projectId, accountId)).balanceMicros;
  const balances = async (): Promise<readonly number[]> => [
    await balance(accounts[0] as string),
    await balance(accounts[1] as string),
  ];
  beforeAll(async () => {
    site = await startTestSite({
      name: 'account-changes',
      nowMs,
      tenants: 4,
      points: points.map((id) => pointSnapshot(id, id === 'pnt_w' ? 'water' : 'electricity')),
    });
    const { billing, parts } = site;
    const scheme = async (name: string, medium: 'electricity' | 'water', rate: number) =>
      (await setPrices(billing, { name, medium, fromMs: 0, rates: { peak: rate, valley: rate } }))
        .priceSchemeId;
    schemes = {
      electricity: [
        await scheme('Shops', 'electricity', 1_000_000),
        await scheme('Works', 'electricity', 3_000_333),
      ],
      water: [await scheme('Water', 'water', 500_000)],
    };
    accounts = [
      await openAccount(billing, {
        priceSchemeId: schemes.electricity[0] as string,
        points: ['pnt_a'],
        openedAtMs,
      }),
      await openAccount(billing, {
        priceSchemeId: schemes.electricity[1] as string,
        points: ['pnt_b'],
        openedAtMs,
        tenant: 1,
        firstVendMicros: 50_000_000,
      }),
    ];
    await parts.eventLog.append(
      topics.intervalEnergy,
      points.flatMap((point, index) =>
        days.map((day) => ({
          key: point,
          value: energy({
            meteringPointId: point,
            day,
            revision: 1,
            slots: 100 + index,
            ...(point === 'pnt_w' ? { quantity: 'water-volume' as const } : {}),
          }),
        })),
      ),
    );
    await parts.drain();
  }, 60_000);
  afterAll(async () => await site.stop());

  /** Points that two accounts pay for at one instant: none, whatever happens. */
  async function sharedPoints(): Promise<readonly unknown[]> {
    const { rows } = await site.parts.database.query(
      `SELECT a.metering_point_id FROM billing.account_points AS a
         JOIN billing.account_points AS b ON b.metering_point_id = a.metering_point_id AND b.ctid <> a.ctid
        WHERE int8range(a.opened_at_ms, a.closed_at_ms) && int8range(b.opened_at_ms, b.closed_at_ms)`,
    );
    return rows;
  }

  let run = 0;
  test('undone, they leave every balance to the last unit', async () => {
    const { billing } = site;
    const before = await balances();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
        run += 1;
        const done: { accountId: string; changeId: string; chargedMicros: number }[] = [];
        for (const [index, item] of steps.entries()) {
          const accountId = accounts[item.account] as string;
          const asked = {
            requestId: `change-${run}-${index}`,
            accountId,
            meteringPointId: item.point,
            fromMs: openedAtMs + item.slot * slotMs,
            reason: 'trial',
            dryRun: false,
          };
          const priceSchemeId = schemeFor(item.point, item.scheme);
          const change = async (dryRun: boolean) => {
            const now = { ...asked, dryRun };
            switch (item.change) {
              case 'add-point':
              case 'change-scheme':
                return await billing.accounts.change(
                  projectId,
                  { ...now, change: item.change, priceSchemeId },
                  cashier,
                );
              case 'remove-point':
                return await billing.accounts.change(projectId, { ...now, change: item.change }, cashier);
              case 'change-demand': {
                const demand = { change: item.change, contractedDemandW: 1000 * item.scheme };
                return await billing.accounts.change(projectId, { ...now, ...demand }, cashier);
              }
            }
          };
          try {
            const was = await balance(accountId);
            const rehearsed = await change(true);
            expect(await balance(accountId)).toBe(was);
            const answer = await change(false);
            expect({ ...answer, changeId: null }).toEqual(rehearsed);
            expect(was - answer.chargedMicros).toBe(answer.balanceMicros);
            expect(await change(false)).toEqual(answer);
            done.push({ accountId, changeId: answer.changeId ?? '', chargedMicros: answer.chargedMicros });
          } catch (error) {
            if (!(error instanceof RequestError)) throw error;
            expect(['change-refused', 'point-has-account']).toContain(error.code);
          }
        }
        expect(await sharedPoints()).toEqual([]);
        expect(await failingChecks(billing)).toEqual([]);
        for (const { accountId, changeId, chargedMicros } of done.toReversed()) {
          const undo = { change: 'undo' as const, changeId, reason: 'was a trial', dryRun: false };
          const requestId = `undo-${run}-${changeId}`;
          const answer = await billing.accounts.change(projectId, { ...undo, requestId, accountId }, cashier);
          expect(answer.chargedMicros).toBe(0 - chargedMicros);
        }
        expect(await balances()).toEqual(before);
        expect(await failingChecks(billing)).toEqual([]);
      }),
      { numRuns: Number(process.env['WATTLEDGER_HISTORIES'] ?? 12), endOnFailure: true },
    );
  }, 300_000);

  test('a scheme of the past re-rates, and only from its instant', async () => {
    const { billing } = site;
    const [accountId] = accounts as [string, string];
    const was = await balance(accountId);
    const noon = openedAtMs + 24 * slotMs;
    const change = {
      change: 'change-scheme' as const,
      requestId: 'scheme-of-the-past',
      accountId,
      meteringPointId: 'pnt_a',
      priceSchemeId: schemes.electricity[1] as string,
      fromMs: noon,
      reason: 'contract of February',
      dryRun: false,
    };
    const answer = await billing.accounts.change(projectId, change, cashier);
    // 72 of 96 slots of 100 Wh: 300,033 instead of 100,000 micros each.
    expect(answer.chargedMicros).toBe(72 * (300_033 - 100_000));
    expect(await balance(accountId)).toBe(was - answer.chargedMicros);
    await expect(
      billing.accounts.change(projectId, { ...change, reason: 'another' }, cashier),
    ).rejects.toMatchObject({ code: 'request-id-reused' });
    expect(await billing.accounts.history(projectId, accountId)).toMatchObject({
      points: [
        { priceSchemeName: 'Shops', fromMs: openedAtMs, toMs: noon },
        { priceSchemeName: 'Works', fromMs: noon, toMs: null },
      ],
      meters: [{ meterId: 'mtr_pnt_a', register: 'total' }],
    });
    expect(await failingChecks(billing)).toEqual([]);
  });

  test('a suspended account warns of nothing, is off, and goes on being charged', async () => {
    const { billing, parts } = site;
    const [accountId] = accounts as [string, string];
    const signals = async (): Promise<readonly string[]> => {
      const { rows } = await parts.database.query<{ payload: string }>(
        "SELECT payload FROM event_log.batches WHERE topic = 'alarm-signals' ORDER BY partition, first_offset",
      );
      return rows
        .flatMap(
          (row) => JSON.parse(row.payload) as [string, { subjectId: string; kind: string; state: string }][],
        )
        .map(([, signal]) => signal)
        .filter((signal) => signal.subjectId === accountId)
        .map((signal) => `${signal.kind} ${signal.state}`);
    };
    const told = (await signals()).length;
    const request = { requestId: 'suspend-1', accountId, reason: 'shop is being rebuilt' };
    await billing.accounts.setSuspended(projectId, true, request, cashier);
    await billing.accounts.setSuspended(projectId, true, request, cashier);
    expect((await signals()).slice(told)).toEqual([
      'low-balance-1 cleared',
      'low-balance-2 cleared',
      'arrears cleared',
    ]);
    expect(await billing.accounts.detail(projectId, accountId)).toMatchObject({
      suspendedSinceMs: nowMs,
      supply: { mode: 'forced-off', forcedReason: 'shop is being rebuilt' },
    });
    const was = await balance(accountId);
    await parts.eventLog.append(topics.intervalEnergy, [
      { key: 'pnt_a', value: energy({ day: days[1] as string, revision: 2, slots: { 0: 1100 } }) },
    ]);
    await parts.drain();
    expect(await balance(accountId)).toBeLessThan(was);
    expect((await signals()).slice(told)).toHaveLength(3);
    await billing.accounts.setSuspended(projectId, false, { ...request, requestId: 'resume-1' }, cashier);
    expect((await signals()).slice(told + 3)).toEqual([
      'low-balance-1 raised',
      'low-balance-2 raised',
      'arrears raised',
    ]);
    await expect(
      billing.accounts.setSuspended(projectId, false, { ...request, requestId: 'resume-2' }, cashier),
    ).rejects.toMatchObject({ code: 'account-not-suspended' });
  });

  test('change of tenant: one instant, the same points, the rest carried over, told once', async () => {
    const { billing } = site;
    const accountId = accounts[1] as string;
    const atMs = openedAtMs + 48 * slotMs;
    const preview = await billing.accounts.previewClosing(projectId, accountId, atMs);
    expect(preview.finalChargeMicros).toBe(0 - 48 * chargeOf(101, 3_000_333));
    const request = {
      requestId: 'tenant-change-1',
      accountId,
      tenantId: tenantId(2),
      atMs,
      reason: 'moved out',
      rest: 'carry-over' as const,
      refundMeans: 'cash' as const,
      acceptIncomplete: false,
      acceptObstacles: false,
      readings: [],
      firstVend: { amountMicros: 7_000_000, means: 'cash' as const },
    };
    const answer = await billing.accounts.changeTenant(projectId, request, cashier);
    expect(await billing.accounts.changeTenant(projectId, request, cashier)).toEqual(answer);
    expect(answer).toMatchObject({
      carriedMicros: preview.finalBalanceMicros,
      closed: {
        accountId,
        refundMicros: 0,
        balanceMicros: 0,
        finalBalanceMicros: preview.finalBalanceMicros,
      },
      balanceMicros: preview.finalBalanceMicros + 7_000_000 - 48 * chargeOf(101, 3_000_333),
    });
    const old = await billing.accounts.detail(projectId, accountId);
    const next = await billing.accounts.detail(projectId, answer.openedAccountId);
    expect(old).toMatchObject({
      state: 'closed',
      nextAccountId: next.accountId,
      carriedMicros: 0 - answer.carriedMicros,
    });
    expect(next).toMatchObject({
      tenantId: tenantId(2),
      openedAtMs: atMs,
      previousAccountId: accountId,
      points: [{ meteringPointId: 'pnt_b', priceSchemeName: 'Works' }],
    });
    for (const account of [old, next])
      expect(
        account.vendedMicros + account.carriedMicros - account.chargedMicros - account.refundedMicros,
      ).toBe(account.balanceMicros);
    expect(await sharedPoints()).toEqual([]);
    expect(await failingChecks(billing)).toEqual([]);
    const { events } = await billing.accounts.records(projectId, { limit: 100, tenantId: tenantId(2) });
    expect(events).toMatchObject([{ kind: 'opened', otherAccountId: accountId, reason: 'moved out' }]);
  });

  test('closed at the instant of its opening, an account was opened by mistake: nothing is charged, all is paid back', async () => {
    const { billing, parts } = site;
    const [priceSchemeId] = schemes.electricity as [string];
    const mistaken = { priceSchemeId, points: ['pnt_c'], tenant: 3, openedAtMs: openedAtMs + slotMs };
    const accountId = await openAccount(billing, {
      ...mistaken,
      firstVendMicros: 9_000_000,
      requestId: 'opened-by-mistake',
    });
    expect(await balance(accountId)).toBeLessThan(9_000_000);
    const cancelling = {
      requestId: 'cancel-opening',
      accountId,
      closedAtMs: mistaken.openedAtMs,
      reason: 'wrong room',
      refundMeans: 'cash' as const,
      acceptIncomplete: false,
    };
    await expect(
      billing.accounts.close(
        projectId,
        { ...cancelling, requestId: 'cancel-before', closedAtMs: openedAtMs },
        cashier,
      ),
    ).rejects.toMatchObject({ code: 'closing-refused' });
    expect(await billing.accounts.close(projectId, cancelling, cashier)).toMatchObject({
      refundMicros: 9_000_000,
      balanceMicros: 0,
    });
    const { rows } = await parts.database.query(
      'SELECT sum(amount_micros)::bigint AS amount FROM billing.charge_lines WHERE account_id = $1',
      [accountId],
    );
    expect(rows).toEqual([{ amount: 0 }]);
    await openAccount(billing, { ...mistaken, tenant: 2, requestId: 'opened-rightly' });
    expect(await sharedPoints()).toEqual([]);
    expect(await failingChecks(billing)).toEqual([]);
  });

  test('closing with a payment announced says so', async () => {
    const { billing, parts } = site;
    const [accountId] = accounts as [string, string];
    await parts.database.query(
      `INSERT INTO billing.pending_payments (pending_payment_id, project_id, account_id, request_id, content_hash, amount_micros,
              means, reference, state, announced_at_ms, expires_at_ms, announced_by_id, announced_by_name)
       VALUES ('ppm_1', $1, $2, 'announce-1', '', 5000000, 'transfer', 'bank 17', 'pending', $3, $4, 'x', 'X')`,
      [projectId, accountId, nowMs, nowMs + hourMs],
    );
    const closing = {
      requestId: 'close-with-payment',
      accountId,
      closedAtMs: nowMs,
      reason: 'moved out',
      refundMeans: 'cash' as const,
      acceptIncomplete: false,
    };
    expect(await billing.accounts.previewClosing(projectId, accountId, nowMs)).toMatchObject({
      obstacles: [{ kind: 'payment-pending', amountMicros: 5_000_000, reference: 'bank 17' }],
      points: [{ meteringPointId: 'pnt_a', complete: true }],
    });
    await expect(billing.accounts.close(projectId, closing, cashier)).rejects.toMatchObject({
      code: 'closing-obstacles',
    });
    const closed = await billing.accounts.close(projectId, { ...closing, acceptObstacles: true }, cashier);
    expect(closed.finalBalanceMicros).toBeLessThan(0);
    expect(await failingChecks(billing)).toEqual([]);
  });
});

const chargeOf = (wh: number, rateMicros: number): number => Math.round((wh * rateMicros) / 1000);
