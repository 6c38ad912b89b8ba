// SPDX-License-Identifier: Apache-2.0
import {
  appliedSchemas,
  appliedWarehouse,
  openDatabase,
  openServerWarehouse,
  OperatingError,
  type Config,
} from '@wattledger/platform';

/**
 * Servers cannot be put aside as a directory can: they must be empty.
 * @throws OperatingError server-not-empty
 */
export async function refuseFilledServers({ databaseUrl, clickhouseUrl }: Config): Promise<void> {
  if (databaseUrl !== undefined) {
    const database = await openDatabase(databaseUrl);
    const found = await appliedSchemas(database).finally(() => database.close());
    if (found.length > 0) throw notEmpty('DATABASE_URL');
  }
  if (clickhouseUrl !== undefined) {
    const warehouse = await openServerWarehouse(clickhouseUrl);
    const found = await appliedWarehouse(warehouse).finally(() => warehouse.close());
    if (found.length > 0) throw notEmpty('CLICKHOUSE_URL');
  }
}

function notEmpty(variable: string): OperatingError {
  return new OperatingError(
    'server-not-empty',
    `the database named by ${variable} holds a product already: make an empty one and name that. Nothing was restored.`,
    { retryable: false },
  );
}
