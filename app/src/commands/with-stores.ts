// SPDX-License-Identifier: Apache-2.0
/** A command that needs the stores while no product runs on them: opens, migrates, works, closes. */
import { resolve } from 'node:path';
import { createLogger, readConfig, systemClock } from '@wattledger/platform';
import { openStores } from '../parts/open-parts.ts';
import { migrateAll, wireSystem, type System } from '../wire.ts';
import { isRunning, runInRunningProduct } from '../control/control-client.ts';
import type { ControlCommand, ControlLine } from '../control/control-protocol.ts';
import type { ControlHandler } from '../control/control-server.ts';

export function printLine(line: ControlLine): void {
  if (line.kind === 'text') console.log(line.text);
  if (line.kind === 'error') console.error(line.text);
}

export async function withStores<T>(dataDirectory: string, work: (system: System) => Promise<T>): Promise<T> {
  const config = readConfig(process.env);
  const logger = createLogger({ level: config.logLevel, name: 'command' });
  const stores = await openStores({ config, dataDirectory, clock: systemClock, logger });
  try {
    const system = wireSystem(stores, { clock: systemClock, logger, processName: 'command' });
    await migrateAll(system);
    return await work(system);
  } finally {
    await stores.close();
  }
}

/** Runs the command in the product that runs on this directory; when none does, in this process. */
export async function runAnywhere(
  dataDirectory: string,
  command: ControlCommand,
  options: unknown,
  handlerOf: (system: System) => ControlHandler,
): Promise<number> {
  const directory = resolve(dataDirectory);
  if (await isRunning(directory)) return await runInRunningProduct(directory, command, options, printLine);
  return await withStores(directory, (system) => handlerOf(system)(options, printLine));
}
