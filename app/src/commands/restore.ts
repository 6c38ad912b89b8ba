// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { readConfig } from '@wattledger/platform';
import { restoreBackup } from '../backup/restore-backup.ts';
import { doctorHandler } from './doctor.ts';
import { readableFile } from './readable-file.ts';
import { printLine } from './with-stores.ts';

export interface RestoreOptions {
  readonly data: string;
  readonly replace?: boolean;
}

/** Makes a data directory out of an archive, and asks the doctor before it takes its place. */
export async function restore(file: string, { data, replace }: RestoreOptions): Promise<number> {
  await readableFile(file);
  await restoreBackup({
    file,
    dataDirectory: resolve(data),
    config: readConfig(process.env),
    replace: replace === true,
    tell: console.log,
    prove: async ({ system }) => {
      const code = await doctorHandler(system)({}, printLine);
      if (code !== 0)
        console.error('Start the product, let it process what waits in its log, and ask the doctor again.');
    },
  });
  return 0;
}
