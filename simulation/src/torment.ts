// SPDX-License-Identifier: Apache-2.0
/**
 * The product under torment: a world's readings are pushed over HTTP while the process is killed without warning; what was
 * acknowledged must be there, what was not is sent again, and in the end the tables are those of a quiet run.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Health } from '@wattledger/contracts/http/system';
import type { Tree } from '@wattledger/contracts/http/registry';
import { signIn, type Api } from './api.ts';
import { runCommand, startProduct, type StartedProduct } from './product-process.ts';
import { createRandom, type Random } from './random.ts';
import { readTables, type Tables } from './tables.ts';
import { disturbed, type Disturbance, type World } from './world.ts';

export interface TormentOptions {
  readonly world: World;
  readonly dataDirectory: string;
  readonly seed: number;
  readonly kills: number;
  readonly disturbance: Disturbance | null;
  readonly tell?: (text: string) => void;
}

export interface TormentResult {
  readonly tables: Tables;
  readonly doctorCode: number | null;
  readonly doctorOutput: string;
}

export const batchReadings = 400;
const drainMsMax = 180_000;

/** Runs a world through the product, and reads what it made of it. */
export async function torment(options: TormentOptions): Promise<TormentResult> {
  const { world, dataDirectory, seed, kills, disturbance, tell = () => undefined } = options;
  let product = await startProduct(dataDirectory, ['--empty']);
  const password = /as admin with password (\S+)/.exec(product.output())?.[1];
  if (password === undefined) throw new Error(`no password was printed:\n${product.output()}`);
  const api = await signIn(() => product.url, 'admin', password);
  const projectId = await makeSite(api, world, () => product.url);
  const random = createRandom(seed);
  const readings = disturbed(world, disturbance, seed);
  const batches = Math.ceil(readings.length / batchReadings);
  const reaper = createReaper(random, kills, batches, async () => {
    await product.kill();
    product = await startProduct(dataDirectory, ['--empty']);
  });
  try {
    for (let batch = 0; batch < batches; batch += 1) {
      const told = await reaper.before(batch);
      if (told !== null) tell(told);
      const from = batch * batchReadings;
      await api.post('/api/readings', { projectId, readings: readings.slice(from, from + batchReadings) });
    }
    await reaper.finished();
    tell(`${String(readings.length)} readings acknowledged`);
    await drained(api);
  } finally {
    await stopped(product);
  }
  const doctor = await runCommand(['doctor', '--data', dataDirectory]);
  return { tables: await readTables(dataDirectory), doctorCode: doctor.code, doctorOutput: doctor.output };
}

async function stopped(product: StartedProduct): Promise<void> {
  const code = await product.stop();
  if (code !== 0)
    throw new Error(`the product did not stop in order (code ${String(code)}):\n${product.output()}`);
}

/** Project, price and accounts, each by the route a person's screen uses. */
export async function makeSite(api: Api, world: World, address: () => string): Promise<string> {
  const imported = await api.post<{ projectId: string; faults: unknown[] }>(
    '/api/projects/import-site',
    world.siteFile,
  );
  if (imported.faults.length > 0)
    throw new Error(`the site file is refused: ${JSON.stringify(imported.faults)}`);
  const project = `/api/projects/${imported.projectId}`;
  const { initialPassword } = await api.post<{ initialPassword: string }>('/api/staff', {
    login: 'second',
    name: 'Second',
    roles: [{ projectId: '*', role: 'administrator' }],
  });
  const second = await signIn(address, 'second', initialPassword);
  const scheme = await api.post<{ priceSchemeId: string }>(`${project}/price-schemes`, {
    name: 'Two rates',
    medium: 'electricity',
  });
  const versions = `${project}/price-schemes/${scheme.priceSchemeId}/versions`;
  const version = await api.post<{ priceVersionId: string }>(versions, {
    effectiveFromMs: world.beginMs - 86_400_000,
    rates: { peak: 251_337, valley: 118_449 },
  });
  await api.post(`${versions}/${version.priceVersionId}/submit`, {});
  await second.post(`${versions}/${version.priceVersionId}/approve`, {});
  const tree = await api.get<Tree>(`${project}/tree`);
  for (const { code, point } of world.tenants) {
    const tenant = tree.tenants.find((candidate) => candidate.code === code);
    const meteringPoint = tree.points.find((candidate) => candidate.code === point);
    if (tenant === undefined || meteringPoint === undefined)
      throw new Error(`${code} is missing from the tree`);
    await api.post(
      `${project}/accounts`,
      {
        tenantId: tenant.id,
        points: [{ meteringPointId: meteringPoint.id, priceSchemeId: scheme.priceSchemeId }],
        openedAtMs: world.beginMs,
        alarm1Micros: 20_000_000,
        alarm2Micros: 5_000_000,
        firstVend: { amountMicros: 30_000_000, means: 'cash' },
      },
      `open-account-${code}`,
    );
  }
  return imported.projectId;
}

interface Reaper {
  /** Called before each batch: begins a kill where one is due. @returns what to tell of it */
  before(batch: number): Promise<string | null>;
  /** Resolves when the last kill is done and the product is up again. */
  finished(): Promise<void>;
}

/** A batch is acknowledged within some 30 ms, counted and charged within the next few hundred: a kill may hit any of it. */
const killAfterMsMax = 600;

/** Spreads the kills over the feeding: each falls at a random moment after a random batch has begun. */
function createReaper(
  random: Random,
  kills: number,
  batches: number,
  killAndRestart: () => Promise<void>,
): Reaper {
  const share = Math.floor(batches / Math.max(1, kills));
  if (share === 0) throw new Error(`${String(batches)} batches are too few for ${String(kills)} kills`);
  const due = new Set(Array.from({ length: kills }, (_, kill) => kill * share + random.below(share)));
  let killing = Promise.resolve();
  let done = 0;
  return {
    async before(batch) {
      if (!due.has(batch)) return null;
      await killing;
      const afterMs = random.below(killAfterMsMax);
      killing = sleep(afterMs).then(killAndRestart);
      killing.catch(() => undefined);
      done += 1;
      return `kill ${String(done)} of ${String(kills)}, ${String(afterMs)} ms after batch ${String(batch + 1)} of ${String(batches)} was begun`;
    },
    finished: () => killing,
  };
}

/** Waits until every accepted reading is counted and charged, and the rollups have followed. */
export async function drained(api: Api): Promise<void> {
  const deadlineMs = Date.now() + drainMsMax;
  let quiet = 0;
  while (Date.now() < deadlineMs) {
    const health = await api.get<Health>('/api/health');
    const { uncountedRecords, unchargedRecords } = health.pipeline;
    const rollups = Number(health.services.find(({ name }) => name === 'stream')?.facts['daysWaiting'] ?? 0);
    quiet = uncountedRecords + unchargedRecords + rollups === 0 ? quiet + 1 : 0;
    if (quiet >= 5) return;
    await sleep(300);
  }
  throw new Error('the pipeline did not drain in time');
}
