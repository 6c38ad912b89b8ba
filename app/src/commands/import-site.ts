// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { siteFileBytesMax } from '@wattledger/contracts/http/registry';
import { systemPrincipal } from '@wattledger/registry';
import type { ControlHandler } from '../control/control-server.ts';
import type { System } from '../wire.ts';
import { readableFile } from './readable-file.ts';

interface ImportSiteCommand {
  readonly file: string;
  readonly dryRun: boolean;
}

/** Takes a site file, or lists every fault of it and changes nothing; 1 when it has faults. */
export function importSiteHandler(system: System): ControlHandler {
  return async (options, print) => {
    const { file, dryRun } = options as ImportSiteCommand;
    await readableFile(file, siteFileBytesMax);
    const answer = await system.services.registry.importSite(await readFile(file), {
      dryRun,
      principal: systemPrincipal,
    });
    for (const { sheet, row, column, message } of answer.faults) {
      const place = [sheet, row === null ? null : `row ${String(row)}`, column]
        .filter((part) => part !== null)
        .join(', ');
      print({ kind: 'error', text: `${place}: ${message}` });
    }
    if (answer.faultsTotal > 0) {
      print({
        kind: 'error',
        text: `${String(answer.faultsTotal)} faults; nothing was changed. Mend the file and try again.`,
      });
      return 1;
    }
    for (const [name, count] of Object.entries(answer.counts)) {
      print({
        kind: 'text',
        text: `${name.padEnd(16)} ${String(count.created)} created, ${String(count.updated)} updated, ${String(count.unchanged)} unchanged`,
      });
    }
    print({
      kind: 'text',
      text: dryRun
        ? 'The file is sound; nothing was changed (dry run).'
        : `Project ${answer.projectId ?? ''}`,
    });
    return 0;
  };
}
