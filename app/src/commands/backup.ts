// SPDX-License-Identifier: Apache-2.0
import type { Config } from '@wattledger/platform';
import { takeBackup } from '../backup/take-backup.ts';
import type { ControlHandler } from '../control/control-server.ts';
import type { System } from '../wire.ts';

/** Writes everything into one archive, as of one instant. */
export function backupHandler(system: System, config: Config, dataDirectory: string): ControlHandler {
  return async (options, print) => {
    const { file } = options as { readonly file: string };
    await takeBackup({
      system,
      config,
      dataDirectory,
      file,
      tell: (text) => {
        print({ kind: 'text', text });
      },
    });
    return 0;
  };
}
