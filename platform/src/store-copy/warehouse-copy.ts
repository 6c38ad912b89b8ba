// SPDX-License-Identifier: Apache-2.0
/** The tables of the warehouse as they stood at one instant: clones share the parts on the disk and cost milliseconds. */
import { randomBytes } from 'node:crypto';
import type { Warehouse } from '../warehouse/port.ts';
import { checkedName } from '../warehouse/sql-literal.ts';
import { tableFilesOf } from './table-files.ts';

export interface WarehouseTable {
  readonly table: string;
  readonly columns: readonly string[];
}
export interface AppliedWarehouse {
  readonly name: string;
  readonly checksums: readonly string[];
}
export interface WarehouseClones {
  readonly tables: readonly WarehouseTable[];
  /** Writes the rows of a clone to a file; answers how many. */
  copyOut(table: WarehouseTable, path: string): Promise<number>;
  drop(): Promise<void>;
}

const clonePrefix = 'frozen_';

/** Looks what there is; `clone` then takes all tables at once. Clones that a backup left behind when it died are removed. */
export async function prepareClones(
  warehouse: Warehouse,
): Promise<{ readonly clone: () => Promise<WarehouseClones> }> {
  for (const { table } of await listTables(warehouse, true))
    await warehouse.command(`DROP TABLE IF EXISTS ${checkedName(table)} SYNC`);
  const tables = await listTables(warehouse, false);
  const mark = `${clonePrefix}${randomBytes(4).toString('hex')}_`;
  const clones: WarehouseClones = {
    tables,
    copyOut: async ({ table, columns }, path) =>
      await tableFilesOf(warehouse).write(
        `SELECT ${columns.map(checkedName).join(', ')} FROM ${checkedName(mark + table)}`,
        path,
      ),
    drop: async () => {
      for (const { table } of tables)
        await warehouse.command(`DROP TABLE IF EXISTS ${checkedName(mark + table)} SYNC`);
    },
  };
  return {
    clone: async () => {
      for (const { table } of tables)
        await warehouse.command(`CREATE TABLE ${checkedName(mark + table)} CLONE AS ${checkedName(table)}`);
      return clones;
    },
  };
}

async function listTables(warehouse: Warehouse, clones: boolean): Promise<readonly WarehouseTable[]> {
  return await warehouse.query<WarehouseTable>(
    `SELECT t.name AS table, groupArray(c.name) AS columns
     FROM system.tables AS t
     JOIN (SELECT table, name FROM system.columns WHERE database = currentDatabase() AND default_kind NOT IN ('MATERIALIZED', 'ALIAS') ORDER BY table, position) AS c ON c.table = t.name
     WHERE t.database = currentDatabase() AND t.engine LIKE '%MergeTree' AND t.name <> 'warehouse_migrations'
       AND startsWith(t.name, {prefix:String}) = {clones:Bool}
     GROUP BY t.name ORDER BY t.name`,
    { prefix: clonePrefix, clones },
  );
}

export async function appliedWarehouse(warehouse: Warehouse): Promise<readonly AppliedWarehouse[]> {
  const known = await warehouse.query<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = currentDatabase() AND name = 'warehouse_migrations'`,
  );
  if (known.length === 0) return [];
  return await warehouse.query<AppliedWarehouse>(
    `SELECT m.name AS name, arrayMap(x -> x.2, arraySort(x -> x.1, groupArray((m.number, m.checksum)))) AS checksums
     FROM warehouse_migrations AS m FINAL GROUP BY m.name ORDER BY m.name`,
  );
}

/**
 * Reads a file into its migrated, empty table.
 * @throws Error when the table does not hold exactly its rows then
 */
export async function fillWarehouseTable(
  warehouse: Warehouse,
  { table, columns, rows }: WarehouseTable & { readonly rows: number },
  path: string,
): Promise<void> {
  await warehouse.command(`TRUNCATE TABLE ${checkedName(table)}`);
  // No merge may drop a row before the rows have been counted.
  await warehouse.command(`SYSTEM STOP MERGES ${checkedName(table)}`);
  if (rows > 0) await tableFilesOf(warehouse).read(table, columns, path);
  const [found] = await warehouse.query<{ rows: number }>(
    `SELECT count() AS rows FROM ${checkedName(table)}`,
  );
  await warehouse.command(`SYSTEM START MERGES ${checkedName(table)}`);
  if (found?.rows !== rows)
    throw new Error(`${table} holds ${String(found?.rows)} rows instead of ${String(rows)}`);
}

/** Takes back what a failed restore has made in a database that was empty before. */
export async function dropWarehouseTables(warehouse: Warehouse): Promise<void> {
  for (const { table } of await listTables(warehouse, false))
    await warehouse.command(`DROP TABLE IF EXISTS ${checkedName(table)} SYNC`);
  await warehouse.command('DROP TABLE IF EXISTS warehouse_migrations SYNC');
}
