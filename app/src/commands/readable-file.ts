// SPDX-License-Identifier: Apache-2.0
import { access, constants, stat } from 'node:fs/promises';
import { OperatingError } from '@wattledger/platform';

/** @throws OperatingError that says what is wrong with the path */
export async function readableFile(path: string): Promise<void> {
  try {
    await access(path, constants.R_OK);
  } catch {
    throw new OperatingError('file-not-readable', `${path} cannot be read: is the path right?`, {
      retryable: false,
    });
  }
  if (!(await stat(path)).isFile())
    throw new OperatingError('file-not-readable', `${path} is not a file`, { retryable: false });
}
