// SPDX-License-Identifier: Apache-2.0
/** Goal: commands on accounts take effect once, whatever crashes or comes at the same time, and nobody waits in a circle. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { topics } from '@wattledger/contracts';
import type { OpeningRow } from '@wattledger/contracts/http/billing';
import { RequestError } from '@wattledger/platform';
import { createBillingService, type BillingService } from '../billing-service.ts';
import { Crash, createCrashes } from '../testing/crashes.ts';
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
const nowMs = openedAtMs + 24 * hourMs;
const tenants = 40;

describe('accounts, at once and after crashes', () => {
  let site: TestSite;
  let billing: BillingService;
  let schemes: readonly [string, string];
  const crashes = createCrashes();
  beforeAll(async () => {
    site = await startTestSite({
      name: 'accounts-concurrency',
      nowMs,
      tenants,
      points: [
        pointSnapshot('pnt_a'),
        pointSnapshot('pnt_b'),
        ...Array.from({ length: tenants }, (_, index) => pointSnapshot(`pnt_l${index}`)),
      ],
    });
    const { parts } = site;
    const crashing = { ...parts, database: crashes.wrap(parts.database), metrics: new Registry() };
    billing = createBillingService(crashing, { works: false });
    await billing.migrate();
    const scheme = async (name: string, rate: number): Promise<string> =>
      (await setPrices(site.billing, { name, fromMs: 0, rates: { peak: rate, valley: rate } })).priceSchemeId;
    schemes = [await scheme('Shops', 1_000_000), await scheme('Works', 2_000_000)];
    await parts.eventLog.append(
      topics.intervalEnergy,
      ['pnt_a', 'pnt_b'].map((meteringPointId) => ({
        key: meteringPointId,
        value: energy({ meteringPointId, day: '2026-02-02', revision: 1, slots: 100 }),
      })),
    );
    await parts.drain();
  }, 60_000);
  afterAll(async () => await site.stop());

  /** Repeats a command, as a caller does, until it was carried out. */
  async function insist<T>(crashAt: number, command: () => Promise<T>): Promise<T> {
    crashes.arm(crashAt);
    for (;;) {
      try {
        const answer = await command();
        crashes.arm(null);
        return answer;
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
      }
    }
  }

  const tenantChange = (accountId: string, tenant: number, atMs: number) => ({
    requestId: `tenant-${tenant}-${atMs}`,
    accountId,
    tenantId: tenantId(tenant),
    atMs,
    reason: 'moved out',
    rest: 'carry-over' as const,
    refundMeans: 'cash' as const,
    acceptIncomplete: false,
    acceptObstacles: false,
    readings: [],
    firstVend: { amountMicros: 1_000_000, means: 'cash' as const },
  });

  test('a crash at any question of a change, a suspension or a change of tenant loses and doubles nothing', async () => {
    let accountId = await openAccount(site.billing, {
      priceSchemeId: schemes[0],
      openedAtMs,
      firstVendMicros: 100_000_000,
    });
    for (let crashAt = 0; crashAt < 30; crashAt += 1) {
      const fromMs = openedAtMs + crashAt * (hourMs / 2);
      const change = {
        change: 'change-scheme' as const,
        requestId: `scheme-${crashAt}`,
        accountId,
        meteringPointId: 'pnt_a',
        priceSchemeId: schemes[(crashAt + 1) % 2] as string,
        fromMs,
        reason: 'trial',
        dryRun: false,
      };
      await insist(crashAt, async () => await billing.accounts.change(projectId, change, cashier));
      const pause = { requestId: `pause-${crashAt}`, accountId, reason: 'trial' };
      const go = { ...pause, requestId: `go-${crashAt}` };
      await insist(crashAt, async () => await billing.accounts.setSuspended(projectId, true, pause, cashier));
      await insist(crashAt, async () => await billing.accounts.setSuspended(projectId, false, go, cashier));
      const next = tenantChange(accountId, crashAt + 1, fromMs + hourMs / 2);
      const answer = await insist(
        crashAt,
        async () => await billing.accounts.changeTenant(projectId, next, cashier),
      );
      accountId = answer.openedAccountId;
    }
    const { accounts } = await billing.accounts.list({ projectId, state: 'all', limit: 1000 });
    expect(accounts).toHaveLength(31);
    expect(accounts.filter((account) => account.state === 'open')).toMatchObject([{ accountId }]);
    const { vendedMicros } = await billing.accounts.detail(projectId, accountId);
    expect(vendedMicros).toBe(1_000_000);
    expect(await failingChecks(site.billing)).toEqual([]);
  }, 120_000);

  test('a list whose opening crashed goes on where it stopped', async () => {
    const rows = Array.from({ length: tenants }, (_, index): OpeningRow => ({
      row: index + 2,
      account: '',
      tenant: `T${index}`,
      point: `PNT_L${index}`,
      scheme: 'Shops',
      openedAt: '2026-02-02',
      contractedDemandKw: '',
      alarm1: '20',
      alarm2: '5',
      firstVend: '10',
      means: 'cash',
      reference: '',
    }));
    const list = { requestId: 'list-that-crashes', dryRun: false, rows };
    for (const crashAt of [3, 9, 14]) {
      const part = { ...list, rows: rows.slice(0, 10 + crashAt) };
      await insist(crashAt, async () => await billing.accounts.openList(projectId, part, cashier));
    }
    const answer = await billing.accounts.openList(projectId, list, cashier);
    expect(answer.accounts.filter((account) => account.outcome === 'opened-before')).toHaveLength(24);
    expect(new Set(answer.accounts.map((account) => account.accountId)).size).toBe(tenants);
    expect(await failingChecks(site.billing)).toEqual([]);
  }, 60_000);

  test('sixty-four at once on one account: one outcome each, one change of tenant, no waiting in a circle', async () => {
    const accountId = await openAccount(site.billing, {
      priceSchemeId: schemes[0],
      points: ['pnt_b'],
      openedAtMs,
      firstVendMicros: 50_000_000,
    });
    const atMs = openedAtMs + 12 * hourMs;
    const handOver = tenantChange(accountId, 39, atMs);
    const commands = Array.from({ length: 64 }, (_, index) => async (): Promise<string> => {
      const requestId = `at-once-${index}`;
      switch (index % 4) {
        case 0:
          await site.billing.vends.vend(
            projectId,
            { requestId, accountId, amountMicros: 1_000_000, means: 'cash' },
            cashier,
          );
          return 'vend';
        case 1: {
          const priceSchemeId = schemes[index % 8 === 1 ? 0 : 1];
          const when = {
            fromMs: openedAtMs + index * (hourMs / 4) - ((index * (hourMs / 4)) % (hourMs / 2)),
          };
          const change = {
            change: 'change-scheme' as const,
            meteringPointId: 'pnt_b',
            priceSchemeId,
            ...when,
          };
          const request = { ...change, requestId, accountId, reason: 'at once', dryRun: false };
          await site.billing.accounts.change(projectId, request, cashier);
          return 'change';
        }
        case 2:
          await site.billing.accounts.previewClosing(projectId, accountId, atMs);
          return 'preview';
        default:
          return (await site.billing.accounts.changeTenant(projectId, handOver, cashier)).openedAccountId;
      }
    });
    const outcomes = await Promise.allSettled(commands.map(async (command) => await command()));
    const reasons = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
    );
    // After the account was closed, the others are refused in words; nothing else goes wrong.
    for (const reason of reasons)
      expect(reason instanceof RequestError ? reason.code : reason).toBe('account-closed');
    const opened = outcomes.flatMap((outcome, index) =>
      outcome.status === 'fulfilled' && index % 4 === 3 ? [outcome.value] : [],
    );
    expect(opened).toHaveLength(16);
    expect(new Set(opened).size).toBe(1);
    const vends = outcomes.filter(
      (outcome, index) => outcome.status === 'fulfilled' && index % 4 === 0,
    ).length;
    const old = await site.billing.accounts.detail(projectId, accountId);
    expect(old).toMatchObject({ state: 'closed', vendedMicros: 50_000_000 + vends * 1_000_000 });
    for (const account of [old, await site.billing.accounts.detail(projectId, opened[0] as string)])
      expect(
        account.vendedMicros + account.carriedMicros - account.chargedMicros - account.refundedMicros,
      ).toBe(account.balanceMicros);
    expect(await failingChecks(site.billing)).toEqual([]);
  }, 120_000);

  test('arrears agreed are told beforehand and paid from the credit before it is carried over', async () => {
    const { accounts } = await site.billing.accounts.list({ projectId, state: 'open', limit: 1000 });
    const accountId = accounts.find((account) => account.balanceMicros === 10_000_000)?.accountId as string;
    const agreement = {
      requestId: 'arrears-before-carrying',
      accountId,
      origin: 'brought' as const,
      amountMicros: 4_000_000,
      sharePpm: 250_000,
      capPerVendMicros: null,
      capPerMonthMicros: null,
      instalments: [],
      holder: 'The tenant',
      signedBy: 'The landlord',
      reason: 'from the old system',
      evidence: 'letter of January',
    };
    await site.billing.arrears.make(projectId, agreement, cashier);
    const atMs = openedAtMs + hourMs;
    expect(await site.billing.accounts.previewClosing(projectId, accountId, atMs)).toMatchObject({
      balanceMicros: 10_000_000,
      finalChargeMicros: 0,
      finalBalanceMicros: 10_000_000,
      arrearsMicros: 4_000_000,
      refundMicros: 6_000_000,
      owedMicros: 0,
      obstacles: [{ kind: 'arrears-agreement', amountMicros: 4_000_000 }],
    });
    const request = { ...tenantChange(accountId, 38, atMs), acceptIncomplete: true };
    expect(await site.billing.accounts.changeTenant(projectId, request, cashier)).toMatchObject({
      carriedMicros: 6_000_000,
      closed: { balanceMicros: 0, refundMicros: 0 },
      balanceMicros: 7_000_000,
    });
    expect(await failingChecks(site.billing)).toEqual([]);
  });
});
