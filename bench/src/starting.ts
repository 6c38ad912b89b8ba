// SPDX-License-Identifier: Apache-2.0
/**
 * How long people wait for the product as `npm start` gives it: the demo site in a fresh directory until its overview
 * shows energy, then started again on the same directory until the first page; and the memory after a minute of running.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProjectOverview } from '@wattledger/contracts/http/analytics';
import type { Session } from '@wattledger/contracts/http/registry';
import type { Figure } from './figure.ts';
import { databaseMb } from './processes.ts';

const app = join(import.meta.dirname, '..', '..', 'app');
const main = join(app, 'src', 'main.ts');
/** As tools/bootstrap/run.mjs starts the product. */
const nodeOptions = (JSON.parse(readFileSync(join(app, 'node-options.json'), 'utf8')) as string[]).join(' ');
const readyMsMax = 120_000;
const usefulMsMax = 120_000;
const runningMs = 60_000;
const reach = { firstMs: 30_000, againMs: 5_000, memoryMb: 1_200 };

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
  readonly output: () => string;
  readonly beganMs: number;
}

async function launch(directory: string): Promise<Started> {
  const beganMs = performance.now();
  const child = spawn(process.execPath, [main, 'start', '--data', directory, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { NODE_OPTIONS: nodeOptions, ...process.env },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  for (;;) {
    const url = /^Ready: (http:\/\/\S+)/m.exec(output)?.[1];
    if (url !== undefined) return { child, url, output: () => output, beganMs };
    if (child.exitCode !== null || performance.now() - beganMs > readyMsMax)
      throw new Error(`the product did not start:\n${output}`);
    await sleep(10);
  }
}

const sinceMs = ({ beganMs }: Started): number => performance.now() - beganMs;

/** The application's page, or the API where it is not built. @returns ms since the launch */
async function firstPageMs(started: Started): Promise<number> {
  const page = await fetch(`${started.url}/`);
  const answer = page.ok ? page : await fetch(`${started.url}/api/health`);
  await answer.text();
  if (!answer.ok) throw new Error(`no page: ${String(answer.status)}`);
  return sinceMs(started);
}

/** Signed in, the first project's overview has energy of the day. @returns ms since the launch */
async function usefulPageMs(started: Started): Promise<number> {
  const password = /^\s*admin\s+(\S+)/m.exec(started.output())?.[1] ?? '';
  const signIn = await fetch(`${started.url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ login: 'admin', password }),
  });
  const cookie = signIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const { projects } = (await signIn.json()) as Session;
  const path = `/api/projects/${projects[0]?.id ?? ''}/overview`;
  while (sinceMs(started) < usefulMsMax) {
    const answer = await fetch(started.url + path, { headers: { cookie } });
    if (answer.ok && showsEnergy((await answer.json()) as ProjectOverview)) return sinceMs(started);
    await sleep(50);
  }
  throw new Error('the overview showed no energy in time');
}

const showsEnergy = ({ media }: ProjectOverview): boolean =>
  media.some(({ curve }) => curve.today.some((energyWh) => energyWh !== null && energyWh > 0));

async function stop({ child }: Started): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

function residentMb(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1_024;
}

export async function startingFigures(): Promise<readonly Figure[]> {
  const directory = await mkdtemp(join(tmpdir(), 'wattledger-bench-start-'));
  const data = join(directory, 'data');
  try {
    const first = await launch(data);
    const firstReadyMs = sinceMs(first);
    const usefulMs = await usefulPageMs(first).catch(async (error: unknown) => {
      await stop(first);
      throw error;
    });
    await sleep(Math.max(0, runningMs - sinceMs(first)));
    const productMb = residentMb(first.child.pid ?? 0);
    const storeMb = databaseMb(data);
    await stop(first);
    const again = await launch(data);
    const againMs = await firstPageMs(again);
    await stop(again);
    return figuresOf({ firstReadyMs, usefulMs, againMs, productMb, storeMb });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function figuresOf(found: {
  readonly firstReadyMs: number;
  readonly usefulMs: number;
  readonly againMs: number;
  readonly productMb: number;
  readonly storeMb: number | null;
}): readonly Figure[] {
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
  const memoryMb = found.productMb + (found.storeMb ?? 0);
  const store = found.storeMb === null ? '' : `, its database ${found.storeMb.toFixed(0)} MB`;
  return [
    {
      work: 'first start with the demo site, to a useful page',
      measured: seconds(found.usefulMs),
      reach: '≤ 30 s',
      reached: found.usefulMs <= reach.firstMs,
      note: `from the launch until the overview of the first project shows energy; ready after ${seconds(found.firstReadyMs)}`,
    },
    {
      work: 'start on existing data, to the first page',
      measured: seconds(found.againMs),
      reach: '≤ 5 s',
      reached: found.againMs <= reach.againMs,
      note: 'the same directory a minute later, while history is still being filled in',
    },
    {
      work: 'memory, demo site running',
      measured: `${memoryMb.toFixed(0)} MB`,
      reach: '≤ 1.2 GB',
      reached: memoryMb <= reach.memoryMb,
      note: `a minute after the first launch: the product ${found.productMb.toFixed(0)} MB resident${store}`,
    },
  ];
}
