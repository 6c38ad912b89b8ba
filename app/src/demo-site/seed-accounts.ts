// SPDX-License-Identifier: Apache-2.0
/** Prices, accounts and the top-ups of the charged days. Each step may run again and then changes nothing. */
import type { BackOfficeVend, BillingService, NewAccount, Who } from '@wattledger/billing';
import { localDayOf } from '@wattledger/contracts';
import { seedOf, type MeterHistory, type SimulatedFleet } from '@wattledger/ingest';
import { DateTime } from 'luxon';
import { plannedSchemes, startOfDayMs, type PlannedScheme } from './demo-prices.ts';
import type { DemoSpan } from './demo-span.ts';
import { expectedDailyCharges, ratesByDay, type ChargedPoint, type DayRates } from './expected-charges.ts';
import { demoBank, demoCashier, demoReference } from './life.ts';
import { accountIdOf, idIn, type SeededProject } from './seeded-project.ts';
import type { PlannedAccount, PlannedPoint, SchemeKey } from './site-plan.ts';
import { planTopUps } from './top-up-plan.ts';

/** Prices need two people; in the demo they are these. */
const priceDrafter: Who = { id: 'demo-business', name: 'Demo business manager' };
const priceApprover: Who = { id: 'demo-administrator', name: 'Demo administrator' };
const accountOpener: Who = { id: 'demo-finance', name: 'Demo property finance' };

/** Prices are laid down this many months ahead, so that the demo may run on. */
const monthsAhead = 14;

function schemesOf(project: SeededProject, span: DemoSpan): readonly PlannedScheme[] {
  const { zone } = project.plan.project;
  const toDay = DateTime.fromMillis(span.madeMs, { zone })
    .plus({ months: monthsAhead })
    .toISODate() as string;
  const wanted = new Set<SchemeKey>(
    project.plan.accounts.flatMap((account) => account.points.map((point) => point.scheme)),
  );
  return plannedSchemes(localDayOf(zone, span.openedAtMs), toDay).filter((scheme) => wanted.has(scheme.key));
}

/** Creates the schemes with their approved versions, those that are not there yet. */
export async function seedPrices(
  prices: BillingService['prices'],
  project: SeededProject,
  span: DemoSpan,
): Promise<void> {
  const { projectId } = project;
  for (const planned of schemesOf(project, span)) {
    const known = (await prices.list(projectId)).find((scheme) => scheme.name === planned.name);
    const { priceSchemeId, versions } =
      known ??
      (await prices.createScheme(projectId, { name: planned.name, medium: planned.medium }, priceDrafter));
    for (const { fromDay, rates, terms, note } of planned.versions) {
      const effectiveFromMs = startOfDayMs(project.plan.project.zone, fromDay);
      const there = versions.find(
        (version) => version.effectiveFromMs === effectiveFromMs && version.state !== 'withdrawn',
      );
      if (there?.state === 'approved' || there?.state === 'listed') continue;
      const versionId =
        there?.priceVersionId ??
        (
          await prices.draftVersion(
            projectId,
            priceSchemeId,
            { effectiveFromMs, rates, terms, note },
            priceDrafter,
          )
        ).priceVersionId;
      if (there?.state !== 'submitted')
        await prices.submit(projectId, priceSchemeId, versionId, priceDrafter);
      await prices.approve(projectId, priceSchemeId, versionId, priceApprover);
    }
  }
}

/** Opens every account as of the span's opening, then books the top-ups of the days since, oldest first. */
export async function seedAccounts(
  billing: Pick<BillingService, 'accounts' | 'prices' | 'vends'>,
  fleet: Pick<SimulatedFleet, 'history'>,
  project: SeededProject,
  span: DemoSpan,
): Promise<void> {
  const { plan, projectId } = project;
  const schemes = schemesOf(project, span);
  const schemeIds = new Map(
    (await billing.prices.list(projectId)).map((scheme) => [scheme.name, scheme.priceSchemeId]),
  );
  const schemeIdOf = (key: SchemeKey): string =>
    idIn(schemeIds, schemes.find((scheme) => scheme.key === key)?.name ?? key);
  const accounts = plan.accounts.map((account): NewAccount => ({
    requestId: `demo-open-${accountIdOf(plan, account)}`,
    accountId: accountIdOf(plan, account),
    tenantId: idIn(project.tenantIds, account.tenant),
    points: account.points.map(({ point, scheme }) => ({
      meteringPointId: idIn(project.pointIds, point),
      priceSchemeId: schemeIdOf(scheme),
    })),
    openedAtMs: span.openedAtMs,
    alarm1Micros: account.alarm1Micros,
    alarm2Micros: account.alarm2Micros,
    protectedSupply: account.protectedSupply,
  }));
  await billing.accounts.open(projectId, accounts, accountOpener);
  await billing.vends.vendMany(projectId, topUpsOf(fleet, project, span, schemes));
}

function topUpsOf(
  fleet: Pick<SimulatedFleet, 'history'>,
  project: SeededProject,
  span: DemoSpan,
  schemes: readonly PlannedScheme[],
): readonly BackOfficeVend[] {
  const { plan } = project;
  const { zone, slotMinutes } = plan.project;
  const fromDay = localDayOf(zone, span.openedAtMs);
  const histories = new Map<string, MeterHistory>();
  for (const history of fleet.history(
    plan.project.code,
    span.openedAtMs,
    span.madeMs + 1,
    slotMinutes * 60_000,
  ))
    histories.set(history.serial, history);
  const rates = new Map(
    schemes.map((scheme) => [scheme.key, ratesByDay(plan.project, scheme, fromDay, span.madeMs)]),
  );
  const chargedPoints = (account: PlannedAccount): readonly ChargedPoint[] =>
    account.points.map(({ point: code, scheme: key }) => {
      const point = project.points.get(code) as PlannedPoint;
      return {
        point,
        rates: rates.get(key) as readonly DayRates[],
        history: histories.get(point.serial) as MeterHistory,
      };
    });
  const vends = plan.accounts.flatMap((account) => {
    const accountId = accountIdOf(plan, account);
    const { habit, alarm1Micros, alarm2Micros } = account;
    const dailyCharges = expectedDailyCharges(slotMinutes, chargedPoints(account));
    const topUps = planTopUps({
      habit,
      alarm1Micros,
      alarm2Micros,
      dailyCharges,
      seed: seedOf(1, accountId),
      openedAtMs: span.openedAtMs,
      untilMs: span.madeMs,
    });
    return topUps.map(({ atMs, amountMicros, means }, index) => ({
      requestId: `demo-vend-${accountId}-${index}`,
      accountId,
      amountMicros,
      means,
      reference: demoReference,
      ...(means === 'cheque' ? { drawerBank: demoBank } : {}),
      effectiveAtMs: atMs,
      cashier: demoCashier,
    }));
  });
  return vends.sort((a, b) => a.effectiveAtMs - b.effectiveAtMs || (a.requestId < b.requestId ? -1 : 1));
}
