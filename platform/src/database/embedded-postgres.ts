// SPDX-License-Identifier: Apache-2.0
/** A private Postgres cluster in a folder, started and stopped with this process. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processState } from '../child-process/process-state.ts';
import { stopWithParent, unreference } from '../child-process/stop-with-parent.ts';
import { OperatingError } from '../errors.ts';
import { lockDirectory, type DirectoryLock } from './directory-lock.ts';
import {
  choosePostgresLauncher,
  findPostgresBinaries,
  type PostgresBinaries,
  type PostgresLauncher,
} from './postgres-binaries.ts';

export interface EmbeddedPostgresOptions {
  /** Folder of the cluster; made when missing. One process at a time. */
  readonly directory: string;
  /** TCP port on 127.0.0.1; a free one when left out. */
  readonly port?: number;
  /** Database that is made when missing and that `url` names. */
  readonly databaseName?: string;
  /**
   * true (default): what is acknowledged survives a power cut. false: for throw-away clusters of tests, no fsync.
   */
  readonly durable?: boolean;
  /** An initdb'd folder to copy instead of running initdb. */
  readonly templateDirectory?: string;
  /** More server settings, e.g. { max_connections: '200' }. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface EmbeddedPostgres {
  /** postgres://… of the database. */
  readonly url: string;
  readonly port: number;
  /** Process id of the postmaster. */
  readonly pid: number;
  /** Resolves when the server has ended, expected or not. */
  readonly ended: Promise<void>;
  /** Orderly (fast) shutdown; idempotent. */
  stop(): Promise<void>;
}

const user = 'wattledger';
const startMsMax = 60_000;
const stopMsMax = 30_000;
const portAttemptsMax = 5;

/**
 * Two cores and a share of the machine: small enough for a shop's PC, large enough for the bulk loads measured in
 * docs/decisions/0004. WAL is flushed at every commit, so an acknowledged write survives a power cut.
 */
const durableSettings: Readonly<Record<string, string>> = {
  synchronous_commit: 'on',
  shared_buffers: '64MB',
  effective_cache_size: '512MB',
  work_mem: '16MB',
  maintenance_work_mem: '64MB',
  // Of each of the vacuum workers: the default gives each of them as much as maintenance by hand.
  autovacuum_work_mem: '16MB',
  autovacuum_max_workers: '2',
  max_connections: '100',
  min_wal_size: '128MB',
  max_wal_size: '1GB',
  checkpoint_timeout: '15min',
  checkpoint_completion_target: '0.9',
  random_page_cost: '1.1',
  jit: 'off',
  autovacuum_naptime: '30s',
  password_encryption: 'scram-sha-256',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'warning',
  // Replication is not used; the slots and senders would only cost shared memory.
  max_wal_senders: '0',
  wal_level: 'minimal',
};
const throwAwaySettings: Readonly<Record<string, string>> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '64MB',
  max_connections: '300',
};

async function freePort(): Promise<number> {
  return await new Promise((resolvePort, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolvePort(port));
    });
  });
}

async function exists(path: string): Promise<boolean> {
  return await readFile(path).then(
    () => true,
    () => false,
  );
}

