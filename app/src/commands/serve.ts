// SPDX-License-Identifier: Apache-2.0
/** One service as a process of its own, against the servers named in the environment. */
import { createLogger, OperatingError, readConfig, systemClock, type Config } from '@wattledger/platform';
import { createSystemRoutes } from '../health/system-routes.ts';
import { listen } from '../http-server.ts';
import { openStores } from '../parts/open-parts.ts';
import { startUpkeep } from '../parts/upkeep.ts';
import { migrateAll, wireSystem, type ServiceName } from '../wire.ts';
import { firstAdministrator } from './first-administrator.ts';
import { untilAskedToStop } from './stop-signals.ts';

/** @throws OperatingError when a server is not named: a service alone cannot own an embedded store */
function requireServers(config: Config): void {
  const missing = [
    ...(config.databaseUrl === undefined ? ['DATABASE_URL'] : []),
    ...(config.clickhouseUrl === undefined ? ['CLICKHOUSE_URL'] : []),
  ];
  if (missing.length === 0) return;
  throw new OperatingError('servers-not-named', `serve needs ${missing.join(' and ')} in the environment; for one machine use start`, { retryable: false });
}

export async function serve(name: ServiceName): Promise<number> {
  const config = readConfig(process.env);
  requireServers(config);
  const logger = createLogger({ level: config.logLevel, name });
  const closers: (() => Promise<void>)[] = [];
  const stopRequested = untilAskedToStop();
  try {
    // The directory is not used: both stores are servers.
    const stores = await openStores({ config, dataDirectory: process.env['DATA_DIR'] ?? './data', clock: systemClock, logger });
    closers.push(() => stores.close());
    const system = wireSystem(stores, { clock: systemClock, logger, processName: name });
    await migrateAll(system);
    const service = system.services[name];
    closers.push(() => service.stop());
    await service.start();
    closers.push(startUpkeep(system.parts));
    if (name === 'registry') await firstAdministrator(system.services.registry, console.log);
    const routes = [...service.routes, ...createSystemRoutes({ system, running: [service], backfill: () => null })];
    const server = await listen(system, routes, config);
    closers.push(() => server.close());
    console.log(`Ready: ${server.url} (${name})`);
    await stopRequested;
    return 0;
  } finally {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  }
}
