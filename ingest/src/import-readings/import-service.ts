// SPDX-License-Identifier: Apache-2.0
/** Imports files of readings: from the command line at once, uploaded ones in the background, one at a time. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Buffer } from 'node:buffer';
import { newId } from '@wattledger/contracts';
import {
  importFormatShape,
  type FaultPolicy,
  type ImportFormat,
  type ImportFormatInput,
  type ImportJob,
} from '@wattledger/contracts/http/ingest';
import { RequestError, type Parts } from '@wattledger/platform';
import type { IngestMetrics } from '../metrics/ingest-metrics.ts';
import { knownMetersOf, type IngestSnapshots } from '../readings-intake/readings-intake-service.ts';
import { readChain } from './chains-store.ts';
import { FileFault, fileRows } from './file-rows.ts';
import { ImportRun, ImportStopped, type ImportFigures } from './import-run.ts';
import {
  beatJob,
  claimJob,
  deleteChunks,
  endAbandoned,
  forgetJobs,
  finishJob,
  insertChunk,
  insertFaults,
  insertJob,
  readChunk,
  readJob,
  sweepChunks,
  writeFigures,
} from './import-jobs-store.ts';
import { IntervalRows } from './interval-rows.ts';
import { RegisterRows } from './register-rows.ts';
import type { RowReader } from './row-readers.ts';
import { zoneClock } from './zone-clock.ts';

export interface ImportReadingsOptions {
  /** Path of a file, or its bytes; text or gzip. */
  readonly file: string | AsyncIterable<Buffer>;
  readonly projectId: string;
  readonly format: ImportFormatInput;
  readonly onFault?: FaultPolicy;
  /** Shown in the list of jobs; of a path its last part. */
  readonly fileName?: string;
  readonly createdBy?: string;
  readonly onProgress?: (figures: ImportFigures & { readonly bytesTotal: number | null }) => void;
}

export interface ImportService {
  /** Reads a whole file. The job says how it ended: faults of the file are no errors. @throws RequestError for a wrong format or project */
  importReadings(options: ImportReadingsOptions): Promise<ImportJob>;
  /** Keeps an uploaded file and queues its import. */
  upload(options: {
    readonly projectId: string;
    readonly fileName: string;
    readonly format: ImportFormat;
    readonly onFault: FaultPolicy;
    readonly createdBy: string;
    readonly bytes: AsyncIterable<Buffer>;
  }): Promise<ImportJob>;
  start(): void;
  stop(): Promise<void>;
}

type ImportParts = Pick<Parts, 'database' | 'eventLog' | 'clock' | 'logger'>;

/** Longest silence of a process that imports. */
const heartbeatMsMax = 60_000;
const beatMs = 10_000;
const chunkBytes = 1_000_000;
const lookMs = 2_000;
const sweepMs = 600_000;
const brokenUploadMs = 3_600_000;
/** Jobs with their faults are kept so long after they ended. */
const keepMs = 400 * 86_400_000;
const channel = 'ingest_imports';

/** @throws RequestError 422 format-invalid with each fault */
export function checkedFormat(format: unknown): ImportFormat {
  const parsed = importFormatShape.safeParse(format);
  const invalid = (faults: readonly { readonly path: string; readonly message: string }[]): RequestError =>
    new RequestError({
      status: 422,
      code: 'format-invalid',
      message: 'The description of the file is not valid.',
      hint: 'docs/operating/importing.md describes each option.',
      faults,
    });
  if (!parsed.success)
    throw invalid(
      parsed.error.issues.map((issue) => ({
        path: `format.${issue.path.join('.')}`,
        message: issue.message,
      })),
    );
  const { data } = parsed;
  const zone = data.kind === 'intervals' || data.timeFormat === 'local' ? (data.zone ?? '') : null;
  if (zone === null) return data;
  try {
    zoneClock(zone);
  } catch (error) {
    throw invalid([{ path: 'format.zone', message: error instanceof Error ? error.message : String(error) }]);
  }
  return data;
}

export function createImportService(
  parts: ImportParts,
  snapshots: Pick<IngestSnapshots, 'get' | 'all'>,
  metrics: Pick<IngestMetrics, 'received'>,
): ImportService {
  return new Imports(parts, snapshots, metrics);
}

class Imports implements ImportService {
  readonly #parts: ImportParts;
  readonly #snapshots: Pick<IngestSnapshots, 'get' | 'all'>;
  readonly #metrics: Pick<IngestMetrics, 'received'>;
  #timer: NodeJS.Timeout | null = null;
  #unlisten: (() => Promise<void>) | null = null;
  #working: Promise<void> | null = null;
  #stopping = false;
  #sweptAtMs = 0;

