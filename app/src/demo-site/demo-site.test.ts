// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createBillingService, type BillingService } from '@wattledger/billing';
import { topics, type ReadingBatch } from '@wattledger/contracts';
import { createSimulatedFleet, type SimulatedFleet } from '@wattledger/ingest';
import type { Consumer } from '@wattledger/platform';
import { startTestParts, type TestParts } from '@wattledger/platform/testing';
import { createRegistryService, type RegistryService } from '@wattledger/registry';
import { createDemoSite, type DemoSite } from './demo-site.ts';
import { demoSpanOf, historyDays } from './demo-span.ts';
import { planMarket } from './market.ts';
import { migrateProgress, positionOf } from './progress-store.ts';
import { simulatedSiteOf } from './simulated-sites.ts';

/** The market alone: the same doors and the same two years, with twenty meters. */
const plans = [planMarket()];
const nowMs = Date.parse('2026-11-20T03:07:11.250Z');
const slotMs = 1_800_000;

let parts: TestParts;
let registry: RegistryService;
let billing: BillingService;
let directory: string;
let stream: Consumer;
/** What the meter log carried, in the place of the stream. */
const batches: ReadingBatch[] = [];
const printed: string[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'demo-'));
  parts = await startTestParts({ name: 'demo_site', nowMs });
  registry = createRegistryService(parts);
  billing = createBillingService(parts);
  for (const service of [registry, billing]) await service.migrate();
  await migrateProgress(parts.database);
  for (const service of [registry, billing]) await service.start();
  stream = await parts.eventLog.consume({
    group: 'stream',
    topic: topics.meterLog,
    recordsMax: 100,
    handle: async (batch) => {
      await parts.database.transaction((transaction) => batch.commit(transaction));
      for (const { value } of batch.records) if (value.kind === 'readings') batches.push(value);
    },
  });
}, 60_000);
afterAll(async () => {
  for (const squatter of squatters) squatter.close();
  await stream.stop();
  await billing.stop();
  await registry.stop();
  await parts.stop();
  rmSync(directory, { recursive: true });
});

async function startFleet(): Promise<SimulatedFleet> {
  const fleet = createSimulatedFleet({
    seed: 9,
    sites: plans.map(simulatedSiteOf),
    clock: parts.clock,
    directory,
    historyDays,
  });
  await fleet.start();
  return fleet;
}
const squatters: Server[] = [];
async function takePort(port: number): Promise<void> {
  const squatter = createServer().listen(port, '127.0.0.1');
  squatters.push(squatter);
  await new Promise((resolve) => squatter.once('listening', resolve));
}
const createDemo = (fleet: SimulatedFleet): DemoSite =>
  createDemoSite({
    parts,
    registry,
    billing,
    fleet,
    plans,
    print: (text) => void printed.push(text),
    withLife: false,
  });

test('seeds a project through the doors of customers, fills two years behind, over interruptions, exactly once', async () => {
  // Interrupted again and again, at moments that differ from run to run: each start goes on where the last one stopped.
  let fleet = await startFleet();
  const { madeMs } = fleet;
  for (let start = 0; ; start += 1) {
    const demo = createDemo(fleet);
    await demo.seedFirstPhase();
    demo.startBackground();
    if (start >= 4) {
      while (demo.progress() !== null) await sleep(50);
      await demo.stop();
      break;
    }
    await sleep(40 * (start + 1));
    await demo.stop();
    const port = fleet.portOf('BQM', 'G01');
    await fleet.stop();
    // Once somebody else takes the gateway's port meanwhile.
    if (start === 1) await takePort(port);
    parts.clock.advance(10_000);
    fleet = await startFleet();
    expect(fleet.madeMs).toBe(madeMs);
  }

  const span = demoSpanOf('Asia/Shanghai', madeMs);
  const { meters, points, gateways } = await registry.tree.get('prj_bqm');
  expect(gateways).toMatchObject([{ transport: { port: fleet.portOf('BQM', 'G01') } }]);
  expect(points).toHaveLength(20);
  for (const { id, serial } of meters) {
    const own = batches
      .filter((batch) => batch.meterId === id && batch.source === 'back-fill')
      .flatMap((batch) => batch.series);
    // Newest first, and together every slot boundary of two years once.
    const begins = own.map((series) => series.instants[0] ?? Number.NaN);
    expect(begins).toEqual(begins.toSorted((a, b) => b - a));
    const instants = own.toReversed().flatMap((series) => series.instants);
    const values = own.toReversed().flatMap((series) => series.values);
    const expected = fleet.historyReadings('BQM', serial, span.historyFromMs, madeMs + 1, slotMs);
    expect([serial, instants.length, instants[0]]).toEqual([
      serial,
      expected.instants.length,
      span.historyFromMs,
    ]);
    expect(instants).toEqual([...expected.instants]);
    expect(values).toEqual([...expected.values]);
  }
  expect(await positionOf(parts.database, 'supply')).toBe(1);
  expect(await billing.supply.policy('prj_bqm')).toMatchObject({ automatic: true });

  const { accounts } = await billing.accounts.list({ projectId: 'prj_bqm', state: 'open', limit: 100 });
  expect(accounts).toHaveLength(16);
  expect(
    accounts.every((account) => account.openedAtMs === span.openedAtMs && account.balanceMicros > 0),
  ).toBe(true);
  const vends = await billing.vends.list({ projectId: 'prj_bqm', limit: 500 });
  const dated = vends.toReversed().map((vend) => vend.effectiveAtMs);
  expect(dated).toEqual(dated.toSorted((a, b) => a - b));
  expect(
    vends.every(
      (vend) => vend.cashier.name.includes('simulated') && vend.reference?.startsWith('Demo') === true,
    ),
  ).toBe(true);
  const schemes = await billing.prices.list('prj_bqm');
  expect(
    schemes
      .flatMap((scheme) => scheme.versions)
      .every((version) => version.state === 'approved' && version.approvedBy?.id !== version.draftedBy.id),
  ).toBe(true);
  expect(printed).toHaveLength(1);
  expect(printed[0]).toMatch(/admin +[a-z0-9-]{10,}/);
  await fleet.stop();
}, 300_000);
