// SPDX-License-Identifier: Apache-2.0
/**
 * One throw-away cluster per test process, a fresh database per call. jest gives each test file a new module registry
 * but keeps the process: the cluster is found again through a file named after the process.
 */
import { spawn } from 'node:child_process';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { unreference } from '../child-process/stop-with-parent.ts';
import { initialisePostgres, startEmbeddedPostgres } from '../database/embedded-postgres.ts';
import { findPostgresBinaries } from '../database/postgres-binaries.ts';

/** Folder of caches and of what runs now; per user, because Postgres insists on owning its files. */
export function testFolder(): string {
  return join(tmpdir(), `wattledger-test-${userInfo().uid}`);
}

/** An initdb'd folder, made once per machine and version: initdb takes 0.6 s, a copy 0.1 s. */
async function templateDirectory(): Promise<string> {
  const { version } = await findPostgresBinaries();
  const directory = join(testFolder(), `postgres-template-${version}-1`);
  if (await readable(join(directory, 'wattledger.password'))) return directory;
  await mkdir(testFolder(), { recursive: true, mode: 0o755 });
  const building = `${directory}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const password = randomBytes(24).toString('base64url');
  await initialisePostgres(building, password);
  await writeFile(join(building, 'wattledger.password'), password, { mode: 0o600 });
  // Of two workers that race, the second finds the name taken and uses the first one's.
  await rename(building, directory).catch(async () => await rm(building, { recursive: true, force: true }));
  return directory;
}

async function readable(path: string): Promise<boolean> {
  return await readFile(path).then(
    () => true,
    () => false,
  );
}

/** URL of the process's cluster (its maintenance database), started at the first call. */
export async function testCluster(): Promise<string> {
  const note = join(testFolder(), `cluster-${process.pid}.url`);
  const known = await readFile(note, 'utf8').catch(() => null);
  if (known !== null && (await answers(known))) return known;
  const directory = join(testFolder(), `cluster-${process.pid}-${randomBytes(4).toString('hex')}`);
  const cluster = await startEmbeddedPostgres({
    directory,
    durable: false,
    templateDirectory: await templateDirectory(),
    databaseName: 'postgres',
  });
  // The cluster ends with this process (see stopWithParent); its folder goes with it.
  removeWithProcess([directory, `${directory}.lock`, note], cluster.pid);
  await writeFile(note, cluster.url, { mode: 0o600 });
  return cluster.url;
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Deletes paths after this process and then process `pid` have ended. */
export function removeWithProcess(paths: readonly string[], pid: number): void {
  const script =
    'pid=$1; shift; read -r _; while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done; rm -rf "$@"';
  const remover = spawn('sh', ['-c', script, 'sh', String(pid), ...paths], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  unreference(remover);
}

/** A fresh, empty database in the process's cluster. */
export async function createTestDatabase(
  name: string,
): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const cluster = await testCluster();
  const databaseName = `${name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, 30)}_${randomBytes(5).toString('hex')}`;
  const admin = async (sql: string): Promise<void> => {
    const client = new pg.Client({ connectionString: cluster });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  };
  await admin(`CREATE DATABASE ${databaseName}`);
  const url = new URL(cluster);
  url.pathname = `/${databaseName}`;
  return {
    url: url.href,
    drop: async () => await admin(`DROP DATABASE IF EXISTS ${databaseName} WITH (FORCE)`),
  };
}
