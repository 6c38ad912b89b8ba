// SPDX-License-Identifier: Apache-2.0
import { readConfig } from '@wattledger/platform';

/**
 * Validates the configuration; tells what will be used, without its passwords.
 * @throws ConfigError that names every fault
 */
export function check(): number {
  const config = readConfig(process.env);
  console.log(
    `database   ${withoutPassword(config.databaseUrl) ?? 'embedded Postgres in the data directory'}`,
  );
  console.log(
    `warehouse  ${withoutPassword(config.clickhouseUrl) ?? 'embedded ClickHouse (chDB) in the data directory'}`,
  );
  console.log(`event log  ${config.kafkaBrokers?.join(', ') ?? 'built in, kept in the database'}`);
  console.log(`listens on ${config.host}:${String(config.port)}`);
  return 0;
}

function withoutPassword(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  const shown = new URL(url);
  if (shown.password !== '') shown.password = '***';
  return shown.href;
}
