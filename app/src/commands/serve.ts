// SPDX-License-Identifier: Apache-2.0
/** One service as a process of its own, against the servers named in the environment. */
import { OperatingError, readConfig, type Config } from '@wattledger/platform';
import { createSystemRoutes } from '../health/system-routes.ts';
import { listen } from '../http-server.ts';
import { startUpkeep } from '../parts/upkeep.ts';
import type { ServiceName } from '../wire.ts';
import { firstAdministrator } from './first-administrator.ts';
import { openProcess } from './process.ts';

/** @throws OperatingError when a server is not named: a service alone cannot own an embedded store */
function requireServers(config: Config): void {
  const missing = [
    ...(config.databaseUrl === undefined ? ['DATABASE_URL'] : []),
    ...(config.clickhouseUrl === undefined ? ['CLICKHOUSE_URL'] : []),
  ];
  if (missing.length === 0) return;
  throw new OperatingError(
    'servers-not-named',
    `serve needs ${missing.join(' and ')} in the environment; for one machine use start`,
    { retryable: false },
  );
}

/** Runs until it is asked to stop. */
export async function serve(name: ServiceName): Promise<never> {
  requireServers(readConfig(process.env));
  const { config, lifecycle, system } = await openProcess(name, '.');
  lifecycle.handleSignals();
  try {
    const service = system.services[name];
    await lifecycle.start(
      name,
      () => service.start(),
      () => service.stop(),
    );
    lifecycle.onStop('upkeep', startUpkeep(system.parts));
    if (name === 'registry') await firstAdministrator(system.services.registry, console.log);
    const routes = [
      ...service.routes,
      ...createSystemRoutes({ system, running: [service], backfill: () => null }),
    ];
    const server = await lifecycle.start(
      'HTTP server',
      () => listen(system, routes, config),
      (part) => part.close(),
    );
    console.log(`Ready: ${server.url} (${name})`);
    return await new Promise<never>(() => undefined);
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}
