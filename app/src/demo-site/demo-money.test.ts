// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createBillingService } from '@wattledger/billing';
import { localDayOf } from '@wattledger/contracts';
import { createSimulatedFleet } from '@wattledger/ingest';
import { startTestParts } from '@wattledger/platform/testing';
import { createRegistryService } from '@wattledger/registry';
import { createStreamService } from '@wattledger/stream';
import { plannedSchemes } from './demo-prices.ts';
import { createDemoSite } from './demo-site.ts';
import { demoSpanOf, historyDays } from './demo-span.ts';
import { expectedDailyCharges, ratesByDay } from './expected-charges.ts';
import { planMarket } from './market.ts';
import { migrateProgress, positionOf } from './progress-store.ts';
import { accountIdOf } from './seeded-project.ts';
import { simulatedSiteOf } from './simulated-sites.ts';

const slotMs = 1_800_000;

/**
 * Goal: what the product charges for the demo's sixty days is, to the micro, what the naive calculation of the seed
 * foresaw. Method: the market with the real stream and billing, nobody polling, until the charged days are complete.
 */
test('balances are the top-ups less the charges that were foreseen, to the micro', async () => {
  const plan = planMarket();
  const parts = await startTestParts({ name: 'demo_money', nowMs: Date.parse('2026-11-20T03:07:11.250Z') });
  const registry = createRegistryService(parts);
  const stream = createStreamService(parts);
  const billing = createBillingService(parts);
  const services = [registry, stream, billing];
  for (const service of services) await service.migrate();
  await migrateProgress(parts.database);
  for (const service of services) await service.start();
  const fleet = createSimulatedFleet({
    seed: 4,
    sites: [simulatedSiteOf(plan)],
    clock: parts.clock,
    directory: null,
    historyDays,
  });
  await fleet.start();
  const demo = createDemoSite({
    parts,
    registry,
    billing,
    fleet,
    plans: [plan],
    print: () => undefined,
    withLife: false,
  });
  await demo.seedFirstPhase();
  demo.startBackground();
  while ((await positionOf(parts.database, 'supply')) === 0) await sleep(100);
  await demo.stop();
  await parts.drain();

  const span = demoSpanOf(plan.project.zone, fleet.madeMs);
  const fromDay = localDayOf(plan.project.zone, span.openedAtMs);
  const ratesOf = new Map(
    plannedSchemes(fromDay, '2027-06-01').map((scheme) => [
      scheme.key,
      ratesByDay(plan.project, scheme, fromDay, span.madeMs),
    ]),
  );
  // Rates by period, yearly tiers that are crossed, and demand with a standing charge and tax.
  const keys = new Set(plan.accounts.flatMap(({ points }) => points.map(({ scheme }) => scheme)));
  expect([...keys].sort()).toEqual(['commercial', 'demand', 'residential-tiers']);
  const { accounts } = await billing.accounts.list({ projectId: 'prj_bqm', state: 'open', limit: 100 });
  const balances = new Map(accounts.map((account) => [account.accountId, account]));
  for (const account of plan.accounts) {
    const charged = account.points.map(({ point: code, scheme }) => {
      const point = plan.points.find((candidate) => candidate.code === code);
      if (point === undefined) throw new Error(`there is a point ${code}`);
      return {
        point,
        rates: ratesOf.get(scheme) ?? [],
        history: fleet.historyReadings('BQM', point.serial, span.openedAtMs, span.madeMs + 1, slotMs),
      };
    });
    const expected = expectedDailyCharges(30, charged).reduce((sum, charge) => sum + charge, 0);
    const accountId = accountIdOf(plan, account);
    const vends = await billing.vends.list({ projectId: 'prj_bqm', accountId, limit: 500 });
    const paid = vends.reduce((sum, vend) => sum + vend.amountMicros, 0);
    expect([accountId, balances.get(accountId)?.balanceMicros]).toEqual([accountId, paid - expected]);
    const stages = { 'low-1': 'alarm-1', 'low-2': 'alarm-2', comfortable: 'normal' } as const;
    expect(balances.get(accountId)?.stage).toBe(stages[account.habit as 'comfortable']);
  }

  await fleet.stop();
  for (const service of services.toReversed()) await service.stop();
  await parts.stop();
}, 300_000);
