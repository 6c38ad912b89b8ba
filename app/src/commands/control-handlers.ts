// SPDX-License-Identifier: Apache-2.0
/** What the command line may ask of a running product. */
import { OperatingError, type Config } from '@wattledger/platform';
import type { ControlCommand } from '../control/control-protocol.ts';
import type { ControlHandler } from '../control/control-server.ts';
import type { System } from '../wire.ts';
import { backupHandler } from './backup.ts';
import { doctorHandler } from './doctor.ts';
import { importReadingsHandler } from './import-readings.ts';
import { importSiteHandler } from './import-site.ts';
import { rebuildHandler } from './rebuild.ts';

export function controlHandlers(
  system: System,
  config: Config,
  dataDirectory: string,
): Readonly<Record<ControlCommand, ControlHandler>> {
  let busy = false;
  /** A rebuild writes rows into the warehouse that no record of the log stands for: no copy may be taken meanwhile. */
  const oneAtATime =
    (handler: ControlHandler): ControlHandler =>
    async (options, print) => {
      if (busy)
        throw new OperatingError('product-busy', 'a backup or a rebuild is under way: wait for its end', {
          retryable: true,
        });
      busy = true;
      try {
        return await handler(options, print);
      } finally {
        busy = false;
      }
    };
  return {
    doctor: doctorHandler(system),
    'import-site': importSiteHandler(system),
    'import-readings': importReadingsHandler(system),
    rebuild: oneAtATime(rebuildHandler(system)),
    backup: oneAtATime(backupHandler(system, config, dataDirectory)),
  };
}