  constructor(
    parts: ImportParts,
    snapshots: Pick<IngestSnapshots, 'get' | 'all'>,
    metrics: Pick<IngestMetrics, 'received'>,
  ) {
    this.#metrics = metrics;
    this.#parts = parts;
    this.#snapshots = snapshots;
  }

  async importReadings(options: ImportReadingsOptions): Promise<ImportJob> {
    const { database, clock } = this.#parts;
    const { file, projectId, onFault = 'stop', createdBy = 'command line', onProgress } = options;
    const format = checkedFormat(options.format);
    this.#requireProject(projectId);
    const bytesTotal = typeof file === 'string' ? (await stat(file)).size : null;
    const fileName = options.fileName ?? (typeof file === 'string' ? basename(file) : 'stream');
    const job = {
      id: newId('importJob'),
      projectId,
      fileName,
      onFault,
      format,
      createdAtMs: clock.nowMs(),
      createdBy,
      bytesTotal,
    };
    await insertJob(database, { ...job, origin: 'command-line' });
    const source =
      typeof file === 'string'
        ? (createReadStream(file, { highWaterMark: 256_000 }) as AsyncIterable<Buffer>)
        : file;
    await this.#run(job, source, (figures) => onProgress?.({ ...figures, bytesTotal }));
    return await this.#jobOf(projectId, job.id);
  }

  async upload(options: Parameters<ImportService['upload']>[0]): Promise<ImportJob> {
    const { database, clock } = this.#parts;
    const { bytes, ...job } = options;
    this.#requireProject(job.projectId);
    const id = newId('importJob');
    let bytesTotal = 0;
    let index = 0;
    let pieces: Buffer[] = [];
    let size = 0;
    const keep = async (): Promise<void> => {
      if (size === 0) return;
      await insertChunk(database, id, index, Buffer.concat(pieces), clock.nowMs());
      index += 1;
      bytesTotal += size;
      pieces = [];
      size = 0;
    };
    try {
      for await (const piece of bytes) {
        pieces.push(piece);
        size += piece.length;
        if (size >= chunkBytes) await keep();
      }
      await keep();
      if (bytesTotal === 0)
        throw new RequestError({
          status: 400,
          code: 'file-empty',
          message: 'The file is empty.',
          hint: 'Send the file as the body of the request.',
        });
    } catch (error) {
      await deleteChunks(database, id);
      throw error;
    }
    // Only now the job exists: a file that did not arrive whole leaves none behind.
    await insertJob(database, { ...job, id, origin: 'upload', createdAtMs: clock.nowMs(), bytesTotal });
    await database.query('SELECT pg_notify($1, $2)', [channel, '']);
    return await this.#jobOf(job.projectId, id);
  }

  start(): void {
    this.#stopping = false;
    this.#timer = setInterval(() => this.#look(), lookMs);
    this.#parts.database
      .listen(channel, () => this.#look())
      .then(
        (unlisten) => {
          if (this.#stopping) void unlisten();
          else this.#unlisten = unlisten;
        },
        (error: unknown) =>
          this.#parts.logger.warn(
            { err: error },
            'notices of uploads are not heard; looking every two seconds covers it',
          ),
      );
    this.#look();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#unlisten?.();
    this.#unlisten = null;
    await this.#working;
  }

  #look(): void {
    if (this.#stopping) return;
    this.#working ??= this.#work()
      .catch((error: unknown) =>
        this.#parts.logger.warn({ err: error }, 'uploaded files could not be looked for; trying again'),
      )
      .finally(() => {
        this.#working = null;
      });
  }

  async #work(): Promise<void> {
    const { database, clock } = this.#parts;
    const nowMs = clock.nowMs();
    if (nowMs - this.#sweptAtMs >= sweepMs) {
      this.#sweptAtMs = nowMs;
      await sweepChunks(database, nowMs - brokenUploadMs);
      await endAbandoned(database, nowMs, heartbeatMsMax);
      await forgetJobs(database, nowMs - keepMs);
    }
    for (;;) {
      const job = this.#stopping ? null : await claimJob(database, clock.nowMs(), heartbeatMsMax);
      if (job === null) return;
      await this.#run(job, this.#chunksOf(job.id));
      const ended = await readJob(database, job.projectId, job.id);
      if (ended?.state === 'done' || ended?.state === 'failed') await deleteChunks(database, job.id);
    }
  }

