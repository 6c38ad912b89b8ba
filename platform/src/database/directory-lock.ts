// SPDX-License-Identifier: Apache-2.0
/** One process per data directory: a file beside it names the owner; the owner's death frees it. */
import { execFile } from 'node:child_process';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { OperatingError } from '../errors.ts';

const run = promisify(execFile);

export interface DirectoryLock {
  release(): Promise<void>;
}

/** When a process began, in the words of `ps`: tells a living owner from a stranger that got its number later. */
async function beginningOf(pid: number): Promise<string | null> {
  try {
    const { stdout } = await run('ps', ['-o', 'lstart=', '-p', String(pid)], { env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } });
    return stdout.trim() === '' ? null : stdout.trim();
  } catch {
    return null;
  }
}

const attemptsMax = 5;

/** @throws OperatingError directory-in-use when a living process holds the folder */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const path = `${directory}.lock`;
  const own = `${process.pid}\n${(await beginningOf(process.pid)) ?? ''}\n`;
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, own);
  try {
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      // link() fails when the name exists, and the file is complete the moment it has the name.
      const made = await link(draft, path).then(() => true, (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return false;
        throw error;
      });
      if (made) return { release: async () => await rm(path, { force: true }) };
      const [pidText, began] = (await readFile(path, 'utf8').catch(() => '')).split('\n');
      const pid = Number(pidText);
      if (pidText !== undefined && pidText !== '' && (await beginningOf(pid)) === began) {
        throw new OperatingError('directory-in-use', `${directory} is in use by process ${pid}: stop it, or choose another data directory`, { retryable: false });
      }
      await rm(path, { force: true });
    }
    throw new OperatingError('directory-in-use', `${directory} could not be locked`, { retryable: true });
  } finally {
    await rm(draft, { force: true });
  }
}
