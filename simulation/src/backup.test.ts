// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: a backup taken while the product works is the whole product of one instant. Method: readings and money flow
 * while the archive is made; the copy, given what came after that instant, must end with the tables of the original.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AccountDetail, AccountList } from '@wattledger/contracts/http/billing';
import type { Health } from '@wattledger/contracts/http/system';
import { signIn, type Api } from './api.ts';
import { runCommand, startProduct, type StartedProduct } from './product-process.ts';
import { differences, readTables, type Tables } from './tables.ts';
import { batchReadings, drained, makeSite } from './torment.ts';
import { makeWorld, type PushedReading } from './world.ts';

const world = makeWorld(11, 10, 4);
/** Small and paced, so that they come all the while the archive is made. */
const flowReadings = 10;
const flowPauseMs = 20;
const ownPassword = (password: string): string => `${password}-admin's-own`;
let folder: string;
let archive: string;
let projectId: string;
let password: string;
let account: string;
let expected: Tables;
let acceptedFirst: number;
let acceptedLast: number;
const [vendBefore, vendAfter] = [7_000_000, 11_000_000];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wattledger-backup-'));
  archive = join(folder, 'archive.tar');
  const source = join(folder, 'source');
  const product = await startProduct(source, ['--empty']);
  try {
    password = /as admin with password (\S+)/.exec(product.output())?.[1] ?? '';
    const api = await signIn(() => product.url, 'admin', password);
    projectId = await makeSite(api, world, () => product.url);
    const { accounts } = await api.get<AccountList>(`/api/projects/${projectId}/accounts`);
    account = `/api/projects/${projectId}/accounts/${accounts[0]?.accountId ?? ''}`;
    const half = Math.floor(world.readings.length / 2);
    await push(api, world.readings.slice(0, half));
    acceptedFirst = await accepted(api);
    await vend(api, vendBefore, 'vend-before');
    let sent = half;
    let made = false;
    const making = runCommand(['backup', archive, '--data', source]).finally(() => (made = true));
    for (; !made && sent < world.readings.length; sent += flowReadings) {
      await push(api, world.readings.slice(sent, sent + flowReadings));
      await sleep(flowPauseMs);
    }
    await push(api, world.readings.slice(sent));
    const backup = await making;
    expect(backup).toMatchObject({ code: 0, output: expect.stringContaining('rows, as of') });
    await vend(api, vendAfter, 'vend-after');
    await drained(api);
    acceptedLast = await accepted(api);
  } finally {
    await product.stop();
  }
  expected = await readTables(source);
}, 300_000);
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function push(api: Api, readings: readonly PushedReading[]): Promise<void> {
  for (let from = 0; from < readings.length; from += batchReadings)
    await api.post('/api/readings', { projectId, readings: readings.slice(from, from + batchReadings) });
}

const accepted = async (api: Api): Promise<number> =>
  (await api.get<Health>('/api/health')).pipeline.acceptedRecords;

async function vend(api: Api, amountMicros: number, key: string): Promise<void> {
  await api.post(`${account}/vends`, { amountMicros, means: 'cash' }, key);
}

/** The exit code before the output: what went wrong is then in the test's message. */
async function restore(file: string, directory: string, ...more: string[]): Promise<string> {
  const { code, output } = await runCommand(['restore', file, '--data', directory, ...more]);
  return `${String(code)} ${output}`;
}
const leftovers = async (): Promise<readonly string[]> =>
  (await readdir(folder)).filter((name) => name.startsWith('.wattledger') || name.endsWith('.partial'));

test('the copy holds the instant, goes on, and ends with the tables of the original', async () => {
  expect((await stat(archive)).mode & 0o777).toBe(0o600);
  const directory = join(folder, 'copy');
  expect(await restore(archive, directory)).toMatch(/^0 The archive is whole/);
  const product: StartedProduct = await startProduct(directory, ['--empty']);
  let code: number | null;
  try {
    const api = await signIn(() => product.url, 'admin', ownPassword(password));
    await drained(api);
    const then = await accepted(api);
    expect(then).toBeGreaterThanOrEqual(acceptedFirst);
    expect(then).toBeLessThan(acceptedLast);
    const balanceThen = (await api.get<AccountDetail>(account)).balanceMicros;
    await push(api, world.readings);
    // Known already: no second effect. The later one is not known yet.
    await vend(api, vendBefore, 'vend-before');
    await vend(api, vendAfter, 'vend-after');
    await drained(api);
    expect((await api.get<AccountDetail>(account)).balanceMicros).not.toBe(balanceThen);
    ({ code } = await runCommand(['doctor', '--data', directory]));
  } finally {
    await product.stop();
  }
  expect(code).toBe(0);
  expect(differences(expected, await readTables(directory))).toEqual([]);
  expect(await leftovers()).toEqual([]);
}, 300_000);

async function halved(path: string): Promise<void> {
  await truncate(path, Math.floor((await stat(path)).size / 2));
}
/** A block longer than the filling between two files of the archive, which says nothing and may be anything. */
async function spoilt(path: string): Promise<void> {
  const block = Buffer.alloc(1024, 'spoilt');
  const file = await open(path, 'r+');
  await file.write(block, 0, block.length, Math.floor((await stat(path)).size / 2));
  await file.close();
}
async function newer(path: string): Promise<void> {
  const bytes = await readFile(path, 'latin1');
  await writeFile(path, bytes.replace('"formatVersion": 1', '"formatVersion": 9'), 'latin1');
}

test.each([
  ['half an archive', halved, /is not a whole backup: .*Nothing was restored/s],
  ['an archive with a spoilt block', spoilt, /is not a whole backup: .*Nothing was restored/s],
  ['something that is no archive', (path: string) => writeFile(path, 'hello'), /is not a whole backup/],
  ['an archive of a later program', newer, /made by a newer program/],
])(
  '%s is refused and leaves nothing behind',
  async (_name, spoil, message) => {
    const file = join(folder, 'bad.tar');
    await copyFile(archive, file);
    await spoil(file);
    const directory = join(folder, 'nothing');
    const answer = await restore(file, directory);
    expect(answer).toMatch(/^1 /);
    expect(answer).toMatch(message);
    expect(existsSync(directory)).toBe(false);
    expect(await leftovers()).toEqual([]);
  },
  60_000,
);

test('what is there is neither overwritten nor mixed', async () => {
  const directory = join(folder, 'full');
  const product = await startProduct(directory, ['--empty']);
  const running = await restore(archive, directory, '--replace');
  await product.stop();
  expect(running).toMatch(/^1 a product is running/);
  expect(await restore(archive, directory)).toMatch(/^1 .*is not empty/);
  expect(await runCommand(['backup', archive, '--data', directory])).toMatchObject({
    code: 1,
    output: expect.stringContaining('is there already'),
  });
  expect(await restore(archive, directory, '--replace')).toMatch(/^0 /);
  const aside = (await readdir(folder)).find((name) => name.startsWith('full.before-restore-'));
  expect(existsSync(join(folder, aside ?? '', 'postgres'))).toBe(true);
}, 120_000);
