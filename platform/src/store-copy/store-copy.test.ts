// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createReadStream, createWriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Topic } from '@wattledger/contracts';
import { z } from 'zod';
import { migrate } from '../database/migrate.ts';
import { startTestParts, type TestParts } from '../testing/index.ts';
import { migrateWarehouse } from '../warehouse/migrate-warehouse.ts';
import {
  appliedSchemas,
  dropSchemas,
  fillDatabase,
  freezeDatabase,
  type TableToFill,
} from './database-copy.ts';
import {
  appliedWarehouse,
  dropWarehouseTables,
  fillWarehouseTable,
  prepareClones,
} from './warehouse-copy.ts';

const topic: Topic<number> = {
  name: 'numbers',
  key: 'key',
  shape: z.number(),
  retentionMs: null,
  compacted: false,
};
const schemaSql = `
CREATE TABLE shop.orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, person text NOT NULL REFERENCES shop.people, before bigint REFERENCES shop.orders, doubled text GENERATED ALWAYS AS (person || person) STORED);
CREATE SEQUENCE shop.numbers;
INSERT INTO shop.people VALUES ('made by the migration');`;
const warehouseSql = `CREATE TABLE IF NOT EXISTS counted :on_cluster (name String, revision UInt64, list Array(Int64)) ENGINE = :engine(ReplacingMergeTree(revision)) ORDER BY name`;

let folder: string;
let source: TestParts;
let target: TestParts;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wattledger-store-copy-'));
  await writeFile(
    join(folder, '000001_shop.sql'),
    `CREATE TABLE shop.people (name text PRIMARY KEY);${schemaSql}`,
  );
  const other = await mkdtemp(join(folder, 'warehouse-'));
  await writeFile(join(other, '000001_counted.sql'), warehouseSql);
  [source, target] = await Promise.all([
    startTestParts({ name: 'source' }),
    startTestParts({ name: 'target' }),
  ]);
  for (const { database, warehouse } of [source, target]) {
    await migrate(database, { schema: 'shop', directory: pathToFileURL(`${folder}/`) });
    await migrateWarehouse(warehouse, { name: 'shop', directory: pathToFileURL(`${other}/`) });
  }
}, 120_000);
afterAll(async () => {
  await Promise.all([source.stop(), target.stop()]);
  await rm(folder, { recursive: true });
});

test('database and warehouse of one instant come back as they were, with what was written meanwhile left out', async () => {
  const { database, warehouse, eventLog } = source;
  const odd = "tab\t, line\n, quote ' and \\N, 电";
  await database.query('INSERT INTO shop.people VALUES ($1)', [odd]);
  await database.query('INSERT INTO shop.orders (person) VALUES ($1)', [odd]);
  await database.query('INSERT INTO shop.orders (person, before) VALUES ($1, 1)', [odd]);
  await database.query("SELECT nextval('shop.numbers'), nextval('shop.numbers')");
  await warehouse.insert('counted', ['name', 'revision', 'list'], [[odd, 1, [1, -2]]]);
  await warehouse.insert('counted', ['name', 'revision', 'list'], [[odd, 2, []]]);
  await eventLog.append(topic, [{ key: 'k', value: 1 }]);
  const { clone } = await prepareClones(warehouse);
  let clones: Awaited<ReturnType<typeof clone>> | undefined;
  let appending: Promise<void> | undefined;
  const snapshot = await freezeDatabase(database, async () => {
    // Waits until the instant is over.
    appending = eventLog.append(topic, [{ key: 'k', value: 2 }]);
    clones = await clone();
  });
  await appending;
  await warehouse.insert('counted', ['name', 'revision', 'list'], [['later', 3, []]]);
  await database.query("INSERT INTO shop.people VALUES ('later')");

  const tables: TableToFill[] = [];
  for (const table of snapshot.tables) {
    const path = join(folder, `${table.schema}.${table.table}`);
    const rows = await snapshot.copyOut(table, createWriteStream(path));
    tables.push({ ...table, rows, open: () => createReadStream(path) });
  }
  const sequences = await snapshot.sequences();
  await snapshot.close();
  expect(await appliedSchemas(target.database)).toEqual(snapshot.schemas);
  expect(await appliedWarehouse(target.warehouse)).toEqual(await appliedWarehouse(warehouse));
  await fillDatabase(target.database, tables, sequences);
  for (const table of clones?.tables ?? []) {
    const path = join(folder, `${table.table}.zst`);
    const rows = (await clones?.copyOut(table, path)) ?? 0;
    expect(rows).toBe(2);
    await fillWarehouseTable(target.warehouse, { ...table, rows }, path);
  }
  await clones?.drop();

  const { rows: people } = await target.database.query('SELECT name FROM shop.people ORDER BY name');
  expect(people).toEqual([{ name: 'made by the migration' }, { name: odd }]);
  const { rows: orders } = await target.database.query(
    'SELECT id, before, doubled FROM shop.orders ORDER BY id',
  );
  expect(orders).toEqual([
    { id: 1, before: null, doubled: odd + odd },
    { id: 2, before: 1, doubled: odd + odd },
  ]);
  const next = await target.database.query<{ n: number }>(
    `INSERT INTO shop.orders (person) VALUES ($1) RETURNING id AS n`,
    [odd],
  );
  expect(next.rows[0]?.n).toBe(3);
  expect((await target.database.query("SELECT nextval('shop.numbers') AS n")).rows).toEqual([{ n: 3 }]);
  expect((await target.database.query('SELECT payload FROM event_log.batches')).rows).toEqual([
    { payload: '[["k",1]]' },
  ]);
  expect(await target.warehouse.query('SELECT name, revision, list FROM counted FINAL')).toEqual([
    { name: odd, revision: 2, list: [] },
  ]);
  const left = await warehouse.query(
    "SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, 'frozen_')",
  );
  expect(left).toEqual([]);
}, 120_000);

test('a table that does not take its rows leaves the database as it was', async () => {
  const before = await target.database.query('SELECT count(*) AS n FROM shop.orders');
  const snapshot = await freezeDatabase(target.database, async () => undefined);
  await snapshot.close();
  const path = join(folder, 'empty');
  await writeFile(path, '');
  const tables = snapshot.tables.map((table) => ({ ...table, rows: 1, open: () => createReadStream(path) }));
  await expect(fillDatabase(target.database, tables, [])).rejects.toThrow(/took 0 rows instead of 1/);
  expect(await target.database.query('SELECT count(*) AS n FROM shop.orders')).toEqual(before);
}, 60_000);

test('what was made can be taken back whole', async () => {
  await dropSchemas(target.database, ['shop']);
  await dropWarehouseTables(target.warehouse);
  expect((await appliedSchemas(target.database)).map(({ schema }) => schema)).toEqual(['event_log']);
  expect(await appliedWarehouse(target.warehouse)).toEqual([]);
}, 60_000);
