// SPDX-License-Identifier: Apache-2.0
import { access, constants, stat } from 'node:fs/promises';
import { OperatingError } from '@wattledger/platform';

/** @throws OperatingError that says what is wrong with the path */
export async function readableFile(path: string, bytesMax = Number.POSITIVE_INFINITY): Promise<void> {
  try {
    await access(path, constants.R_OK);
  } catch {
    throw new OperatingError('file-not-readable', `${path} cannot be read: is the path right?`, {
      retryable: false,
    });
  }
  const found = await stat(path);
  if (!found.isFile())
    throw new OperatingError('file-not-readable', `${path} is not a file`, { retryable: false });
  if (found.size > bytesMax)
    throw new OperatingError(
      'file-too-large',
      `${path} has ${megabytes(found.size)} MB; at most ${megabytes(bytesMax)} MB are taken: is it the right file?`,
      { retryable: false },
    );
}

const megabytes = (bytes: number): string => Math.ceil(bytes / 1_000_000).toLocaleString('en');
