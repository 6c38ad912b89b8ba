// SPDX-License-Identifier: Apache-2.0
/**
 * The demo site: a building and a market that are simulated down to the meters' sockets, seeded once and live from then on.
 * First phase: what a useful page needs, within half a minute. Background: the rest of two years of history, newest first;
 * when the charged days are whole, supply decisions are switched on and tenants begin to live.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BillingService } from '@wattledger/billing';
import type { Tree } from '@wattledger/contracts/http/registry';
import type { Health } from '@wattledger/contracts/http/system';
import { createSimulatedFleet, type SimulatedFleet } from '@wattledger/ingest';
import type { Parts } from '@wattledger/platform';
import { systemActor, systemPrincipal, type RegistryService } from '@wattledger/registry';
import type { System } from '../wire.ts';
import { createBackFill, type BackFill } from './back-fill.ts';
import { seedExamples, type ExampleServices } from './demo-examples.ts';
import { demoSpanOf, historyDays } from './demo-span.ts';
import { createFieldTroubles, type FieldTroubles } from './field-troubles.ts';
import { createLife, demoCashier, type Life } from './life.ts';
import { planMarket } from './market.ts';
import { planPlaza } from './plaza.ts';
import { plazaCode } from './plaza-basics.ts';
import { migrateProgress, movePosition, positionOf, type StepName } from './progress-store.ts';
import { seedAccounts, seedPrices } from './seed-accounts.ts';
import { demoStaff, passwordTable } from './seed-staff.ts';
import { seededProjectOf, type SeededProject } from './seeded-project.ts';
import { simulatedSiteOf } from './simulated-sites.ts';
import { projectIdOf, siteJsonOf } from './site-json.ts';
import type { SitePlan } from './site-plan.ts';
import { demoCalendars, demoSupplyPolicy } from './supply-policy.ts';

export interface DemoSite {
  /** Everything up to a useful page; may be interrupted anywhere and run again. */
  seedFirstPhase(): Promise<void>;
  /** History behind, then life. */
  startBackground(): void;
  /** Ends after the piece in hand. */
  stop(): Promise<void>;
  /** Null when two years of history are in place. */
  progress(): Health['backfill'];
}

export interface DemoSiteParts {
  readonly parts: Pick<Parts, 'database' | 'eventLog' | 'clock' | 'logger'>;
  readonly registry: Pick<RegistryService, 'importSite' | 'seedStaff' | 'tree' | 'gateways' | 'staff'>;
  readonly billing: Pick<BillingService, 'accounts' | 'vends' | 'supply' | 'whenRegistryKnown'> &
    ExampleServices;
  /** Started. */
  readonly fleet: SimulatedFleet;
  /** The first is the one most people see; all in one zone. */
  readonly plans: readonly SitePlan[];
  readonly print: (text: string) => void;
  /** Tenants go to the counter by themselves, and the field has its small troubles. */
  readonly withLife?: boolean;
}

/** The first phase waits at most so long for its history to be counted and charged; the page shows the rest as it comes. */
const firstPageMs = 12_000;
const retryMs = 5_000;

