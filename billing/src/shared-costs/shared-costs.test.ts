// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { slotsOfLocalDay, topics, type PlaceSnapshot, type RegistrySnapshot } from '@wattledger/contracts';
import type { SharedCostPot, SharedCostKey, SharedCostSheet } from '@wattledger/contracts/http/billing';
import { energy, projectId } from '../testing/messages.ts';
import {
  approver,
  drafter,
  failingChecks,
  openAccount,
  peakRates,
  pointSnapshot,
  setPrices,
  startTestSite,
  type TestSite,
} from '../testing/test-site.ts';

const at = (text: string): number => Date.parse(text);
const nowMs = at('2026-05-10T10:00:00+02:00');

const place = (id: string, changes: Partial<PlaceSnapshot>): RegistrySnapshot => ({
  entity: 'place',
  id,
  projectId,
  snapshot: {
    id,
    projectId,
    parentId: null,
    kind: 'room',
    code: id.toUpperCase(),
    name: `Place ${id}`,
    use: 'shop',
    areaM2: null,
    sortOrder: 0,
    ...changes,
  },
});
const links = [{ parentId: 'pnt_main', fromMs: 0, toMs: null }];

describe('shared costs', () => {
  let site: TestSite;
  let accounts: readonly string[] = [];
  let requests = 0;
  beforeAll(async () => {
    site = await startTestSite({
      name: 'shared-costs',
      nowMs,
      tenants: 3,
      points: [
        pointSnapshot('pnt_main', 'electricity', { role: 'main', subItem: 'other' }),
        pointSnapshot('pnt_a', 'electricity', { placeId: 'plc_a', headcount: 2, parentLinks: links }),
        pointSnapshot('pnt_b', 'electricity', { placeId: 'plc_b', headcount: 1, parentLinks: links }),
        pointSnapshot('pnt_c', 'electricity', { placeId: 'plc_c', parentLinks: links }),
      ],
    });
    await site.tell([
      place('plc_house', { kind: 'building', use: null }),
      place('plc_a', { parentId: 'plc_house', areaM2: 100.5 }),
      place('plc_b', { parentId: 'plc_house', areaM2: 50 }),
      place('plc_c', { parentId: 'plc_house', areaM2: 25.25 }),
      place('plc_hall', { parentId: 'plc_house', areaM2: 500, use: 'common' }),
    ]);
    const { priceSchemeId } = await setPrices(site.billing, { fromMs: 0, rates: peakRates });
    const open = async (point: string, tenant: number, openedAtMs: number): Promise<string> =>
      await openAccount(site.billing, { priceSchemeId, points: [point], tenant, openedAtMs });
    // B moves in on the 11th: twenty days of thirty; C is vacant.
    accounts = [
      await open('pnt_a', 0, at('2026-03-01T00:00:00+01:00')),
      await open('pnt_b', 1, at('2026-04-11T09:00:00+02:00')),
    ];
    await consume('pnt_main', 100, 1);
    await consume('pnt_a', 40, 1);
    await consume('pnt_b', 30, 1);
    await consume('pnt_c', 20, 1);
  }, 60_000);
  afterAll(async () => {
    expect(await failingChecks(site.billing)).toEqual([]);
    await site.stop();
  });

  /** The same in every slot of 15 April; the slots named are left out. */
  const consume = async (point: string, wh: number, revision: number, without: readonly number[] = []) => {
    const { slotCount } = slotsOfLocalDay('Europe/Berlin', '2026-04-15', 30);
    const slots = Object.fromEntries(
      Array.from({ length: slotCount }, (_, slot) => [String(slot), wh]).filter(
        ([slot]) => !without.includes(Number(slot)),
      ),
    );
    const value = energy({ day: '2026-04-15', meteringPointId: point, revision, slots });
    await site.parts.eventLog.append(topics.intervalEnergy, [{ key: point, value }]);
    await site.parts.drain();
  };
  const balances = async (): Promise<readonly number[]> =>
    await Promise.all(
      accounts.map(async (id) => (await site.billing.accounts.row(projectId, id)).balanceMicros),
    );
  const rule = async (
    pot: SharedCostPot,
    key: SharedCostKey,
    changes: { readonly taxPpm?: number; readonly kind?: 'shared-cost' | 'property-fee' } = {},
  ): Promise<string> => {
    const { sharedCosts } = site.billing;
    const named = { name: `Rule ${(requests += 1)}`, kind: changes.kind ?? 'shared-cost' } as const;
    const { ruleId } = await sharedCosts.addRule(projectId, named);
    const terms = { pot, key, placeIds: ['plc_house'], tenantClasses: [], taxPpm: changes.taxPpm ?? 0 };
    const draft = { fromMonth: '2026-01', toMonth: null, terms };
    const { versions } = await sharedCosts.draft(projectId, ruleId, draft, drafter);
    const { versionId = '' } = versions[0] ?? {};
    await expect(sharedCosts.move(projectId, ruleId, versionId, 'approved', drafter)).rejects.toMatchObject({
      code: 'same-person',
    });
    await sharedCosts.move(projectId, ruleId, versionId, 'approved', approver);
    return ruleId;
  };
  const post = async (ruleId: string, month: string, requestId = `run-${(requests += 1)}`) => {
    const { pot } = await site.billing.sharedCosts.dryRun(projectId, ruleId, month);
    const request = { requestId, ruleId, month, invoiceMicros: undefined };
    return await site.billing.sharedCosts.post(
      projectId,
      { ...request, expectedTotalMicros: pot.totalMicros },
      approver,
    );
  };
  const reverse = async (ruleId: string, runId: string) =>
    await site.billing.sharedCosts.reverse(
      projectId,
      { requestId: `undo-${runId}`, ruleId, runId, reason: 'wrong amount' },
      approver,
    );
  const table = (sheet: SharedCostSheet) =>
    sheet.lines.map(({ unitId, accountId, days, measure, amountMicros }) => [
      unitId,
      accountId === null ? 'owner' : accounts.indexOf(accountId),
      days,
      measure,
      amountMicros,
    ]);
  const measured: SharedCostPot = {
    kind: 'measured',
    mainPointId: 'pnt_main',
    less: 'children',
    priceName: 'Supply contract',
    rateMicrosPerUnit: 1_000_000,
  };

  test('by area and days: the day of moving in counts, vacant days and rooms are the owner’s', async () => {
    const ruleId = await rule({ kind: 'month', amountMicros: 1_000_000 }, { kind: 'area' });
    const sheet = await site.billing.sharedCosts.dryRun(projectId, ruleId, '2026-04');
    // 100.5·30 + 50·30 + 25.25·30 = 5272.5 m²·days
    expect(table(sheet)).toEqual(
      [
        ['plc_a', 0, 30, 1_005_000, 571_835],
        ['plc_b', 'owner', 10, 500_000, 94_832],
        ['plc_b', 1, 20, 500_000, 189_663],
        ['plc_c', 'owner', 30, 252_500, 143_670],
      ].sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 0)),
    );
    expect(sheet.chargedMicros + sheet.ownerMicros).toBe(1_000_000);
  });

  test('equal, by heads, by fixed parts, by consumption: each sums to the pot', async () => {
    const pot = { kind: 'month', amountMicros: 999_999 } as const;
    const amounts = async (key: SharedCostKey) =>
      table(await site.billing.sharedCosts.dryRun(projectId, await rule(pot, key), '2026-04')).map(
        (row) => row[4],
      );
    const keys: readonly SharedCostKey[] = [
      { kind: 'equal' },
      { kind: 'headcount' },
      {
        kind: 'fixed',
        shares: [
          { unitId: 'plc_a', parts: 3 },
          { unitId: 'plc_c', parts: 4 },
        ],
      },
      { kind: 'consumption', medium: 'electricity' },
    ];
    for (const key of keys) {
      const shares = (await amounts(key)) as number[];
      expect(shares.reduce((sum, amount) => sum + amount, 0)).toBe(999_999);
      expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
    }
    // 40, 30 and 20 of 90; C has no tenant.
    expect(await amounts({ kind: 'consumption', medium: 'electricity' })).toEqual([
      444_444, 333_333, 222_222,
    ]);
    expect(await amounts({ kind: 'consumption', medium: 'water' })).toEqual([999_999]); // all the owner's
  });

  test('posted once, repeated alike, undone to zero, posted anew', async () => {
    const ruleId = await rule(
      { kind: 'month', amountMicros: 1_000_001 },
      { kind: 'area' },
      { taxPpm: 190_000, kind: 'property-fee' },
    );
    const before = await balances();
    const answers = await Promise.all(
      Array.from({ length: 4 }, async () => await post(ruleId, '2026-04', 'the-same-request')),
    );
    expect(new Set(answers.map((sheet) => JSON.stringify(sheet))).size).toBe(1);
    const [sheet] = answers as [SharedCostSheet];
    const owed = accounts.map((id) =>
      sheet.lines
        .filter((line) => line.accountId === id)
        .reduce((sum, line) => sum + line.amountMicros + line.taxMicros, 0),
    );
    expect(await balances()).toEqual(before.map((balance, index) => balance - (owed[index] ?? 0)));
    await expect(post(ruleId, '2026-04')).rejects.toMatchObject({ code: 'month-posted' });
    await expect(post(ruleId, '2026-05')).rejects.toMatchObject({ code: 'month-not-over' });
    const undone = await reverse(ruleId, sheet.run?.runId ?? '');
    expect(undone.run).toMatchObject({
      kind: 'reversal',
      reversesRunId: sheet.run?.runId,
      potMicros: -1_000_001,
    });
    expect(await balances()).toEqual(before);
    await expect(reverse(ruleId, undone.run?.runId ?? '')).rejects.toMatchObject({ code: 'run-reversed' });
    const again = await post(ruleId, '2026-04');
    expect(again.lines).toEqual(sheet.lines);
    await reverse(ruleId, again.run?.runId ?? '');
    expect(await balances()).toEqual(before);
  }, 60_000);

  test('measured loss over slots that all meters have; what comes late is taken along by the next run', async () => {
    const ruleId = await rule(measured, { kind: 'equal' });
    // 48 slots of 100 − 40 − 30 − 20 = 10 Wh
    const sheet = await site.billing.sharedCosts.dryRun(projectId, ruleId, '2026-04');
    expect(sheet.pot).toMatchObject({
      ownMicros: 480_000,
      measured: { consumption: 480, subPoints: 3, slots: 1440, slotsMissing: 1392 },
    });
    const march = await post(ruleId, '2026-03');
    expect(march.pot.totalMicros).toBe(0);
    const april = await post(ruleId, '2026-04');
    expect(april.pot.totalMicros).toBe(480_000);
    // Point C is corrected: 5 Wh less in every slot are 240 Wh more of loss.
    await consume('pnt_c', 15, 2);
    site.parts.clock.set(at('2026-06-02T10:00:00+02:00'));
    const may = await post(ruleId, '2026-05');
    expect(may.pot).toEqual({
      ...may.pot,
      ownMicros: 0,
      totalMicros: 240_000,
      carried: [{ month: '2026-04', wasMicros: 480_000, nowMicros: 720_000, carriedMicros: 240_000 }],
    });
    // Nothing is left to take along; undone, it is again.
    const june = async () =>
      (await site.billing.sharedCosts.dryRun(projectId, ruleId, '2026-06')).pot.totalMicros;
    expect(await june()).toBe(0);
    await reverse(ruleId, may.run?.runId ?? '');
    expect(await june()).toBe(240_000);
    await reverse(ruleId, april.run?.runId ?? '');
    await reverse(ruleId, march.run?.runId ?? '');
    site.parts.clock.set(nowMs);
  }, 60_000);

  test('an invoice, another pot than the dry run showed, and another project', async () => {
    const ruleId = await rule({ kind: 'invoice' }, { kind: 'equal' });
    const { sharedCosts } = site.billing;
    await expect(sharedCosts.dryRun(projectId, ruleId, '2026-04')).rejects.toMatchObject({
      code: 'invoice-missing',
    });
    expect((await sharedCosts.dryRun(projectId, ruleId, '2026-04', 300)).pot.totalMicros).toBe(300);
    const request = { requestId: 'the-invoice', ruleId, month: '2026-04', invoiceMicros: 300 };
    await expect(
      sharedCosts.post(projectId, { ...request, expectedTotalMicros: 299 }, approver),
    ).rejects.toMatchObject({ code: 'pot-changed' });
    await expect(sharedCosts.dryRun('prj_other', ruleId, '2026-04')).rejects.toMatchObject({ status: 404 });
  });
});
