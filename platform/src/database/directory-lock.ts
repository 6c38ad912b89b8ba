// SPDX-License-Identifier: Apache-2.0
/** One process per data directory: a file beside it names the owner; the owner's death frees it. */
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { processState } from '../child-process/process-state.ts';
import { OperatingError } from '../errors.ts';

export interface DirectoryLock {
  release(): Promise<void>;
}

const attemptsMax = 5;

/** @throws OperatingError directory-in-use when a living process holds the folder */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const path = `${directory}.lock`;
  const own = `${process.pid}\n${(await processState(process.pid))?.began ?? ''}\n`;
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, own);
  try {
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      // link() fails when the name exists, and the file is complete the moment it has the name.
      const made = await link(draft, path).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'EEXIST') return false;
          throw error;
        },
      );
      if (made) return { release: async () => await rm(path, { force: true }) };
      const [pidText, began] = (await readFile(path, 'utf8').catch(() => '')).split('\n');
      const pid = Number(pidText);
      const owner = await processState(pid);
      if (owner !== null && owner.began === began) {
        throw new OperatingError(
          'directory-in-use',
          `${directory} is in use by process ${pid}: stop it, or choose another data directory`,
          { retryable: false },
        );
      }
      await rm(path, { force: true });
    }
    throw new OperatingError('directory-in-use', `${directory} could not be locked`, { retryable: true });
  } finally {
    await rm(draft, { force: true });
  }
}