export function createDemoSite(options: DemoSiteParts): DemoSite {
  const { parts, registry, billing, fleet, plans, print } = options;
  const { database, clock, logger } = parts;
  const zone = plans[0]?.project.zone ?? 'UTC';
  const span = demoSpanOf(zone, fleet.madeMs);
  const stopping = new AbortController();
  let projects: readonly SeededProject[] = [];
  let backFill: BackFill | null = null;
  let life: Life | null = null;
  const troubles: FieldTroubles[] =
    options.withLife === false ? [] : plans.map((plan) => createFieldTroubles(fleet, plan, clock));
  let background: Promise<void> = Promise.resolve();
  let isWhole = false;

  const once = async (name: StepName, step: () => Promise<void>): Promise<void> => {
    if ((await positionOf(database, name)) > 0) return;
    const beganMs = clock.nowMs();
    await step();
    await movePosition(database, name, 1, clock.nowMs());
    logger.info({ step: name, tookMs: clock.nowMs() - beganMs }, 'demo site: step done');
  };

  const importSites = async (): Promise<void> => {
    for (const plan of plans) {
      const file = siteJsonOf(plan, (gateway) => fleet.portOf(plan.project.code, gateway));
      const answer = await registry.importSite(new TextEncoder().encode(file), {
        dryRun: false,
        principal: systemPrincipal,
      });
      if (answer.faultsTotal > 0)
        throw new Error(`the demo's site file is refused: ${JSON.stringify(answer.faults.slice(0, 5))}`);
    }
  };
  const seedPeople = async (): Promise<void> => {
    const people = demoStaff(projects.map((project) => project.projectId));
    // Whoever starts the demo is all of these people: a look at each role begins with looking.
    const made = await registry.seedStaff(people, { mustChangePassword: false });
    // Somebody made in a start that died before it could tell the password gets a new one.
    const untold = people.filter((person) => !made.some(({ login }) => login === person.login));
    const all = [...made];
    for (const person of untold)
      all.push({ ...person, password: await newPasswordOf(registry, person.login) });
    print(passwordTable(all));
  };
  /** The registry is told of gateways that are not at the port it knows, because somebody else has taken that one. */
  const followPorts = async (trees: readonly Tree[]): Promise<void> => {
    for (const { project, gateways } of trees) {
      for (const { id, code, transport } of gateways) {
        const port = fleet.portOf(project.code, code);
        if (transport.kind !== 'modbus-tcp' || transport.port === port) continue;
        await registry.gateways.patch(systemActor, project.id, id, { transport: { ...transport, port } });
      }
    }
  };

  const backFillCharged = async (filling: BackFill): Promise<boolean> => {
    for (const [index, window] of filling.windows.entries()) {
      if (!window.charged) break;
      if (!(await filling.appendWindow(index, stopping.signal))) return false;
    }
    return await filling.whenProcessed(stopping.signal);
  };
  const runBackground = async (filling: BackFill): Promise<void> => {
    await once('examples', async () => {
      for (const project of projects)
        if (project.plan.project.code === plazaCode) await seedExamples(billing, project, span);
    });
    if ((await positionOf(database, 'supply')) === 0 && !(await backFillCharged(filling))) return;
    await once('supply', async () => {
      for (const { projectId } of projects) {
        const calendarIds: string[] = [];
        for (const calendar of demoCalendars)
          calendarIds.push((await billing.supply.addCalendar(projectId, calendar, demoCashier)).calendarId);
        await billing.supply.setPolicy(projectId, { ...demoSupplyPolicy, calendarIds }, demoCashier);
      }
    });
    if (options.withLife !== false) life?.start();
    for (const trouble of troubles) trouble.start();
    for (const index of filling.windows.keys())
      if (!(await filling.appendWindow(index, stopping.signal))) return;
    isWhole = await filling.whenProcessed(stopping.signal);
  };

  return {
    async seedFirstPhase() {
      await once('sites', importSites);
      const trees = await Promise.all(plans.map((plan) => registry.tree.get(projectIdOf(plan))));
      projects = plans.map((plan, index) => seededProjectOf(plan, trees[index] as Tree));
      await followPorts(trees);
      const filling = createBackFill({ parts, fleet, projects, zone, span });
      await filling.load();
      backFill = filling;
      await billing.whenRegistryKnown();
      await once('prices', async () => {
        for (const project of projects) await seedPrices(billing.prices, project, span);
      });
      await once('accounts', async () => {
        for (const project of projects) await seedAccounts(billing, fleet, project, span);
      });
      await once('recent-history', async () => {
        await filling.appendWindow(0, stopping.signal);
        await filling.whenProcessed(AbortSignal.any([stopping.signal, AbortSignal.timeout(firstPageMs)]));
      });
      await once('staff', seedPeople);
      life = createLife({ parts, projects, billing });
    },
    startBackground() {
      const filling = backFill;
      if (filling === null) throw new Error('the first phase comes before the background');
      background = (async () => {
        while (!stopping.signal.aborted) {
          try {
            await runBackground(filling);
            return;
          } catch (error) {
            logger.warn({ err: error }, `demo site: the background stopped; trying again in ${retryMs} ms`);
            await sleep(retryMs, undefined, { signal: stopping.signal }).catch(() => undefined);
          }
        }
      })();
    },
    async stop() {
      stopping.abort();
      await background;
      await life?.stop();
      for (const trouble of troubles) trouble.stop();
    },
    progress() {
      if (backFill === null || isWhole) return null;
      return { label: 'demo-history', ...backFill.progress() };
    },
  };
}

async function newPasswordOf(registry: DemoSiteParts['registry'], login: string): Promise<string> {
  const { staff } = await registry.staff.list(systemPrincipal, { limit: 1000 });
  const person = staff.find((candidate) => candidate.login === login);
  if (person === undefined) throw new Error(`there is no person with login ${login}`);
  const { initialPassword } = await registry.staff.resetPassword(systemActor, person.id);
  return initialPassword ?? '';
}

/** The simulated field's seed: fixed, so that every demo shows the same building. */
const fleetSeed = 75_353;

/**
 * Opens the demo site of a data directory, seeding it where the directory is new.
 * Null when the directory was begun with something else.
 */
export async function openDemoSite({
  system,
  dataDirectory,
  print,
}: {
  readonly system: System;
  readonly dataDirectory: string;
  readonly print: (text: string) => void;
}): Promise<DemoSite | null> {
  const { parts, services } = system;
  await migrateProgress(parts.database);
  if ((await positionOf(parts.database, 'began')) === 0) {
    const { projects } = await services.registry.projects.list(systemPrincipal);
    if (projects.length > 0) return null;
    await movePosition(parts.database, 'began', 1, parts.clock.nowMs());
  }
  const plans = [planPlaza(), planMarket()];
  const fleet = createSimulatedFleet({
    seed: fleetSeed,
    sites: plans.map(simulatedSiteOf),
    clock: parts.clock,
    directory: join(dataDirectory, 'simulated-fleet'),
    historyDays,
    onFault: (error) =>
      parts.logger.warn(
        { err: error },
        'simulated fleet: a checkpoint could not be written; the next one tries again',
      ),
  });
  await fleet.start();
  const demo = createDemoSite({
    parts,
    registry: services.registry,
    billing: services.billing,
    fleet,
    plans,
    print,
  });
  await demo.seedFirstPhase();
  return {
    ...demo,
    async stop() {
      await demo.stop();
      // The collector goes first: it would take the meters' silence for a fault.
      await services.ingest.stop();
      await fleet.stop();
    },
  };
}
