// SPDX-License-Identifier: Apache-2.0
/**
 * One front before chDB per test process, a fresh database per call. In its own process because an engine holds one
 * directory for the life of its process, and jest loads modules anew for each test file.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unreference } from '../child-process/stop-with-parent.ts';
import { openServerWarehouse } from '../warehouse/server-warehouse.ts';
import type { Warehouse } from '../warehouse/port.ts';
import { removeWithProcess, testFolder } from './test-postgres.ts';

const frontMain = fileURLToPath(new URL('../warehouse/front/front-main.ts', import.meta.url));

export interface RunningFront {
  readonly url: string;
  readonly pid: number;
  /** Ends the front; kill: as kill -9 would. */
  stop(how?: 'kill'): Promise<void>;
}

/** Starts a front on a directory. It ends with this process at the latest. */
export async function startFront(directory: string): Promise<RunningFront> {
  const child = spawn(process.execPath, [frontMain, directory], { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let faults = '';
  child.stderr.on('data', (chunk: Buffer) => (faults += chunk.toString()));
  const port = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const match = /listening (\d+)\n/.exec(text);
      if (match?.[1] !== undefined) resolve(match[1]);
    });
    child.once('exit', (code) => reject(new Error(`the front ended with code ${code}: ${faults}`)));
  });
  unreference(child);
  return {
    url: `http://default:@127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    stop: async (how) => {
      child.ref();
      child.kill(how === 'kill' ? 'SIGKILL' : 'SIGTERM');
      await ended;
    },
  };
}

async function testFront(): Promise<string> {
  await mkdir(testFolder(), { recursive: true, mode: 0o755 });
  const note = join(testFolder(), `front-${process.pid}.url`);
  const known = await readFile(note, 'utf8').catch(() => null);
  if (
    known !== null &&
    (await fetch(`${known.replace('default:@', '')}/ping`).then(
      (answer) => answer.ok,
      () => false,
    ))
  )
    return known;
  const directory = join(testFolder(), `front-${process.pid}-${randomBytes(4).toString('hex')}`);
  const front = await startFront(directory);
  removeWithProcess([directory, note], front.pid);
  await writeFile(note, front.url);
  return front.url;
}

/** A warehouse with an empty database of its own. */
export async function createTestWarehouse(
  name: string,
): Promise<{ readonly warehouse: Warehouse; readonly url: string; drop(): Promise<void> }> {
  const front = await testFront();
  const databaseName = `${name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, 30)}_${randomBytes(5).toString('hex')}`;
  const admin = await openServerWarehouse(front);
  await admin.command(`CREATE DATABASE ${databaseName}`);
  const url = `${front}/${databaseName}`;
  const warehouse = await openServerWarehouse(url);
  return {
    warehouse,
    url,
    drop: async () => {
      await warehouse.close();
      await admin.command(`DROP DATABASE IF EXISTS ${databaseName}`);
      await admin.close();
    },
  };
}
