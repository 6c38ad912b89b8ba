// SPDX-License-Identifier: Apache-2.0
/** The one-machine product: every service in one process. */
import { resolve } from 'node:path';
import { createLogger, OperatingError, readConfig, systemClock, type Config } from '@wattledger/platform';
import type { Health } from '@wattledger/contracts/http/system';
import { openControlSocket } from '../control/control-server.ts';
import { isRunning } from '../control/control-client.ts';
import { controlHandlers } from '../control/control-handlers.ts';
import { openDemoSite, type DemoSite } from '../demo-site/demo-site.ts';
import { createSystemRoutes } from '../health/system-routes.ts';
import { listen } from '../http-server.ts';
import { openStores } from '../parts/open-parts.ts';
import { startUpkeep } from '../parts/upkeep.ts';
import { migrateAll, startAll, stopAll, wireSystem, type System } from '../wire.ts';
import { firstAdministrator } from './first-administrator.ts';
import { untilAskedToStop } from './stop-signals.ts';

export interface StartOptions {
  readonly data: string;
  readonly port?: number;
  readonly seed: string;
  readonly empty?: boolean;
}

/** Runs until it is asked to stop (SIGINT, SIGTERM); ends in order, with what is in hand finished. */
export async function start(options: StartOptions): Promise<number> {
  const config = readConfig(process.env);
  const dataDirectory = resolve(options.data);
  if (await isRunning(dataDirectory)) {
    throw new OperatingError('directory-in-use', `a product is already running on ${dataDirectory}: stop it, or name another directory with --data`, { retryable: false });
  }
  const logger = createLogger({ level: config.logLevel, name: 'wattledger' });
  const closers: (() => Promise<void>)[] = [];
  const stopRequested = untilAskedToStop();
  try {
    const stores = await openStores({ config, dataDirectory, clock: systemClock, logger });
    closers.push(() => stores.close());
    const system = wireSystem(stores, { clock: systemClock, logger, processName: 'wattledger' });
    await migrateAll(system);
    closers.push(() => stopAll(system.all));
    await startAll(system.all);
    closers.push(startUpkeep(system.parts));
    const demo = await beginDemo(system, dataDirectory, options, closers);
    const url = await open(system, config, options, dataDirectory, demo, closers);
    console.log(`Ready: ${url}`);
    demo?.startBackground();
    await stopRequested;
    console.log('Stopping …');
    return 0;
  } finally {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  }
}

/** The demo site where the data directory began with it or begins now; the first administrator where it begins empty. */
async function beginDemo(system: System, dataDirectory: string, options: StartOptions, closers: (() => Promise<void>)[]): Promise<DemoSite | null> {
  const empty = options.empty === true;
  const demo = empty ? null : await openDemoSite({ system, dataDirectory, print: console.log });
  if (demo === null) {
    await firstAdministrator(system.services.registry, console.log);
    return null;
  }
  closers.push(() => demo.stop());
  return demo;
}

async function open(system: System, config: Config, options: StartOptions, dataDirectory: string, demo: DemoSite | null, closers: (() => Promise<void>)[]): Promise<string> {
  const backfill = (): Health['backfill'] => demo?.progress() ?? null;
  const routes = [...system.all.flatMap((service) => service.routes), ...createSystemRoutes({ system, running: system.all, backfill })];
  const server = await listen(system, routes, { host: config.host, port: options.port ?? config.port });
  closers.push(() => server.close());
  const control = await openControlSocket(dataDirectory, controlHandlers(system));
  closers.push(() => control.close());
  return server.url;
}
