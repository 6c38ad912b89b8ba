// SPDX-License-Identifier: Apache-2.0
import type { Database, Migrate } from './port.ts';
import { pendingMigrations, readMigrationFiles, type AppliedMigration } from '../migration-files.ts';

/** Namespace of our advisory locks: 'watt' in ASCII. */
const lockSpace = 0x77617474;

/**
 * Applies the pending files of one schema in a single transaction under an advisory lock: all or none, and of two
 * processes that start at once one waits and then finds nothing to do. Files run with search_path = schema, public.
 * @throws OperatingError schema-newer, schema-changed
 */
export const migrate: Migrate = async (database, { schema, directory }) => {
  if (!/^[a-z][a-z0-9_]*$/.test(schema)) throw new Error(`"${schema}" is no schema name`);
  const files = await readMigrationFiles(directory);
  await database.transaction(async (transaction) => {
    await transaction.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [lockSpace, schema]);
    await transaction.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    await transaction.query(`SET LOCAL search_path TO ${schema}, public`);
    await transaction.query(
      `CREATE TABLE IF NOT EXISTS ${schema}.migrations (
         number integer PRIMARY KEY,
         name text NOT NULL,
         checksum text NOT NULL,
         applied_at timestamptz NOT NULL DEFAULT now()
       )`,
    );
    const applied = await transaction.query<AppliedMigration>(
      `SELECT number, checksum FROM ${schema}.migrations ORDER BY number`,
    );
    for (const file of pendingMigrations(`schema ${schema}`, files, applied.rows)) {
      await transaction.query(file.sql);
      await transaction.query(
        `INSERT INTO ${schema}.migrations (number, name, checksum) VALUES ($1, $2, $3)`,
        [file.number, file.name, file.checksum],
      );
    }
  });
};

/** No schema has this name: they begin with a letter. */
const everySchema = '*';

/**
 * Runs `work` while no other process on this database does: for migrations that Postgres itself cannot hold together,
 * those of the warehouse. Others wait. Holds one connection of the pool.
 */
export async function withMigrationLock<T>(database: Database, work: () => Promise<T>): Promise<T> {
  return await database.transaction(async (transaction) => {
    await transaction.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [lockSpace, everySchema]);
    return await work();
  });
}
