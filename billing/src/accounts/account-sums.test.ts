// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { projectId } from '../testing/messages.ts';
import {
  approver,
  cashier,
  drafter,
  failingChecks,
  openAccount,
  peakRates,
  pointSnapshot,
  setPrices,
  startTestSite,
  type TestSite,
} from '../testing/test-site.ts';

const nowMs = Date.parse('2026-05-10T10:00:00+02:00');

let site: TestSite;
let accountId: string;
let requests = 0;
const requestId = (): string => `request-${(requests += 1)}`;
beforeAll(async () => {
  site = await startTestSite({ name: 'account-sums', nowMs, points: [pointSnapshot('pnt_a')] });
  const { priceSchemeId } = await setPrices(site.billing, { fromMs: 0, rates: peakRates });
  const openedAtMs = Date.parse('2026-03-01T00:00:00+01:00');
  accountId = await openAccount(site.billing, { priceSchemeId, points: ['pnt_a'], openedAtMs });
}, 60_000);
afterAll(async () => {
  await site.stop();
});

const vend = async (amountMicros: number) =>
  await site.billing.vends.vend(
    projectId,
    { requestId: requestId(), accountId, amountMicros, means: 'cash' },
    cashier,
  );
const agree = async (origin: 'balance' | 'brought', amountMicros: number) =>
  await site.billing.arrears.make(
    projectId,
    {
      requestId: requestId(),
      accountId,
      origin,
      amountMicros,
      sharePpm: 500_000,
      capPerVendMicros: null,
      capPerMonthMicros: null,
      instalments: [],
      holder: 'The tenant',
      signedBy: 'The landlord',
      reason: 'a debt',
      evidence: 'a letter',
    },
    cashier,
  );
const change = async (agreementId: string, writtenDownMicros: number | null) =>
  await site.billing.arrears.change(
    projectId,
    { requestId: requestId(), agreementId, reason: 'agreed', writtenDownMicros },
    approver,
  );
/** A fee of April, with tax, that the only account bears: the point is a unit of its own. */
const shareCosts = async (amountMicros: number): Promise<void> => {
  const { sharedCosts } = site.billing;
  const { ruleId } = await sharedCosts.addRule(projectId, { name: 'Cleaning', kind: 'property-fee' });
  const terms = {
    pot: { kind: 'month' as const, amountMicros },
    key: { kind: 'equal' as const },
    placeIds: [],
    tenantClasses: [],
    taxPpm: 190_000,
  };
  const draft = { fromMonth: '2026-01', toMonth: null, terms };
  const { versions } = await sharedCosts.draft(projectId, ruleId, draft, drafter);
  await sharedCosts.move(projectId, ruleId, versions[0]?.versionId ?? '', 'approved', approver);
  const run = { requestId: requestId(), ruleId, month: '2026-04', invoiceMicros: undefined };
  await sharedCosts.post(projectId, { ...run, expectedTotalMicros: amountMicros }, approver);
};
const sums = async () => await site.billing.accounts.detail(projectId, accountId);

test('shared costs, agreements and debts written down are among what a balance is made of', async () => {
  await shareCosts(100_000);
  expect(await sums()).toMatchObject({ balanceMicros: -119_000, sharedCostsMicros: 119_000 });
  const owed = await agree('balance', 100_000);
  expect(await sums()).toMatchObject({ balanceMicros: -19_000, arrearsMicros: 100_000 });
  // Half of it pays the agreement.
  const { vendId } = await vend(60_000);
  expect(await sums()).toMatchObject({ balanceMicros: 11_000, vendedMicros: 60_000, arrearsMicros: 70_000 });
  await change(owed.agreementId, 20_000);
  expect(await sums()).toMatchObject({ balanceMicros: 11_000, arrearsMicros: 70_000 });
  await change(owed.agreementId, null);
  expect(await sums()).toMatchObject({ balanceMicros: -39_000, arrearsMicros: 20_000 });
  const reversal = { cause: 'mistake', reason: 'wrong', override: true } as const;
  await site.billing.vends.reverse(
    projectId,
    { requestId: requestId(), accountId, vendId, ...reversal },
    cashier,
    true,
  );
  expect(await sums()).toMatchObject({ balanceMicros: -99_000, vendedMicros: 0, arrearsMicros: 20_000 });
  await agree('brought', 50_000);
  await vend(400_000);
  expect(await sums()).toMatchObject({ balanceMicros: 251_000, arrearsMicros: -30_000 });
  expect(await failingChecks(site.billing)).toEqual([]);
}, 60_000);