/** Runs initdb into `directory`, which must be empty or missing. Auth is scram with a random password in `directory.password`. */
export async function initialisePostgres(directory: string, password: string): Promise<void> {
  const binaries = await findPostgresBinaries();
  const launcher = await choosePostgresLauncher([binaries.postgres, dirname(directory)]);
  await mkdir(directory, { recursive: true });
  const passwordFile = join(directory, '..', `.initdb-${randomBytes(6).toString('hex')}`);
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (launcher.owner !== null) {
    await chown(directory, launcher.owner.uid, launcher.owner.gid);
    await chown(passwordFile, launcher.owner.uid, launcher.owner.gid);
  }
  const parameters = [
    `--pgdata=${directory}`,
    '--auth=scram-sha-256',
    `--username=${user}`,
    `--pwfile=${passwordFile}`,
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--no-instructions',
    '--no-sync',
    '--data-checksums',
  ];
  try {
    const [command, rest] = launcher.command(binaries.initdb, parameters);
    await runToEnd(command, rest, launcher);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function runToEnd(
  command: string,
  parameters: readonly string[],
  launcher: PostgresLauncher,
): Promise<void> {
  const child = spawn(command, parameters, {
    ...launcher.spawnIds,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
  });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((done, reject) => {
    child.once('error', reject);
    child.once('close', done);
  });
  if (code !== 0)
    throw new OperatingError(
      'postgres-initdb',
      `the embedded database could not be created: ${output.trim()}`,
      { retryable: false },
    );
}

/** Makes the data directory whole or not at all: built beside it and renamed, so a kill during initdb leaves no half cluster. */
async function createCluster(directory: string, templateDirectory: string | undefined): Promise<void> {
  const building = `${directory}.new`;
  await rm(building, { recursive: true, force: true });
  const password = randomBytes(24).toString('base64url');
  if (templateDirectory === undefined) {
    await mkdir(dirname(directory), { recursive: true });
    await initialisePostgres(building, password);
    await writeFile(join(building, 'wattledger.password'), password, { mode: 0o600 });
  } else {
    await mkdir(dirname(directory), { recursive: true });
    await cp(templateDirectory, building, { recursive: true });
    await chmod(building, 0o700);
    const launcher = await choosePostgresLauncher([dirname(directory)]);
    if (launcher.owner !== null)
      await runToEnd('chown', ['-R', `${launcher.owner.uid}:${launcher.owner.gid}`, building], {
        ...launcher,
        spawnIds: {},
      });
  }
  await rename(building, directory);
}

/**
 * A postmaster that outlived its killed parent still owns the folder: ask it to stop. Its backends roll back what the
 * dead process had open.
 */
async function stopOrphan(directory: string): Promise<void> {
  const pidFile = join(directory, 'postmaster.pid');
  const [pidText, owned] = (await readFile(pidFile, 'utf8').catch(() => '')).split('\n');
  const pid = Number(pidText);
  // The file says which data directory: a reused number of some other program must not be signalled.
  if (owned === undefined || resolve(owned) !== directory) return;
  for (let waitedMs = 0; waitedMs < stopMsMax; waitedMs += 50) {
    if (!(await exists(pidFile))) return;
    const state = await processState(pid);
    if (state === null || !state.command.includes('postgres')) return;
    if (waitedMs === 0) process.kill(pid, 'SIGINT');
    await sleep(50);
  }
  throw new OperatingError(
    'postgres-orphan',
    `a Postgres of an earlier run (process ${pid}) still uses ${directory} and does not stop: end it by hand`,
    { retryable: true },
  );
}

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
}

async function startServer(
  binaries: PostgresBinaries,
  launcher: PostgresLauncher,
  directory: string,
  port: number,
  settings: Readonly<Record<string, string>>,
): Promise<Started> {
  const flags = Object.entries({
    ...settings,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(port),
  }).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const [command, parameters] = launcher.command(binaries.postgres, ['-D', directory, ...flags]);
  // Its own process group: Ctrl-C in the terminal must reach us, not the database, so that we can stop in order.
  const child = spawn(command, parameters, {
    ...launcher.spawnIds,
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
  });
  let output = '';
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  await new Promise<void>((ready, reject) => {
    const timer = setTimeout(() => fail('did not get ready in time'), startMsMax);
    const fail = (why: string): void => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(
        new OperatingError(
          /address already in use|could not bind/i.test(output) ? 'port-in-use' : 'postgres-start',
          `the embedded database ${why}: ${output.slice(-2_000).trim()}`,
          { retryable: false },
        ),
      );
    };
    child.once('error', (error) => fail(`could not be started (${error.message})`));
    child.once('exit', (code) => fail(`ended with code ${code}`));
    child.stderr?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-8_000);
      if (!output.includes('database system is ready to accept connections')) return;
      clearTimeout(timer);
      child.removeAllListeners('exit');
      child.stderr?.removeAllListeners('data');
      child.stderr?.resume();
      ready();
    });
  });
  return { child, ended };
}

/**
 * Starts (and at first creates) the cluster of a folder.
 * @throws OperatingError directory-in-use, postgres-start, postgres-binaries-missing, postgres-as-root
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const directory = resolve(options.directory);
  await mkdir(dirname(directory), { recursive: true });
  const lock = await lockDirectory(directory);
  try {
    return await startLocked(options, directory, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function startLocked(
  options: EmbeddedPostgresOptions,
  directory: string,
  lock: DirectoryLock,
): Promise<EmbeddedPostgres> {
  const binaries = await findPostgresBinaries();
  if (!(await exists(join(directory, 'PG_VERSION'))))
    await createCluster(directory, options.templateDirectory);
  await stopOrphan(directory);
  const launcher = await choosePostgresLauncher([binaries.postgres, directory]);
  const settings = {
    ...durableSettings,
    ...(options.durable === false ? throwAwaySettings : {}),
    ...options.settings,
  };
  const password = await readFile(join(directory, 'wattledger.password'), 'utf8');
  let started: Started | undefined;
  let port = 0;
  for (let attempt = 1; started === undefined; attempt += 1) {
    port = options.port ?? (await freePort());
    try {
      started = await startServer(binaries, launcher, directory, port, settings);
    } catch (error) {
      const lost =
        error instanceof OperatingError && error.code === 'port-in-use' && options.port === undefined;
      if (!lost || attempt >= portAttemptsMax) throw error;
    }
  }
  const { child, ended } = started;
  const pid = child.pid ?? 0;
  const watchdog = stopWithParent(pid, 'INT');
  unreference(child);
  const databaseName = options.databaseName ?? 'wattledger';
  const server = `postgres://${user}:${password}@127.0.0.1:${port}`;
  let stopping: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    stopping ??= (async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.ref();
        process.kill(pid, 'SIGINT');
        const killer = setTimeout(() => process.kill(pid, 'SIGQUIT'), stopMsMax);
        await ended;
        clearTimeout(killer);
      }
      watchdog.kill('SIGKILL');
      await lock.release();
    })();
    await stopping;
  };
  try {
    await ensureDatabase(`${server}/postgres`, databaseName);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `${server}/${databaseName}`, port, pid, ended, stop };
}

async function ensureDatabase(adminUrl: string, name: string): Promise<void> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
