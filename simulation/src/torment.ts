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

const batchReadings = 400;
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
  const reaper = startReaper(
    random,
    kills,
    async () => {
      await product.kill();
      product = await startProduct(dataDirectory, ['--empty']);
    },
    tell,
  );
  try {
    const readings = disturbed(world, disturbance, seed);
    for (let from = 0; from < readings.length; from += batchReadings) {
      await api.post('/api/readings', { projectId, readings: readings.slice(from, from + batchReadings) });
    }
    tell(`${String(readings.length)} readings acknowledged`);
    await reaper.finished();
    await drained(api);
  } finally {
    reaper.stop();
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
async function makeSite(api: Api, world: World, address: () => string): Promise<string> {
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
  /** Resolves when all kills are done. */
  finished(): Promise<void>;
  stop(): void;
}

const betweenKillsMsMax = 3_000;

function startReaper(
  random: Random,
  kills: number,
  killAndRestart: () => Promise<void>,
  tell: (text: string) => void,
): Reaper {
  let stopping = false;
  const reap = async (): Promise<void> => {
    for (let kill = 1; kill <= kills && !stopping; kill += 1) {
      const pauseMs = random.below(betweenKillsMsMax);
      await sleep(pauseMs);
      await killAndRestart();
      tell(`kill ${String(kill)} of ${String(kills)}, after ${String(pauseMs)} ms`);
    }
  };
  const running = reap();
  running.catch(() => undefined);
  return {
    finished: () => running,
    stop: () => {
      stopping = true;
    },
  };
}

/** Waits until every accepted reading is counted and charged, and the rollups have followed. */
async function drained(api: Api): Promise<void> {
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
