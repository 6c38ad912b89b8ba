// SPDX-License-Identifier: Apache-2.0
/** Numbered migration files `000001_name.sql`, shared by the database and the warehouse. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { OperatingError } from './errors.ts';

export interface MigrationFile {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the text: an applied file must not be edited afterwards. */
  readonly checksum: string;
}

/**
 * Reads a directory's files in order of their numbers.
 * @throws Error when numbers repeat or leave a hole, or a file is named otherwise
 */
export async function readMigrationFiles(directory: URL): Promise<readonly MigrationFile[]> {
  const base = directory.href.endsWith('/') ? directory : new URL(`${directory.href}/`);
  const names = (await readdir(base)).filter((name) => name.endsWith('.sql')).sort();
  const files: MigrationFile[] = [];
  for (const name of names) {
    const match = /^(\d{6})_[a-z0-9_]+\.sql$/.exec(name);
    if (match === null) throw new Error(`${base.pathname}${name}: migrations are named 000001_name.sql`);
    const number = Number(match[1]);
    if (number !== files.length + 1)
      throw new Error(
        `${base.pathname}${name}: expected number ${files.length + 1}; numbers begin at 1 without holes`,
      );
    const sql = await readFile(new URL(name, base), 'utf8');
    files.push({ number, name, sql, checksum: createHash('sha256').update(sql).digest('hex') });
  }
  return files;
}

export interface AppliedMigration {
  readonly number: number;
  readonly checksum: string;
}

/**
 * The files still to apply.
 * @throws OperatingError schema-newer when the store has been migrated by a newer program
 * @throws OperatingError schema-changed when an applied file was edited
 */
export function pendingMigrations(
  what: string,
  files: readonly MigrationFile[],
  applied: readonly AppliedMigration[],
): readonly MigrationFile[] {
  const newest = files.length;
  const newestApplied = applied.reduce((max, migration) => Math.max(max, migration.number), 0);
  if (newestApplied > newest) {
    throw new OperatingError(
      'schema-newer',
      `${what} is at version ${newestApplied}, this program knows only ${newest}: it is older than the data. Start the newer program, or restore a backup of the older version.`,
      { retryable: false },
    );
  }
  for (const migration of applied) {
    const file = files[migration.number - 1];
    if (file !== undefined && file.checksum !== migration.checksum) {
      throw new OperatingError(
        'schema-changed',
        `${what}: ${file.name} was edited after it had been applied. Undo the edit and add a new file.`,
        { retryable: false },
      );
    }
  }
  const done = new Set(applied.map((migration) => migration.number));
  return files.filter((file) => !done.has(file.number));
}
