// SPDX-License-Identifier: Apache-2.0
/** The one-machine product: every service in one process. */
import { resolve } from 'node:path';
import { OperatingError } from '@wattledger/platform';
import type { Health } from '@wattledger/contracts/http/system';
import { openControlSocket } from '../control/control-server.ts';
import { isRunning } from '../control/control-client.ts';
import { openDemoSite, type DemoSite } from '../demo-site/demo-site.ts';
import { createSystemRoutes } from '../health/system-routes.ts';
import { listen } from '../http-server.ts';
import { startUpkeep } from '../parts/upkeep.ts';
import { controlHandlers } from './control-handlers.ts';
import { firstAdministrator } from './first-administrator.ts';
import { openProcess, type OpenedProcess } from './process.ts';

export interface StartOptions {
  readonly data: string;
  readonly port?: number;
  readonly seed: string;
  readonly empty?: boolean;
}

/** Runs until it is asked to stop (SIGINT, SIGTERM), then ends in order, with what is in hand finished. */
export async function start(options: StartOptions): Promise<never> {
  const dataDirectory = resolve(options.data);
  if (await isRunning(dataDirectory)) {
    throw new OperatingError(
      'directory-in-use',
      `a product is already running on ${dataDirectory}: stop it, or name another directory with --data`,
      { retryable: false },
    );
  }
  const opened = await openProcess('wattledger', dataDirectory, { oneMachine: true });
  const { lifecycle, system } = opened;
  lifecycle.handleSignals();
  try {
    for (const service of system.all)
      await lifecycle.start(
        service.name,
        () => service.start(),
        () => service.stop(),
      );
    lifecycle.onStop('upkeep', startUpkeep(system.parts));
    const demo =
      options.empty === true ? null : await openDemoSite({ system, dataDirectory, print: console.log });
    if (demo === null) await firstAdministrator(system.services.registry, console.log);
    else lifecycle.onStop('demo site', () => demo.stop());
    const url = await openToTheWorld(opened, options, dataDirectory, demo);
    console.log(`Ready: ${url}`);
    demo?.startBackground();
    return await new Promise<never>(() => undefined);
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}

async function openToTheWorld(
  { config, lifecycle, system }: OpenedProcess,
  options: StartOptions,
  dataDirectory: string,
  demo: DemoSite | null,
): Promise<string> {
  const backfill = (): Health['backfill'] => demo?.progress() ?? null;
  const routes = [
    ...system.all.flatMap((service) => service.routes),
    ...createSystemRoutes({ system, running: system.all, backfill }),
  ];
  const server = await lifecycle.start(
    'HTTP server',
    () => listen(system, routes, { ...config, port: options.port ?? config.port }),
    (part) => part.close(),
  );
  await lifecycle.start(
    'control socket',
    () => openControlSocket(dataDirectory, controlHandlers(system, config, dataDirectory)),
    (part) => part.close(),
  );
  return server.url;
}
