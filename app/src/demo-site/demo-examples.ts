// SPDX-License-Identifier: Apache-2.0
/**
 * One of each of the things that a house has beside prices and top-ups, so that their pages are not empty: shared costs posted for
 * last month, a debt agreed to be paid by top-ups, a policy of emergency credit, and a price that waits for its second person. May
 * be interrupted anywhere and run again.
 */
import type { BillingService, Who } from '@wattledger/billing';
import { localDayOf } from '@wattledger/contracts';
import { DateTime } from 'luxon';
import { startOfDayMs } from './demo-prices.ts';
import type { DemoSpan } from './demo-span.ts';
import { accountIdOf, idIn, type SeededProject } from './seeded-project.ts';

const finance: Who = { id: 'demo-finance', name: 'Demo property finance' };
const manager: Who = { id: 'demo-business', name: 'Demo business manager' };
const yuan = 1_000_000;

export type ExampleServices = Pick<BillingService, 'arrears' | 'emergency' | 'prices' | 'sharedCosts'>;

export async function seedExamples(
  billing: ExampleServices,
  project: SeededProject,
  span: DemoSpan,
): Promise<void> {
  const today = DateTime.fromISO(localDayOf(project.plan.project.zone, span.madeMs), { zone: 'utc' });
  await setEmergencyCredit(billing.emergency, project);
  await postSharedCosts(billing.sharedCosts, project, today.minus({ months: 1 }).toFormat('yyyy-MM'));
  await agreeOnArrears(billing.arrears, project);
  await submitPrice(billing.prices, project, today);
}

/** Flats and shops may take an advance once they have little left. */
async function setEmergencyCredit(
  emergency: ExampleServices['emergency'],
  { projectId }: SeededProject,
): Promise<void> {
  const rule = { offeredAt: 'alarm-2', timesPerMonth: 1, whileOverdue: false } as const;
  const rules = [
    { ...rule, tenantClass: 'flat', amountMicros: 20 * yuan },
    { ...rule, tenantClass: 'shop', amountMicros: 100 * yuan },
  ];
  await emergency.setPolicy(projectId, { rules }, finance);
}

/** Lifts and corridors of the two highest floors of offices, by area, posted for a month. */
async function postSharedCosts(
  sharedCosts: ExampleServices['sharedCosts'],
  { projectId, placeIds }: SeededProject,
  month: string,
): Promise<void> {
  const name = 'Lifts and corridors, upper offices 高区办公电梯走廊';
  const known = (await sharedCosts.list(projectId)).rules.find((rule) => rule.name === name);
  const { ruleId, versions, runs } =
    known ?? (await sharedCosts.addRule(projectId, { name, kind: 'shared-cost' }));
  if (runs.length > 0) return;
  const draft = {
    fromMonth: month,
    toMonth: null,
    terms: {
      pot: { kind: 'month' as const, amountMicros: 2_400 * yuan },
      key: { kind: 'area' as const },
      placeIds: ['O17', 'O18'].map((code) => idIn(placeIds, code)),
      tenantClasses: [],
      taxPpm: 60_000,
    },
  };
  const [version] =
    versions.length > 0 ? versions : (await sharedCosts.draft(projectId, ruleId, draft, manager)).versions;
  if (version?.state === 'draft')
    await sharedCosts.move(projectId, ruleId, version.versionId, 'approved', finance);
  const { pot } = await sharedCosts.dryRun(projectId, ruleId, month);
  const run = { requestId: `demo-shared-costs-${month}`, ruleId, month, invoiceMicros: undefined };
  await sharedCosts.post(projectId, { ...run, expectedTotalMicros: pot.totalMicros }, finance);
}

/** What a restaurant owed when the house went over to prepayment: a fifth of each top-up, at most 500 a month. */
async function agreeOnArrears(
  arrears: ExampleServices['arrears'],
  { plan, projectId }: SeededProject,
): Promise<void> {
  const account = plan.accounts.find(({ points }) => points.some(({ point }) => point === 'L3-25'));
  if (account === undefined) return;
  await arrears.make(
    projectId,
    {
      requestId: 'demo-arrears-1',
      accountId: accountIdOf(plan, account),
      origin: 'brought',
      amountMicros: 3_680 * yuan,
      sharePpm: 200_000,
      capPerVendMicros: null,
      capPerMonthMicros: 500 * yuan,
      instalments: [],
      holder: 'Tenant 商户',
      signedBy: 'Property finance 物业财务',
      reason: 'Electricity of the months before prepayment 预付费前的电费',
      evidence: 'Agreement 2026-07 协议',
    },
    finance,
  );
}

/** Six per cent dearer from the month after next: to be replayed, approved or withdrawn. */
async function submitPrice(
  prices: ExampleServices['prices'],
  { plan, projectId }: SeededProject,
  today: DateTime,
): Promise<void> {
  const scheme = (await prices.list(projectId)).find(({ name }) => name === 'Two-part, with demand');
  if (scheme === undefined || scheme.versions.some(({ state }) => state === 'submitted')) return;
  const { priceSchemeId, versions } = scheme;
  const [standing] = versions.filter(({ state }) => state === 'approved');
  if (standing === undefined) return;
  const fromDay = today.plus({ months: 2 }).startOf('month').toISODate() as string;
  const dearer = {
    effectiveFromMs: startOfDayMs(plan.project.zone, fromDay),
    rates: Object.fromEntries(
      Object.entries(standing.rates).map(([period, rate]) => [period, Math.round(rate * 1.06)]),
    ),
    terms: standing.terms,
    note: 'Six per cent more 上调百分之六',
  };
  const draft = versions.find(({ state }) => state === 'draft');
  const { priceVersionId } = draft ?? (await prices.draftVersion(projectId, priceSchemeId, dearer, manager));
  await prices.submit(projectId, priceSchemeId, priceVersionId, manager);
}
