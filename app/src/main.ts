// SPDX-License-Identifier: Apache-2.0
/** The command line. One file per command; this one only says what there is. */
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { ConfigError, OperatingError, RequestError } from '@wattledger/platform';
import { backupHandler } from './commands/backup.ts';
import { check } from './commands/check.ts';
import { doctorHandler } from './commands/doctor.ts';
import { importReadingsHandler, importReadingsOptions } from './commands/import-readings.ts';
import { importSiteHandler } from './commands/import-site.ts';
import { rebuildHandler } from './commands/rebuild.ts';
import { restore, type RestoreOptions } from './commands/restore.ts';
import { serve } from './commands/serve.ts';
import { start, type StartOptions } from './commands/start.ts';
import { runAnywhere } from './commands/with-stores.ts';
import { serviceNames, type ServiceName } from './wire.ts';

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError('a port is a number from 0 to 65535');
  return value;
}

/** Failures that somebody can do something about are told in one line; a mistake of ours shows where it happened. */
async function finish(work: number | Promise<number>): Promise<void> {
  try {
    process.exitCode = await work;
  } catch (error) {
    const known =
      error instanceof OperatingError || error instanceof ConfigError || error instanceof RequestError;
    console.error(known ? error.message : error);
    if (error instanceof RequestError && error.hint !== undefined) console.error(error.hint);
    process.exitCode = 1;
  }
  // The embedded engine keeps threads that would hold the process open; everything that matters is closed by now.
  process.exit();
}

const program = new Command('wattledger')
  .description('Energy and money in one book that always balances.')
  .showHelpAfterError();
const dataOption = new Option('--data <directory>', 'where state is kept').default('./data').env('DATA_DIR');

program
  .command('start')
  .description('run everything in one process')
  .addOption(dataOption)
  .addOption(new Option('--port <number>', 'HTTP port (default: PORT or 8080)').argParser(port))
  .addOption(
    new Option('--seed <name>', 'what a new data directory begins with').choices(['demo']).default('demo'),
  )
  .option('--empty', 'begin with nothing but an administrator')
  .action((options: StartOptions) => finish(start(options)));

program
  .command('serve')
  .description('run one service against the servers named in the environment')
  .addArgument(new Argument('<service>', 'which').choices(serviceNames))
  .action((service: ServiceName) => finish(serve(service)));

program
  .command('import-site')
  .description('the tree of projects, places, meters and tenants from one .xlsx or .json')
  .argument('<file>')
  .addOption(dataOption)
  .option('--dry-run', 'list every fault, change nothing')
  .action((file: string, options: { data: string; dryRun?: boolean }) =>
    finish(
      runAnywhere(
        options.data,
        'import-site',
        { file: absolute(file), dryRun: options.dryRun === true },
        importSiteHandler,
      ),
    ),
  );

importReadingsOptions(
  program
    .command('import-readings')
    .description('history, or a file export, into the event log')
    .argument('<file>')
    .addOption(dataOption),
).action((file: string, options: { data: string }) =>
  finish(
    runAnywhere(options.data, 'import-readings', { ...options, file: absolute(file) }, importReadingsHandler),
  ),
);

program
  .command('check')
  .description('validate the configuration and exit')
  .action(() => finish(check()));

program
  .command('doctor')
  .description('ask every invariant of a running or stopped system; exit 1 and say which fails')
  .addOption(dataOption)
  .action((options: { data: string }) => finish(runAnywhere(options.data, 'doctor', {}, doctorHandler)));

program
  .command('rebuild')
  .description('fold the kept readings again and compare or replace what is derived')
  .addOption(dataOption)
  .option('--project <id>', 'only this project')
  .option('--from <date>', 'only from this day on (YYYY-MM-DD)')
  .option('--compare', 'only compare; exit 1 on a difference')
  .action((options: { data: string; project?: string; from?: string; compare?: boolean }) =>
    finish(runAnywhere(options.data, 'rebuild', options, rebuildHandler)),
  );

program
  .command('backup')
  .description('everything in one archive, as of one instant, also while the product runs')
  .argument('<file>', 'the archive to make, e.g. wattledger-2026-11-20.tar')
  .addOption(dataOption)
  .action((file: string, options: { data: string }) =>
    finish(runAnywhere(options.data, 'backup', { file: absolute(file) }, backupHandler)),
  );

program
  .command('restore')
  .description('a data directory out of an archive')
  .argument('<file>', 'an archive made by backup')
  .addOption(dataOption)
  .option('--replace', 'put what is in the data directory aside')
  .action((file: string, options: RestoreOptions) => finish(restore(absolute(file), options)));

function absolute(file: string): string {
  return file.startsWith('/') ? file : `${process.cwd()}/${file}`;
}

await program.parseAsync();
