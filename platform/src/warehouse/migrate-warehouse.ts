// SPDX-License-Identifier: Apache-2.0
import type { MigrateWarehouse, Warehouse } from './port.ts';
import { pendingMigrations, readMigrationFiles, type AppliedMigration } from '../migration-files.ts';
import { checkedName } from './sql-literal.ts';

/** Where the tables live. */
export interface WarehouseTopology {
  /** Name of the ClickHouse cluster; null = a single engine (chDB or one server). */
  readonly cluster: string | null;
  /** Flush inserted parts to the disk before answering: where no replica holds them too. */
  readonly flushed?: boolean;
}
const topologyOf = new WeakMap<Warehouse, WarehouseTopology>();

/** Tells migrations that this warehouse is a cluster: engines become replicated and DDL runs on every node. */
export function declareTopology(warehouse: Warehouse, topology: WarehouseTopology): void {
  topologyOf.set(warehouse, topology);
}

/**
 * Fills the placeholders of a migration: `:on_cluster` → `ON CLUSTER name` or nothing, and `:engine(X(args))` →
 * `X(args)` or `ReplicatedX(args)` (paths and replica names come from the server's default_replica_path macros).
 */
export function fillPlaceholders(sql: string, topology: WarehouseTopology): string {
  const onCluster = topology.cluster === null ? '' : `ON CLUSTER '${topology.cluster}'`;
  const withEngines = sql.replace(
    /:engine\(\s*([A-Za-z]+)\s*((?:\([^()]*\))?)\s*\)/g,
    (_match, engine: string, parameters: string) =>
      topology.cluster === null ? `${engine}${parameters}` : `Replicated${engine}${parameters}`,
  );
  if (/:engine\(/.test(withEngines))
    throw new Error(
      'a migration has an :engine(…) that cannot be read: write :engine(ReplacingMergeTree(revision))',
    );
  return withEngines.replace(/:on_cluster\b/g, onCluster);
}

/** Statements of a file, parted by lines that hold only `;`. */
export function splitStatements(sql: string): readonly string[] {
  return sql
    .split(/^;\s*$/m)
    .map((statement) => statement.trim().replace(/;$/, ''))
    .filter((statement) => statement.replace(/--.*$/gm, '').trim() !== '');
}

/**
 * Applies pending files in order. ClickHouse has no transactions over DDL: a file's number is recorded after its last
 * statement, and a file interrupted half-way runs again, so statements must be repeatable (IF NOT EXISTS).
 * Takes no lock: where several processes start at once, the composition root runs it within `withMigrationLock`.
 * @throws OperatingError schema-newer, schema-changed
 */
export const migrateWarehouse: MigrateWarehouse = async (warehouse, { name, directory }) => {
  const topology = topologyOf.get(warehouse) ?? { cluster: null };
  const files = await readMigrationFiles(directory);
  await warehouse.command(
    fillPlaceholders(
      `CREATE TABLE IF NOT EXISTS warehouse_migrations :on_cluster (name String, number UInt32, file String, checksum String, applied_at DateTime('UTC') DEFAULT now())
       ENGINE = :engine(ReplacingMergeTree) ORDER BY (name, number)`,
      topology,
    ),
  );
  const applied = await warehouse.query<AppliedMigration>(
    'SELECT number, checksum FROM warehouse_migrations FINAL WHERE name = {name:String} ORDER BY number',
    { name },
  );
  for (const file of pendingMigrations(`warehouse tables of ${name}`, files, applied)) {
    for (const statement of splitStatements(fillPlaceholders(file.sql, topology)))
      await warehouse.command(statement);
    await warehouse.insert(
      'warehouse_migrations',
      ['name', 'number', 'file', 'checksum'],
      [[name, file.number, file.name, file.checksum]],
    );
  }
  if (topology.flushed === true) await flushInserts(warehouse);
};

/** Positions of the log are committed after the insert has answered: a power cut must not take what they stand for. Costs 3–6 ms an insert. */
async function flushInserts(warehouse: Warehouse): Promise<void> {
  const tables = await warehouse.query<{ name: string }>(
    `SELECT name FROM system.tables
     WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND NOT match(engine_full, 'fsync_after_insert = (1|true)')`,
  );
  for (const { name } of tables)
    await warehouse.command(
      `ALTER TABLE ${checkedName(name)} MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1`,
    );
}
