// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import {
  faultPolicies,
  type FaultPolicy,
  type ImportFormatInput,
  type ImportJob,
} from '@wattledger/contracts/http/ingest';
import { OperatingError } from '@wattledger/platform';
import { systemPrincipal } from '@wattledger/registry';
import { Option, type Command } from 'commander';
import type { ControlHandler } from '../control/control-server.ts';
import type { System } from '../wire.ts';
import { readableFile } from './readable-file.ts';

interface ImportReadingsCommand {
  readonly file: string;
  readonly project: string;
  readonly format: string;
  readonly onFault: FaultPolicy;
}

/** The options of `import-readings`. */
export function importReadingsOptions(command: Command): Command {
  return command
    .requiredOption('--project <id>', 'id or code of the project')
    .requiredOption(
      '--format <json>',
      'what the file looks like: a .json file, or the JSON itself; see docs/operating/importing.md',
    )
    .addOption(
      new Option('--on-fault <policy>', 'stop at the first faulty row, or keep going and list it')
        .choices([...faultPolicies])
        .default('stop'),
    );
}

/** Reads a file of readings into the event log with progress; 1 when it did not end well. */
export function importReadingsHandler(system: System): ControlHandler {
  return async (options, print) => {
    const { file, project, format, onFault } = options as ImportReadingsCommand;
    await readableFile(file);
    let toldPercent = -1;
    const job = await system.services.ingest.importReadings({
      file,
      projectId: await projectIdOf(system, project),
      format: await formatOf(format),
      onFault,
      createdBy: systemPrincipal.name,
      onProgress: ({ bytesRead, bytesTotal, valuesRead }) => {
        const percent = bytesTotal === null ? 0 : Math.floor((bytesRead / Math.max(1, bytesTotal)) * 20) * 5;
        if (percent > toldPercent)
          print({
            kind: 'text',
            text: `${String(percent).padStart(3)} %  ${valuesRead.toLocaleString('en')} values`,
          });
        toldPercent = Math.max(toldPercent, percent);
      },
    });
    print({ kind: 'text', text: summaryOf(job) });
    if (job.faultsCount > 0)
      print({ kind: 'error', text: `${String(job.faultsCount)} faults, listed under import job ${job.id}` });
    if (job.state === 'done') return 0;
    print({ kind: 'error', text: job.message ?? `the import ended as ${job.state}` });
    return 1;
  };
}

function summaryOf(job: ImportJob): string {
  const counts = [
    `${job.rowsRead.toLocaleString('en')} rows`,
    `${job.valuesRead.toLocaleString('en')} values of ${String(job.meters)} meters`,
    `${job.readingsAppended.toLocaleString('en')} readings appended`,
    `${job.holes.toLocaleString('en')} holes`,
    `${job.repeated.toLocaleString('en')} repeated`,
  ];
  return `Import job ${job.id}: ${counts.join(', ')}.`;
}

/** People know a project by its code, files by its id. @throws OperatingError unknown-project */
async function projectIdOf(system: System, idOrCode: string): Promise<string> {
  const { projects } = await system.services.registry.projects.list(systemPrincipal);
  const found = projects.find(({ id, code }) => id === idOrCode || code === idOrCode);
  if (found !== undefined) return found.id;
  const known = projects.map(({ code }) => code).join(', ');
  throw new OperatingError(
    'unknown-project',
    `there is no project "${idOrCode}"; ${known === '' ? 'import a site first' : `there are: ${known}`}`,
    { retryable: false },
  );
}

async function formatOf(text: string): Promise<ImportFormatInput> {
  const isText = text.trimStart().startsWith('{');
  if (!isText) await readableFile(text);
  try {
    return JSON.parse(isText ? text : await readFile(text, 'utf8')) as ImportFormatInput;
  } catch (error) {
    throw new OperatingError(
      'format-invalid',
      `the description of the file is not JSON: ${error instanceof Error ? error.message : String(error)}`,
      { retryable: false },
    );
  }
}
