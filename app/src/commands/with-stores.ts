// SPDX-License-Identifier: Apache-2.0
/** Commands that work on the stores: in the product that runs on the directory, or, when none does, by opening them. */
import { resolve } from 'node:path';
import type { Config } from '@wattledger/platform';
import { isRunning, runInRunningProduct } from '../control/control-client.ts';
import type { ControlCommand, ControlLine } from '../control/control-protocol.ts';
import type { ControlHandler } from '../control/control-server.ts';
import type { System } from '../wire.ts';
import { openProcess } from './process.ts';

/** To the terminal. */
export function printLine(line: ControlLine): void {
  if (line.kind === 'text') console.log(line.text);
  if (line.kind === 'error') console.error(line.text);
}

/** Runs the command in the product that runs on this directory; when none does, in this process. */
export async function runAnywhere(
  dataDirectory: string,
  command: ControlCommand,
  options: unknown,
  handlerOf: (system: System, config: Config, dataDirectory: string) => ControlHandler,
): Promise<number> {
  const directory = resolve(dataDirectory);
  if (await isRunning(directory)) return await runInRunningProduct(directory, command, options, printLine);
  const { config, lifecycle, system } = await openProcess('command', directory);
  try {
    return await handlerOf(system, config, directory)(options, printLine);
  } finally {
    await lifecycle.stop();
  }
}
