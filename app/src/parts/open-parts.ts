// SPDX-License-Identifier: Apache-2.0
/**
 * The outside stores of a process. On one machine everything is embedded in the data directory; an address in the
 * environment puts a server in the place of the embedded part.
 */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  openChdbWarehouse,
  openDatabase,
  openServerWarehouse,
  startEmbeddedPostgres,
  type Clock,
  type Config,
  type Database,
  type EventLog,
  type Warehouse,
} from '@wattledger/platform';
import type { Logger } from 'pino';
import { openEventLog } from './open-event-log.ts';

export interface OpenedStores {
  readonly database: Database;
  readonly warehouse: Warehouse;
  readonly eventLog: EventLog;
  /** Closes in the reverse order of opening. */
  close(): Promise<void>;
}

export interface OpenStoresOptions {
  readonly config: Config;
  readonly dataDirectory: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Opens what the configuration names, embedded where it names nothing. Nothing stays open when a part fails. */
export async function openStores({ config, dataDirectory, clock, logger }: OpenStoresOptions): Promise<OpenedStores> {
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) await closer();
  };
  try {
    const directory = resolve(dataDirectory);
    // What is kept here is money and people's habits: nobody else's to read.
    await mkdir(directory, { recursive: true, mode: 0o711 });
    const databaseUrl = config.databaseUrl ?? (await embeddedDatabaseUrl(join(directory, 'postgres'), closers));
    const database = await openDatabase(databaseUrl, { applicationName: 'wattledger', onConnectionError: (error) => logger.warn({ err: error }, 'a database connection broke and is replaced') });
    closers.push(() => database.close());
    const warehouse = config.clickhouseUrl === undefined ? await openChdbWarehouse({ directory: join(directory, 'warehouse') }) : await openServerWarehouse(config.clickhouseUrl);
    closers.push(() => warehouse.close());
    const eventLog = await openEventLog(config, database, clock, logger);
    closers.push(() => eventLog.close());
    return { database, warehouse, eventLog, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function embeddedDatabaseUrl(directory: string, closers: (() => Promise<void>)[]): Promise<string> {
  const postgres = await startEmbeddedPostgres({ directory, databaseName: 'wattledger' });
  closers.push(() => postgres.stop());
  return postgres.url;
}