  async *#chunksOf(jobId: string): AsyncGenerator<Buffer> {
    for (let index = 0; ; index += 1) {
      if (this.#stopping) throw new ImportHeld();
      const chunk = await readChunk(this.#parts.database, jobId, index);
      if (chunk === null) return;
      yield chunk;
    }
  }

  async #run(
    job: Pick<ImportJob, 'id' | 'projectId' | 'format' | 'onFault'>,
    source: AsyncIterable<Buffer>,
    onProgress: (figures: ImportFigures) => void = () => undefined,
  ): Promise<void> {
    const { database, clock, logger } = this.#parts;
    const run = new ImportRun({
      parts: this.#parts,
      projectId: job.projectId,
      onFault: job.onFault,
      onStored: (readings) => this.#metrics.received('import', readings),
      onProgress,
      keep: async (transaction, figures, faults) => {
        await insertFaults(transaction, job.id, faults);
        await writeFigures(transaction, job.id, figures, clock.nowMs());
      },
    });
    const beat = setInterval(() => {
      beatJob(database, job.id, clock.nowMs()).catch((error: unknown) =>
        logger.debug({ err: error }, 'a heartbeat was missed'),
      );
    }, beatMs);
    try {
      const end = await this.#readRows(job, source, run);
      await run.finish();
      await finishJob(database, job.id, end.state, end.message, clock.nowMs());
    } catch (error) {
      // Stopped in the middle: whoever claims the job next begins it again.
      if (error instanceof ImportHeld) return;
      logger.error(
        { err: error, jobId: job.id },
        'an import failed by a mistake of ours, or the database was lost',
      );
      await finishJob(
        database,
        job.id,
        'failed',
        'The import broke off by an error of the product; the log of the server says more. Import the file again: what is there already has no further effect.',
        clock.nowMs(),
      );
    } finally {
      clearInterval(beat);
    }
  }

  /** @returns how the job ends; what was read before a fault is kept */
  async #readRows(
    job: Pick<ImportJob, 'projectId' | 'format'>,
    source: AsyncIterable<Buffer>,
    run: ImportRun,
  ): Promise<{ readonly state: 'done' | 'failed'; readonly message: string | null }> {
    const { format } = job;
    let endsWithLineEnd = true;
    const known = knownMetersOf(this.#snapshots, job.projectId);
    const nowMs = this.#parts.clock.nowMs();
    try {
      const reader: RowReader =
        format.kind === 'registers'
          ? new RegisterRows(format, known, run, nowMs)
          : new IntervalRows(
              format,
              known,
              run,
              nowMs,
              async (key, fromMs) => await readChain(this.#parts.database, key, fromMs),
            );
      let first = true;
      const options = { ...format, onEnd: (whole: boolean) => void (endsWithLineEnd = whole) };
      const counted = (async function* (): AsyncGenerator<Buffer> {
        for await (const chunk of source) {
          run.figures.bytesRead += chunk.length;
          yield chunk;
        }
      })();
      for await (const rows of fileRows(counted, options)) {
        for (const row of rows) {
          if (first) {
            await reader.header(row);
            first = false;
            continue;
          }
          run.figures.rowsRead += 1;
          // A line with nothing on it says nothing.
          if (row.fields.length === 1 && row.fields[0] === '') continue;
          const waiting = reader.row(row);
          if (waiting !== undefined) await waiting;
          if (run.isFull) await run.store();
        }
      }
      if (first) run.stop(0, 'columns', 'the file is empty');
      reader.end();
    } catch (error) {
      if (error instanceof FileFault) {
        try {
          run.stop(error.line, error.code, error.message);
        } catch (stopped) {
          return stoppedEnd(stopped, run.figures);
        }
      }
      return stoppedEnd(error, run.figures);
    }
    const { faultsCount } = run.figures;
    const notes = [
      ...(faultsCount > 0 ? [`${faultsCount} faults were found; what they concern was not imported.`] : []),
      ...(endsWithLineEnd ? [] : ['The file does not end with a line end: check that it is complete.']),
    ];
    return { state: 'done', message: notes.length === 0 ? null : notes.join(' ') };
  }

  #requireProject(projectId: string): void {
    if (this.#snapshots.get('project', projectId) !== undefined) return;
    throw new RequestError({
      status: 404,
      code: 'project-unknown',
      message: `There is no project "${projectId}".`,
      hint: 'GET /api/projects lists the projects with their ids.',
    });
  }

  async #jobOf(projectId: string, id: string): Promise<ImportJob> {
    const job = await readJob(this.#parts.database, projectId, id);
    if (job === null) throw new Error(`import job ${id} has vanished`);
    return job;
  }
}

/** The service stops: the job stays as it is for the next process. */
class ImportHeld extends Error {}

function stoppedEnd(
  error: unknown,
  figures: ImportFigures,
): { readonly state: 'failed'; readonly message: string } {
  if (!(error instanceof ImportStopped)) throw error;
  const { line, message, meter } = error.fault;
  const where = line === 0 ? '' : `line ${line}: `;
  const whose = meter === null ? '' : `${meter}: `;
  const before = figures.valuesRead === 0 ? 'Nothing was imported.' : 'What stands before it was imported.';
  return {
    state: 'failed',
    message: `Stopped at ${where}${whose}${message}. ${before} Correct the file and import it again: what is there already has no further effect.`,
  };
}
