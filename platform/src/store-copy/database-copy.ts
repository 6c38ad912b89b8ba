// SPDX-License-Identifier: Apache-2.0
/** The contents of the database as they stood at one instant, table by table, and the way back into empty tables. */
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { Database, Queryable } from '../database/port.ts';
import { connectionOf } from '../database/postgres-database.ts';
import { OperatingError } from '../errors.ts';
import { makeSnapshotTable, snapshotTable } from '../snapshot-copy/snapshots-store.ts';

export interface CopiedTable {
  readonly schema: string;
  readonly table: string;
  /** Without generated ones. */
  readonly columns: readonly string[];
}
export interface Sequence {
  readonly schema: string;
  readonly name: string;
  /** Of the last value given; null when none has been. */
  readonly last: string | null;
}
export interface AppliedSchema {
  readonly schema: string;
  /** Of its migrations, in order. */
  readonly checksums: readonly string[];
}

export interface DatabaseSnapshot {
  readonly tables: readonly CopiedTable[];
  readonly schemas: readonly AppliedSchema[];
  /** Writes the rows of a table as COPY's text; answers how many. Ends the sink. */
  copyOut(table: CopiedTable, sink: Writable): Promise<number>;
  /** As they stand now: sequences know no snapshot, and a number too high does no harm. */
  sequences(): Promise<readonly Sequence[]>;
  close(): Promise<void>;
}

/** Migrations are compared, not copied; who consumes now means nothing in a copy. */
const leftOut = `c.relname <> 'migrations' AND NOT (n.nspname = 'event_log' AND c.relname IN ('members', 'leases'))`;
const freezeMsMax = 30_000;

/**
 * Runs `whileFrozen` at an instant at which nothing can be appended to the log, and answers with the database of that
 * instant. Whatever the warehouse holds then comes from records that are in the snapshot's log.
 * @throws OperatingError store-busy when appends under way do not end in time
 */
export async function freezeDatabase(
  database: Database,
  whileFrozen: () => Promise<void>,
): Promise<DatabaseSnapshot> {
  const [lock, reader] = [await connectionOf(database), await connectionOf(database)];
  try {
    await lock.query('BEGIN');
    await lock.query(`SET LOCAL lock_timeout = ${String(freezeMsMax)}`);
    await lock.query('LOCK TABLE event_log.batches IN SHARE MODE').catch((error: unknown) => {
      throw new OperatingError(
        'store-busy',
        `the event log did not come to rest within ${String(freezeMsMax / 1_000)} seconds; try again at a quieter time`,
        { retryable: true, cause: error },
      );
    });
    await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    // Copying a large warehouse takes longer than a transaction may rest otherwise.
    await reader.query('SET LOCAL idle_in_transaction_session_timeout = 0');
    const tables = await readTables(reader);
    await whileFrozen();
    return snapshotOf(reader, tables, await readSchemas(reader));
  } catch (error) {
    await reader.end();
    throw error;
  } finally {
    await lock.end();
  }
}

function snapshotOf(
  client: pg.Client,
  tables: readonly CopiedTable[],
  schemas: readonly AppliedSchema[],
): DatabaseSnapshot {
  return {
    tables,
    schemas,
    copyOut: async (table, sink) => {
      const source = client.query(copyTo(`COPY ${nameOf(table)} (${columnsOf(table)}) TO STDOUT`));
      await pipeline(source, sink);
      return source.rowCount;
    },
    sequences: async () => {
      const { rows } = await client.query<Sequence>(
        `SELECT schemaname AS schema, sequencename AS name, last_value::text AS last FROM pg_sequences ORDER BY 1, 2`,
      );
      return rows;
    },
    close: async () => {
      await client.end();
    },
  };
}

