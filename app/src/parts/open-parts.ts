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
  type Lifecycle,
  type Warehouse,
} from '@wattledger/platform';
import type { Logger } from 'pino';
import { openEventLog } from './open-event-log.ts';

export interface Stores {
  readonly database: Database;
  readonly warehouse: Warehouse;
  readonly eventLog: EventLog;
}

export interface OpenStoresOptions {
  readonly config: Config;
  readonly dataDirectory: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Closes what was opened, in the reverse order, also when a later part fails. */
  readonly lifecycle: Lifecycle;
}

/** Opens what the configuration names, embedded where it names nothing. */
export async function openStores({
  config,
  dataDirectory,
  clock,
  logger,
  lifecycle,
}: OpenStoresOptions): Promise<Stores> {
  const directory = resolve(dataDirectory);
  const url = config.databaseUrl ?? (await embeddedDatabaseUrl(directory, lifecycle));
  const database = await lifecycle.start(
    'database',
    () =>
      openDatabase(url, {
        applicationName: 'wattledger',
        onConnectionError: (error) => {
          logger.warn({ cause: error.message }, 'a database connection broke and is replaced');
        },
      }),
    (part) => part.close(),
  );
  const warehouse = await lifecycle.start(
    'warehouse',
    () =>
      config.clickhouseUrl === undefined
        ? embeddedWarehouse(directory)
        : openServerWarehouse(
            config.clickhouseUrl,
            config.clickhouseCluster === undefined ? {} : { cluster: config.clickhouseCluster },
          ),
    (part) => part.close(),
  );
  const eventLog = await lifecycle.start(
    'event log',
    () => openEventLog({ config, database, clock, logger }),
    (part) => part.close(),
  );
  return { database, warehouse, eventLog };
}

async function embeddedDatabaseUrl(directory: string, lifecycle: Lifecycle): Promise<string> {
  // Others may pass through (Postgres runs as a user of its own when we are root), nobody may look inside.
  await mkdir(directory, { recursive: true, mode: 0o711 });
  const postgres = await lifecycle.start(
    'embedded Postgres',
    () => startEmbeddedPostgres({ directory: join(directory, 'postgres'), databaseName: 'wattledger' }),
    (part) => part.stop(),
  );
  return postgres.url;
}

async function embeddedWarehouse(directory: string): Promise<Warehouse> {
  await mkdir(directory, { recursive: true, mode: 0o711 });
  return await openChdbWarehouse({ directory: join(directory, 'warehouse') });
}
