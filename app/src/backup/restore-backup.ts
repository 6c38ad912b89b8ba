// SPDX-License-Identifier: Apache-2.0
/**
 * Makes a data directory out of an archive. Everything happens in a folder beside it, which takes the directory's name
 * only when it is whole: a restore that fails or is killed leaves nothing behind that could be mistaken for a product.
 */
import { createReadStream, existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createZstdDecompress } from 'node:zlib';
import {
  appliedSchemas,
  appliedWarehouse,
  dropSchemas,
  dropWarehouseTables,
  fillDatabase,
  fillWarehouseTable,
  OperatingError,
  type Config,
  type Parts,
} from '@wattledger/platform';
import { isRunning } from '../control/control-client.ts';
import { openProcess, type OpenedProcess } from '../commands/process.ts';
import { migrateProgress } from '../demo-site/progress-store.ts';
import type { Manifest } from './manifest.ts';
import { settingsOf } from './settings.ts';
import { refuseFilledServers } from './target-servers.ts';
import { unpackArchive } from './unpack-archive.ts';

export interface RestoreBackupOptions {
  readonly file: string;
  readonly dataDirectory: string;
  readonly config: Config;
  /** Put what is in the directory aside. */
  readonly replace: boolean;
  readonly tell: (text: string) => void;
  /** Looks at the restored stores before they take their place. */
  readonly prove: (opened: OpenedProcess) => Promise<void>;
}

/** @throws OperatingError that says why nothing was restored */
export async function restoreBackup(options: RestoreBackupOptions): Promise<void> {
  const { file, dataDirectory, config, replace, tell } = options;
  await refuseTarget(options);
  await mkdir(dirname(dataDirectory), { recursive: true });
  const beside = await mkdtemp(join(dirname(dataDirectory), '.wattledger-restore-'));
  try {
    const unpacked = join(beside, 'archive');
    await mkdir(unpacked);
    const manifest = await unpackArchive(file, unpacked);
    tell(`The archive is whole: taken ${new Date(manifest.takenAtMs).toISOString()}.`);
    const made = join(beside, 'data');
    await mkdir(made, { mode: 0o711 });
    await fillStores(options, manifest, unpacked, made);
    const files = join(unpacked, 'files');
    if (existsSync(files)) await cp(files, made, { recursive: true });
    await takePlace(made, dataDirectory, replace, tell);
    tell(`Restored into ${dataDirectory}.${settingsText(manifest, config)}`);
  } finally {
    // Unpacking that failed may still be writing a last file.
    await rm(beside, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

async function refuseTarget({ dataDirectory, config, replace }: RestoreBackupOptions): Promise<void> {
  if (config.kafkaBrokers !== undefined || config.clickhouseCluster !== undefined)
    throw refused(
      'restore-by-servers',
      'an archive holds the built-in event log and single servers: restore without KAFKA_BROKERS and CLICKHOUSE_CLUSTER',
    );
  if (await isRunning(dataDirectory))
    throw refused('directory-in-use', `a product is running on ${dataDirectory}: stop it first`);
  const found = await readdir(dataDirectory).catch(() => []);
  if (found.length > 0 && !replace)
    throw refused(
      'directory-not-empty',
      `${dataDirectory} is not empty: name another directory with --data, or say --replace to put what is there aside`,
    );
  await refuseFilledServers(config);
}

async function fillStores(
  { prove, tell, config }: RestoreBackupOptions,
  manifest: Manifest,
  unpacked: string,
  made: string,
): Promise<void> {
  const opened = await openProcess('restore', made);
  const { parts } = opened.system;
  try {
    if (manifest.schemas.some(({ schema }) => schema === 'demo_site')) await migrateProgress(parts.database);
    await compareVersions(parts, manifest);
    await fillDatabase(
      parts.database,
      manifest.tables.map((table) => ({
        ...table,
        open: () => createReadStream(join(unpacked, table.file)).pipe(createZstdDecompress()),
      })),
      manifest.sequences,
    );
    tell(`database: ${String(manifest.tables.length)} tables`);
    for (const table of manifest.warehouseTables) {
      await fillWarehouseTable(parts.warehouse, table, join(unpacked, table.file));
      tell(`warehouse: ${table.table}, ${table.rows.toLocaleString('en')} rows`);
    }
    await prove(opened);
  } catch (error) {
    // Embedded stores go with their folder.
    if (config.databaseUrl !== undefined)
      await dropSchemas(
        parts.database,
        manifest.schemas.map(({ schema }) => schema),
      );
    if (config.clickhouseUrl !== undefined) await dropWarehouseTables(parts.warehouse);
    throw error;
  } finally {
    await opened.lifecycle.stop();
  }
}

/** Tables are filled as the program makes them: it must be the one that wrote the archive. */
async function compareVersions({ database, warehouse }: Parts, manifest: Manifest): Promise<void> {
  const schemas = (await appliedSchemas(database)).map(({ schema, checksums }) => ({
    name: `schema ${schema}`,
    checksums,
  }));
  const tables = (await appliedWarehouse(warehouse)).map(({ name, checksums }) => ({
    name: `warehouse tables of ${name}`,
    checksums,
  }));
  const known = new Map([...schemas, ...tables].map(({ name, checksums }) => [name, checksums]));
  const wanted = [
    ...manifest.schemas.map(({ schema, checksums }) => ({ name: `schema ${schema}`, checksums })),
    ...manifest.warehouse.map(({ name, checksums }) => ({ name: `warehouse tables of ${name}`, checksums })),
  ];
  for (const { name, checksums } of wanted) {
    const found = known.get(name) ?? [];
    if (found.join() === checksums.join()) continue;
    throw refused(
      'backup-other-version',
      `the archive has the ${name} at version ${String(checksums.length)}, this program makes version ${String(found.length)}: restore with the program that made the archive; a newer one started on the directory then brings it up to date. Nothing was restored`,
    );
  }
}

async function takePlace(
  made: string,
  dataDirectory: string,
  replace: boolean,
  tell: (text: string) => void,
): Promise<void> {
  const found = await readdir(dataDirectory).catch(() => null);
  if (found !== null && found.length > 0 && replace) {
    const aside = `${dataDirectory}.before-restore-${new Date().toISOString().replaceAll(':', '-')}`;
    await rename(dataDirectory, aside);
    tell(`What was there is kept in ${aside}.`);
  } else if (found !== null) {
    await rmdir(dataDirectory);
  }
  await rename(made, dataDirectory);
}

/** What to set where the copy shall run as the original did. */
function settingsText(manifest: Manifest, config: Config): string {
  const now = settingsOf(config);
  const other = Object.entries(manifest.settings).filter(([name, value]) => now[name] !== value);
  return other.length === 0
    ? ''
    : ` It ran with ${other.map(([name, value]) => `${name}=${value}`).join(' ')}; set what shall hold here too.`;
}

function refused(code: string, message: string): OperatingError {
  return new OperatingError(code, message, { retryable: false });
}
