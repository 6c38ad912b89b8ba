// SPDX-License-Identifier: Apache-2.0
/**
 * Everything of a product in one archive, as of one instant, while the product runs. Files are gathered beside the
 * archive and packed at the end; the archive appears under its name only when it is whole.
 */
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { createZstdCompress } from 'node:zlib';
import { pipeline } from 'node:stream/promises';
import { PassThrough } from 'node:stream';
import {
  appliedWarehouse,
  freezeDatabase,
  OperatingError,
  prepareClones,
  type Config,
  type CopiedTable,
  type DatabaseSnapshot,
  type WarehouseClones,
} from '@wattledger/platform';
import { create } from 'tar';
import type { System } from '../wire.ts';
import { formatVersion, manifestName, manifestSumName, type Manifest } from './manifest.ts';
import { settingsOf } from './settings.ts';
import { sha256OfFile } from './sha256-of-file.ts';

export interface TakeBackupOptions {
  readonly system: System;
  readonly config: Config;
  readonly dataDirectory: string;
  /** The archive to make. */
  readonly file: string;
  readonly tell: (text: string) => void;
}

/** Plain files of the data directory that belong to the product. */
export const keptFolders = ['simulated-fleet'] as const;

/** @throws OperatingError when it stands on servers whose own tools must be used, or the file is there already */
export async function takeBackup(options: TakeBackupOptions): Promise<void> {
  const { config, file, tell } = options;
  refuseClusters(config);
  if (existsSync(file))
    throw new OperatingError('file-exists', `${file} is there already: name another file`, {
      retryable: false,
    });
  if (!existsSync(dirname(file)))
    throw new OperatingError('folder-missing', `there is no folder ${dirname(file)}: make it first`, {
      retryable: false,
    });
  const gathered = await mkdtemp(join(dirname(file), '.wattledger-backup-'));
  const partial = `${file}.partial`;
  try {
    const manifest = await gather(options, gathered);
    const text = JSON.stringify(manifest, null, 1);
    await writeFile(join(gathered, manifestName), text);
    await writeFile(join(gathered, manifestSumName), createHash('sha256').update(text).digest('hex'));
    const names = [manifestName, manifestSumName, ...manifest.files.map(({ path }) => path)];
    await create({ file: partial, cwd: gathered, portable: true, strict: true }, names);
    await keepWhole(partial, file);
    const rows = [...manifest.tables, ...manifest.warehouseTables].reduce(
      (sum, table) => sum + table.rows,
      0,
    );
    const megabytes = ((await stat(file)).size / 1_000_000).toFixed(1);
    tell(
      `${file}: ${megabytes} MB, ${rows.toLocaleString('en')} rows, as of ${new Date(manifest.takenAtMs).toISOString()}.`,
    );
  } finally {
    await rm(gathered, { recursive: true, force: true });
    await rm(partial, { force: true });
  }
}

/** It holds password hashes and everybody's balances: for its owner only. */
async function keepWhole(partial: string, file: string): Promise<void> {
  await chmod(partial, 0o600);
  const handle = await open(partial);
  await handle.sync();
  await handle.close();
  await rename(partial, file);
}

function refuseClusters({ kafkaBrokers, clickhouseCluster }: Config): void {
  if (kafkaBrokers === undefined && clickhouseCluster === undefined) return;
  throw new OperatingError(
    'backup-by-servers',
    'this product stands on Kafka or on a ClickHouse cluster, which one archive cannot hold together: stop the services, then use the tools of the servers (pg_dump, BACKUP … ON CLUSTER or clickhouse-backup, a copy of the Kafka topics); see docs/operating/backup.md',
    { retryable: false },
  );
}

async function gather(options: TakeBackupOptions, folder: string): Promise<Manifest> {
  const { system, config, dataDirectory, tell } = options;
  const { database, warehouse, clock } = system.parts;
  const { clone } = await prepareClones(warehouse);
  let clones: WarehouseClones | null = null;
  let takenAtMs = 0;
  const snapshot = await freezeDatabase(database, async () => {
    takenAtMs = clock.nowMs();
    clones = await clone();
  });
  // Assigned above; TypeScript does not follow the callback.
  const made = clones as WarehouseClones | null;
  if (made === null) throw new Error('the instant passed without clones');
  try {
    const copied = await copyDatabase(snapshot, folder, tell).finally(() => snapshot.close());
    const warehouseTables = await copyWarehouse(made, folder, tell);
    await copyFolders(dataDirectory, folder);
    return {
      format: 'wattledger-backup',
      formatVersion,
      takenAtMs,
      settings: settingsOf(config),
      schemas: snapshot.schemas.map(({ schema, checksums }) => ({ schema, checksums: [...checksums] })),
      warehouse: (await appliedWarehouse(warehouse)).map(({ name, checksums }) => ({
        name,
        checksums: [...checksums],
      })),
      ...copied,
      warehouseTables,
      files: await listFiles(folder),
    };
  } finally {
    await made.drop();
  }
}

async function copyDatabase(
  snapshot: DatabaseSnapshot,
  folder: string,
  tell: (text: string) => void,
): Promise<Pick<Manifest, 'tables' | 'sequences'>> {
  await mkdir(join(folder, 'database'));
  const tables: Manifest['tables'] = [];
  for (const table of snapshot.tables) {
    const file = `database/${table.schema}.${table.table}.zst`;
    const rows = await copyTable(snapshot, table, join(folder, file));
    tables.push({ ...table, columns: [...table.columns], rows, file });
  }
  tell(`database: ${String(tables.length)} tables`);
  return { tables, sequences: [...(await snapshot.sequences())] };
}

async function copyTable(snapshot: DatabaseSnapshot, table: CopiedTable, path: string): Promise<number> {
  const text = new PassThrough();
  const [rows] = await Promise.all([
    snapshot.copyOut(table, text),
    pipeline(text, createZstdCompress(), createWriteStream(path)),
  ]);
  return rows;
}

async function copyWarehouse(
  clones: WarehouseClones,
  folder: string,
  tell: (text: string) => void,
): Promise<Manifest['warehouseTables']> {
  await mkdir(join(folder, 'warehouse'));
  const tables: Manifest['warehouseTables'] = [];
  for (const table of clones.tables) {
    const file = `warehouse/${table.table}.tsv.zst`;
    const rows = await clones.copyOut(table, join(folder, file));
    tables.push({ ...table, columns: [...table.columns], rows, file });
    tell(`warehouse: ${table.table}, ${rows.toLocaleString('en')} rows`);
  }
  return tables;
}

async function copyFolders(dataDirectory: string, folder: string): Promise<void> {
  for (const name of keptFolders) {
    const from = join(dataDirectory, name);
    if (existsSync(from)) await cp(from, join(folder, 'files', name), { recursive: true });
  }
}

async function listFiles(folder: string): Promise<Manifest['files']> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
  const files: Manifest['files'] = [];
  for (const path of paths) {
    const full = join(folder, path);
    files.push({ path, bytes: (await stat(full)).size, sha256: await sha256OfFile(full) });
  }
  return files;
}
