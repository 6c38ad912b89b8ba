// SPDX-License-Identifier: Apache-2.0
/** What every long-running process and every command begins with: configuration, logger, opened stores, wired services. */
import {
  createLifecycle,
  createLogger,
  readConfig,
  systemClock,
  type Config,
  type Lifecycle,
} from '@wattledger/platform';
import { callersOptions } from '../parts/callers-options.ts';
import { openStores } from '../parts/open-parts.ts';
import { migrateAll, wireSystem, type System } from '../wire.ts';

export interface OpenedProcess {
  readonly config: Config;
  readonly lifecycle: Lifecycle;
  readonly system: System;
}

/** Opens the stores and brings their tables up to date. Nothing runs yet. */
export async function openProcess(
  processName: string,
  dataDirectory: string,
  { oneMachine = false }: { readonly oneMachine?: boolean } = {},
): Promise<OpenedProcess> {
  const config = readConfig(process.env);
  const logger = createLogger({ level: config.logLevel, name: processName });
  const lifecycle = createLifecycle({ logger });
  try {
    const stores = await openStores({ config, dataDirectory, clock: systemClock, logger, lifecycle });
    const system = wireSystem(stores, {
      clock: systemClock,
      logger,
      processName,
      channels: config.channels,
      payments: { providers: config.payments, publicOrigin: config.publicOrigins[0] ?? null },
      trialKeys: config.meterPrepayment.trialKeys,
      callers: await callersOptions(config, oneMachine),
    });
    await migrateAll(system);
    return { config, lifecycle, system };
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}
