// SPDX-License-Identifier: Apache-2.0
/** The product as a user has it: a process started from its command line, asked over HTTP, killed without warning. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const main = join(import.meta.dirname, '..', '..', 'app', 'src', 'main.ts');
const readyMsMax = 90_000;

export interface LaunchedProduct {
  /** Resolves with the address when the product says that it is ready. */
  readonly ready: Promise<string>;
  readonly output: () => string;
  readonly pid: number;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

export interface StartedProduct extends Omit<LaunchedProduct, 'ready'> {
  readonly url: string;
}

/** Starts `wattledger start`. `ready` rejects with the output when it ends or is not ready within 90 s. */
export function launchProduct(
  dataDirectory: string,
  argumentsMore: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): LaunchedProduct {
  const child = spawn(
    process.execPath,
    [main, 'start', '--data', dataDirectory, '--port', '0', ...argumentsMore],
    {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  const collect = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-200_000);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const gone = new Promise<number | null>((resolve) => {
    child.on('exit', (code) => {
      resolve(code);
    });
  });
  const ready = waitForUrl(child, () => output);
  // Who kills it before it is ready does not wait for that.
  ready.catch(() => undefined);
  return {
    ready,
    output: () => output,
    pid: child.pid ?? 0,
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
    stop: async () => {
      child.kill('SIGTERM');
      return await gone;
    },
  };
}

/**
 * Starts `wattledger start` and waits until it says that it is ready.
 * @throws Error with the output when it ends or is not ready within 90 s
 */
export async function startProduct(
  dataDirectory: string,
  argumentsMore: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<StartedProduct> {
  const { ready, ...product } = launchProduct(dataDirectory, argumentsMore, environment);
  return { url: await ready, ...product };
}

async function waitForUrl(child: ChildProcess, output: () => string): Promise<string> {
  const deadlineMs = Date.now() + readyMsMax;
  while (Date.now() < deadlineMs) {
    const ready = /^Ready: (http:\/\/\S+)/m.exec(output());
    if (ready?.[1] !== undefined) return ready[1];
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the product ended with ${String(child.exitCode ?? child.signalCode)}:\n${output()}`);
    await sleep(50);
  }
  child.kill('SIGKILL');
  throw new Error(`the product was not ready within ${String(readyMsMax / 1000)} s:\n${output()}`);
}

/** Runs one command of the command line to its end. */
export function runCommand(
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('exit', (code) => {
      resolve({ code, output });
    });
  });
}
