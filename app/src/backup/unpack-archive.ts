// SPDX-License-Identifier: Apache-2.0
/** Unpacks an archive and believes nothing of it before every checksum has been compared. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OperatingError } from '@wattledger/platform';
import { extract } from 'tar';
import { formatVersion, manifestName, manifestShape, manifestSumName, type Manifest } from './manifest.ts';
import { sha256OfFile } from './sha256-of-file.ts';

/** @throws OperatingError backup-damaged, backup-newer */
export async function unpackArchive(file: string, folder: string): Promise<Manifest> {
  await extract({ file, cwd: folder, strict: true, preserveOwner: false }).catch((error: unknown) => {
    throw damaged(file, error instanceof Error ? error.message : String(error));
  });
  const text = await readFile(join(folder, manifestName), 'utf8').catch(() => '');
  if (text === '') throw damaged(file, `it has no ${manifestName}`);
  refuseNewer(file, text);
  const sum = await readFile(join(folder, manifestSumName), 'utf8').catch(() => '');
  if (createHash('sha256').update(text).digest('hex') !== sum.trim())
    throw damaged(file, `${manifestName} is not what was written`);
  const manifest = manifestShape.safeParse(JSON.parse(text));
  if (!manifest.success) throw damaged(file, `${manifestName} is not of the form we write`);
  for (const { path, bytes, sha256 } of manifest.data.files) {
    const found = await stat(join(folder, path)).catch(() => null);
    if (found === null || !found.isFile()) throw damaged(file, `${path} is missing`);
    if (found.size !== bytes || (await sha256OfFile(join(folder, path))) !== sha256)
      throw damaged(file, `${path} is not what was written`);
  }
  return manifest.data;
}

function refuseNewer(file: string, text: string): void {
  const claimed = /"formatVersion":\s*(\d+)/.exec(text)?.[1];
  if (claimed === undefined || Number(claimed) <= formatVersion) return;
  throw new OperatingError(
    'backup-newer',
    `${file} was made by a newer program (form ${claimed}, this one reads ${String(formatVersion)}): restore with that one. Nothing was restored.`,
    { retryable: false },
  );
}

function damaged(file: string, why: string): OperatingError {
  return new OperatingError(
    'backup-damaged',
    `${file} is not a whole backup: ${why}. Nothing was restored; take another copy of the file.`,
    { retryable: false },
  );
}