async function readTables(client: pg.Client): Promise<readonly CopiedTable[]> {
  const { rows } = await client.query<CopiedTable>(
    `SELECT n.nspname AS schema, c.relname AS table, array_agg(a.attname::text ORDER BY a.attnum) AS columns
     FROM pg_class c
     JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND ${leftOut}
     GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  return rows;
}

async function readSchemas(client: pg.Client): Promise<readonly AppliedSchema[]> {
  const { rows } = await client.query<{ schema: string }>(
    `SELECT n.nspname AS schema FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relname = 'migrations' AND c.relkind = 'r' ORDER BY 1`,
  );
  const schemas: AppliedSchema[] = [];
  for (const { schema } of rows) {
    const applied = await client.query<{ checksum: string }>(
      `SELECT checksum FROM ${quoted(schema)}.migrations ORDER BY number`,
    );
    schemas.push({ schema, checksums: applied.rows.map(({ checksum }) => checksum) });
  }
  return schemas;
}

/** Schemas of a database that have been migrated. */
export async function appliedSchemas(database: Database): Promise<readonly AppliedSchema[]> {
  const client = await connectionOf(database);
  try {
    return await readSchemas(client);
  } finally {
    await client.end();
  }
}

export interface TableToFill extends CopiedTable {
  readonly rows: number;
  /** COPY's text. */
  open(): Readable;
}

/**
 * Puts the rows into the migrated tables in place of those that migrations made, all or nothing.
 * @throws Error when a table does not take exactly its rows
 */
export async function fillDatabase(
  database: Database,
  tables: readonly TableToFill[],
  sequences: readonly Sequence[],
): Promise<void> {
  // Made by each service when it first starts, not by its migrations.
  for (const { schema, table } of tables)
    if (table === snapshotTable) await makeSnapshotTable(database, schema);
  const client = await connectionOf(database);
  try {
    await client.query('BEGIN');
    const ordered = await referencedFirst(client, tables);
    for (const table of ordered.toReversed()) await clear(client, table);
    for (const table of ordered) await copyIn(client, table);
    for (const { schema, name, last } of sequences)
      if (last !== null)
        await client.query('SELECT setval($1::regclass, $2)', [`${quoted(schema)}.${quoted(name)}`, last]);
    await client.query('COMMIT');
    await client.query('ANALYZE');
  } finally {
    await client.end();
  }
}

/** Tables that only grow refuse DELETE even of no row. */
async function clear(client: pg.Client, table: CopiedTable): Promise<void> {
  const found = await client.query(`SELECT 1 FROM ${nameOf(table)} LIMIT 1`);
  if (found.rowCount !== 0) await client.query(`DELETE FROM ${nameOf(table)}`);
}

async function copyIn(client: pg.Client, table: TableToFill): Promise<void> {
  const sink = client.query(copyFrom(`COPY ${nameOf(table)} (${columnsOf(table)}) FROM STDIN`));
  await pipeline(table.open(), sink);
  if (sink.rowCount !== table.rows)
    throw new Error(`${nameOf(table)} took ${String(sink.rowCount)} rows instead of ${String(table.rows)}`);
}

/** So that no row comes before the one it refers to. A table may refer to itself: COPY checks at its end. */
async function referencedFirst(
  client: pg.Client,
  tables: readonly TableToFill[],
): Promise<readonly TableToFill[]> {
  const { rows } = await client.query<{ from: string; to: string }>(
    `SELECT fn.nspname || '.' || f.relname AS "from", tn.nspname || '.' || t.relname AS "to"
     FROM pg_constraint c
     JOIN pg_class f ON f.oid = c.conrelid JOIN pg_namespace fn ON fn.oid = f.relnamespace
     JOIN pg_class t ON t.oid = c.confrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace
     WHERE c.contype = 'f' AND c.conrelid <> c.confrelid`,
  );
  const key = ({ schema, table }: CopiedTable): string => `${schema}.${table}`;
  const ordered = new Map<string, TableToFill>();
  let waiting = tables;
  while (waiting.length > 0) {
    const left = new Set(waiting.map(key));
    const free = waiting.filter((table) => !rows.some(({ from, to }) => from === key(table) && left.has(to)));
    if (free.length === 0) throw new Error(`tables refer to each other in a circle: ${[...left].join(', ')}`);
    for (const table of free) ordered.set(key(table), table);
    waiting = waiting.filter((table) => !ordered.has(key(table)));
  }
  return [...ordered.values()];
}

/** Takes back what a failed restore has made in a database that was empty before. */
export async function dropSchemas(database: Queryable, schemas: readonly string[]): Promise<void> {
  for (const schema of schemas) await database.query(`DROP SCHEMA IF EXISTS ${quoted(schema)} CASCADE`);
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const nameOf = ({ schema, table }: CopiedTable): string => `${quoted(schema)}.${quoted(table)}`;
const columnsOf = ({ columns }: CopiedTable): string => columns.map(quoted).join(', ');
