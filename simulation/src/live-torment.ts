// SPDX-License-Identifier: Apache-2.0
/**
 * The demo site under torment: a building of 353 meters is polled, charged and switched, two years of history are filled in
 * behind, and the process is killed without warning, while it starts and while it runs. What is left must close exactly and
 * be what an undisturbed fold of the kept readings makes of them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Health } from '@wattledger/contracts/http/system';
import { launchProduct, runCommand, startProduct } from './product-process.ts';
import { createRandom } from './random.ts';

export interface LiveTormentOptions {
  readonly dataDirectory: string;
  readonly seed: number;
  readonly kills: number;
  /** Longest life between two kills; a start takes some seconds of it. */
  readonly lifeMsMax: number;
  /** Wait until the whole history is filled in, counted and charged, before the audit. */
  readonly untilFilled: boolean;
  readonly tell?: (text: string) => void;
}

export interface LiveTormentResult {
  readonly health: Health;
  /** Output of `doctor` and of `rebuild --compare`, and whether each was content. */
  readonly audits: readonly { readonly name: string; readonly ok: boolean; readonly output: string }[];
}

const lookEveryMs = 2_000;

/** Kills the demo again and again, then lets it live on and audits it, running and stopped. */
export async function liveTorment(options: LiveTormentOptions): Promise<LiveTormentResult> {
  const { dataDirectory, seed, kills, lifeMsMax, untilFilled, tell = () => undefined } = options;
  const random = createRandom(seed);
  for (let kill = 1; kill <= kills; kill += 1) {
    const lifeMs = random.below(lifeMsMax);
    tell(`kill ${String(kill)} of ${String(kills)}: ${await liveAndDie(dataDirectory, lifeMs)}`);
  }
  const product = await startProduct(dataDirectory);
  const health = await calm(product.url, untilFilled, tell);
  const audits = [await audit('doctor, running', ['doctor', '--data', dataDirectory])];
  const code = await product.stop();
  if (code !== 0)
    throw new Error(`the product did not stop in order (code ${String(code)}):\n${product.output()}`);
  audits.push(await audit('doctor, stopped', ['doctor', '--data', dataDirectory]));
  audits.push(await audit('rebuild --compare', ['rebuild', '--compare', '--data', dataDirectory]));
  return { health, audits };
}

/** @returns what the process was at when it was killed */
async function liveAndDie(dataDirectory: string, lifeMs: number): Promise<string> {
  const product = launchProduct(dataDirectory);
  await sleep(lifeMs);
  const url = /^Ready: (http:\/\/\S+)/m.exec(product.output())?.[1];
  const health = url === undefined ? null : await healthOf(url).catch(() => null);
  await product.kill();
  const after = `after ${String(lifeMs)} ms`;
  if (health === null) return `${after}, starting`;
  const { done, total } = health.backfill ?? { done: 0, total: 0 };
  const { uncountedRecords, unchargedRecords } = health.pipeline;
  return `${after}, history ${String(done)} of ${String(total)}, ${String(uncountedRecords)} records uncounted, ${String(unchargedRecords)} uncharged`;
}

async function healthOf(url: string): Promise<Health> {
  const response = await fetch(`${url}/api/health`, { signal: AbortSignal.timeout(5_000) });
  return (await response.json()) as Health;
}

/** Waits for the history if wanted, otherwise for one look of a product that runs. */
async function calm(url: string, untilFilled: boolean, tell: (text: string) => void): Promise<Health> {
  for (let look = 0; ; look += 1) {
    const health = await healthOf(url);
    const waiting = health.pipeline.uncountedRecords + health.pipeline.unchargedRecords;
    // Live readings keep a few records on their way at any time.
    if (health.backfill === null && waiting < 50) return health;
    if (!untilFilled && look >= 5) return health;
    if (look % 15 === 14 && health.backfill !== null)
      tell(`history ${String(health.backfill.done)} of ${String(health.backfill.total)}`);
    await sleep(lookEveryMs);
  }
}

async function audit(name: string, args: readonly string[]): Promise<LiveTormentResult['audits'][number]> {
  const { code, output } = await runCommand(args);
  return { name, ok: code === 0, output };
}
