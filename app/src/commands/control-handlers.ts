// SPDX-License-Identifier: Apache-2.0
/** What the command line may ask of a running product. */
import type { ControlCommand } from '../control/control-protocol.ts';
import type { ControlHandler } from '../control/control-server.ts';
import type { System } from '../wire.ts';
import { doctorHandler } from './doctor.ts';
import { importReadingsHandler } from './import-readings.ts';
import { importSiteHandler } from './import-site.ts';
import { rebuildHandler } from './rebuild.ts';

export function controlHandlers(system: System): Readonly<Record<ControlCommand, ControlHandler>> {
  return {
    doctor: doctorHandler(system),
    'import-site': importSiteHandler(system),
    'import-readings': importReadingsHandler(system),
    rebuild: rebuildHandler(system),
  };
}
