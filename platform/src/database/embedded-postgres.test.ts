// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { processState } from '../child-process/process-state.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { openDatabase } from './postgres-database.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wattledger-embedded-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Runs the child until it has committed something, then kills it; answers with the last committed number it told and its postmaster. */
async function writeAndKill(
  directory: string,
): Promise<{ readonly committed: number; readonly postmaster: number }> {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('./embedded-postgres-child.ts', import.meta.url)), directory],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let text = '';
  let faults = '';
  child.stderr.on('data', (chunk: Buffer) => (faults += chunk.toString()));
  await new Promise<void>((resolve, reject) => {
    child.once('close', () => (text.includes('committed') ? resolve() : reject(new Error(faults))));
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if ((text.match(/committed/g) ?? []).length >= 30) child.kill('SIGKILL');
    });
  });
  // The last line may be cut.
  const numbers = [...text.matchAll(/committed (\d+)\n/g)].map((match) => Number(match[1]));
  return { committed: Math.max(...numbers), postmaster: Number(/postmaster (\d+)/.exec(text)?.[1]) };
}

test('a process that is killed leaves every acknowledged row and no server behind; the next start goes on', async () => {
  const directory = join(folder, 'killed', 'postgres');
  const first = await writeAndKill(directory);
  const second = await writeAndKill(directory);
  expect(second.committed).toBeGreaterThan(first.committed);
  const cluster = await startEmbeddedPostgres({ directory });
  const database = await openDatabase(cluster.url);
  const { rows } = await database.query<{ count: number; greatest: number }>(
    'SELECT count(*) AS count, max(n) AS greatest FROM numbers',
  );
  expect(rows[0]?.greatest).toBeGreaterThanOrEqual(second.committed);
  expect(rows[0]?.count).toBe(rows[0]?.greatest);
  await database.close();
  await cluster.stop();
  await cluster.stop();
  expect(await Promise.all([first.postmaster, second.postmaster, cluster.pid].map(processState))).toEqual([
    null,
    null,
    null,
  ]);
}, 90_000);

test('one process at a time; the second is told who holds the folder', async () => {
  const directory = join(folder, 'locked', 'postgres');
  const cluster = await startEmbeddedPostgres({ directory, durable: false });
  await expect(startEmbeddedPostgres({ directory })).rejects.toMatchObject({
    code: 'directory-in-use',
    message: expect.stringContaining(`process ${process.pid}`),
  });
  const database = await openDatabase(cluster.url);
  expect((await database.query('SHOW fsync')).rows).toEqual([{ fsync: 'off' }]);
  await database.close();
  await cluster.stop();
  const again = await startEmbeddedPostgres({ directory });
  const reopened = await openDatabase(again.url);
  expect(
    (
      await reopened.query(
        "SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit",
      )
    ).rows,
  ).toEqual([{ fsync: 'on', commit: 'on' }]);
  await reopened.close();
  await again.stop();
}, 60_000);

test('a given port that is taken is an error that names it as such', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await expect(
    startEmbeddedPostgres({ directory: join(folder, 'port', 'postgres'), port }),
  ).rejects.toMatchObject({ code: 'port-in-use' });
  await new Promise((resolve) => server.close(resolve));
}, 60_000);
