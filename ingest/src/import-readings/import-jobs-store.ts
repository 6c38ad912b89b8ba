// SPDX-License-Identifier: Apache-2.0
/** Import jobs, the pieces of uploaded files, and the faults found in them. */
import type { Buffer } from 'node:buffer';
import type { FaultPolicy, ImportFault, ImportFormat, ImportJob } from '@wattledger/contracts/http/ingest';
import type { Queryable } from '@wattledger/platform';
import type { ImportFigures } from './import-run.ts';

interface StoredJob {
  readonly id: string;
  readonly project_id: string;
  readonly file_name: string;
  readonly origin: 'upload' | 'command-line';
  readonly state: ImportJob['state'];
  readonly on_fault: FaultPolicy;
  readonly format: ImportFormat;
  readonly created_at_ms: number;
  readonly created_by: string;
  readonly started_at_ms: number | null;
  readonly finished_at_ms: number | null;
  readonly bytes_total: number | null;
  readonly bytes_read: number;
  readonly rows_read: number;
  readonly values_read: number;
  readonly readings_appended: number;
  readonly repeated: number;
  readonly holes: number;
  readonly meters: number;
  readonly first_ms: number | null;
  readonly last_ms: number | null;
  readonly faults_count: number;
  readonly not_asked_for: readonly string[];
  readonly message: string | null;
}

function jobOf(row: StoredJob): ImportJob {
  return {
    id: row.id,
    projectId: row.project_id,
    fileName: row.file_name,
    state: row.state,
    onFault: row.on_fault,
    format: row.format,
    createdAtMs: row.created_at_ms,
    createdBy: row.created_by,
    startedAtMs: row.started_at_ms,
    finishedAtMs: row.finished_at_ms,
    bytesTotal: row.bytes_total,
    bytesRead: row.bytes_read,
    rowsRead: row.rows_read,
    valuesRead: row.values_read,
    readingsAppended: row.readings_appended,
    repeated: row.repeated,
    holes: row.holes,
    meters: row.meters,
    firstMs: row.first_ms,
    lastMs: row.last_ms,
    faultsCount: row.faults_count,
    notAskedFor: [...row.not_asked_for],
    message: row.message,
  };
}

export interface NewJob {
  readonly id: string;
  readonly projectId: string;
  readonly fileName: string;
  readonly origin: 'upload' | 'command-line';
  readonly onFault: FaultPolicy;
  readonly format: ImportFormat;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly bytesTotal: number | null;
}

/** An uploaded file waits; what the command line reads runs at once. */
export async function insertJob(queryable: Queryable, job: NewJob): Promise<void> {
  const running = job.origin === 'command-line';
  await queryable.query(
    `INSERT INTO ingest.import_jobs (id, project_id, file_name, origin, state, on_fault, format, created_at_ms, created_by, started_at_ms, heartbeat_ms, bytes_total)
     VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10, $10, $11)`,
    [
      job.id,
      job.projectId,
      job.fileName,
      job.origin,
      running ? 'running' : 'waiting',
      job.onFault,
      JSON.stringify(job.format),
      job.createdAtMs,
      job.createdBy,
      running ? job.createdAtMs : null,
      job.bytesTotal,
    ],
  );
}

/**
 * Takes the oldest uploaded file that waits, or whose process has died. Figures begin anew: the run repeats from the
 * beginning, and readings that are there already have no further effect.
 */
export async function claimJob(
  queryable: Queryable,
  nowMs: number,
  heartbeatMsMax: number,
): Promise<ImportJob | null> {
  const claimed = await queryable.query<StoredJob>(
    `WITH faults_gone AS (
       DELETE FROM ingest.import_faults f USING ingest.import_jobs j
       WHERE f.job_id = j.id AND j.origin = 'upload' AND j.state = 'running' AND j.heartbeat_ms < $1::bigint - $2::bigint
     )
     UPDATE ingest.import_jobs j
     SET state = 'running', started_at_ms = coalesce(j.started_at_ms, $1), heartbeat_ms = $1, bytes_read = 0, rows_read = 0, values_read = 0,
       readings_appended = 0, repeated = 0, holes = 0, meters = 0, first_ms = NULL, last_ms = NULL, faults_count = 0, not_asked_for = '[]'
     WHERE j.id = (
       SELECT o.id FROM ingest.import_jobs o
       WHERE o.origin = 'upload' AND (o.state = 'waiting' OR (o.state = 'running' AND o.heartbeat_ms < $1::bigint - $2::bigint))
       ORDER BY o.created_at_ms LIMIT 1 FOR UPDATE SKIP LOCKED
     )
     RETURNING j.*`,
    [nowMs, heartbeatMsMax],
  );
  const row = claimed.rows[0];
  return row === undefined ? null : jobOf(row);
}

/** Imports of the command line whose process has died: nobody can run them but the person who did. */
export async function endAbandoned(
  queryable: Queryable,
  nowMs: number,
  heartbeatMsMax: number,
): Promise<number> {
  const ended = await queryable.query(
    `UPDATE ingest.import_jobs SET state = 'interrupted', finished_at_ms = $1,
       message = 'The process that read the file ended. Import the file again: what is there already has no further effect.'
     WHERE origin = 'command-line' AND state = 'running' AND heartbeat_ms < $1::bigint - $2::bigint`,
    [nowMs, heartbeatMsMax],
  );
  return ended.rowCount;
}

export async function beatJob(queryable: Queryable, jobId: string, nowMs: number): Promise<void> {
  await queryable.query(
    `UPDATE ingest.import_jobs SET heartbeat_ms = $2 WHERE id = $1 AND state = 'running'`,
    [jobId, nowMs],
  );
}

export async function writeFigures(
  queryable: Queryable,
  jobId: string,
  figures: ImportFigures,
  nowMs: number,
): Promise<void> {
  await queryable.query(
    `UPDATE ingest.import_jobs
     SET bytes_read = $2, rows_read = $3, values_read = $4, readings_appended = $5, repeated = $6, holes = $7, meters = $8, first_ms = $9,
       last_ms = $10, faults_count = $11, not_asked_for = $12::jsonb, heartbeat_ms = $13
     WHERE id = $1`,
    [
      jobId,
      figures.bytesRead,
      figures.rowsRead,
      figures.valuesRead,
      figures.readingsAppended,
      figures.repeated,
      figures.holes,
      figures.meters.size,
      figures.firstMs,
      figures.lastMs,
      figures.faultsCount,
      JSON.stringify([...figures.notAskedFor]),
      nowMs,
    ],
  );
}

export async function insertFaults(
  queryable: Queryable,
  jobId: string,
  faults: readonly ImportFault[],
): Promise<void> {
  if (faults.length === 0) return;
  await queryable.query(
    `INSERT INTO ingest.import_faults (job_id, number, line, meter, code, message)
     SELECT $1, (SELECT count(*) FROM ingest.import_faults f WHERE f.job_id = $1) + n.ord, n.line, n.meter, n.code, n.message
     FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY AS n (line, meter, code, message, ord)`,
    [
      jobId,
      faults.map(({ line }) => line),
      faults.map(({ meter }) => meter),
      faults.map(({ code }) => code),
      faults.map(({ message }) => message),
    ],
  );
}

export async function finishJob(
  queryable: Queryable,
  jobId: string,
  state: 'done' | 'failed',
  message: string | null,
  nowMs: number,
): Promise<void> {
  await queryable.query(
    `UPDATE ingest.import_jobs SET state = $2, message = $3, finished_at_ms = $4 WHERE id = $1 AND state = 'running'`,
    [jobId, state, message, nowMs],
  );
}

export async function readJob(
  queryable: Queryable,
  projectId: string,
  jobId: string,
): Promise<ImportJob | null> {
  const found = await queryable.query<StoredJob>(
    'SELECT j.* FROM ingest.import_jobs j WHERE j.id = $1 AND j.project_id = $2',
    [jobId, projectId],
  );
  const row = found.rows[0];
  return row === undefined ? null : jobOf(row);
}

/** Newest first. */
export async function listJobs(
  queryable: Queryable,
  projectId: string,
  limit: number,
): Promise<readonly ImportJob[]> {
  const found = await queryable.query<StoredJob>(
    'SELECT j.* FROM ingest.import_jobs j WHERE j.project_id = $1 ORDER BY j.created_at_ms DESC, j.id DESC LIMIT $2',
    [projectId, limit],
  );
  return found.rows.map(jobOf);
}

export async function readFaults(
  queryable: Queryable,
  jobId: string,
  from: number,
  limit: number,
): Promise<readonly ImportFault[]> {
  const found = await queryable.query<ImportFault>(
    'SELECT f.line, f.meter, f.code, f.message FROM ingest.import_faults f WHERE f.job_id = $1 AND f.number > $2 ORDER BY f.number LIMIT $3',
    [jobId, from, limit],
  );
  return found.rows;
}

export async function insertChunk(
  queryable: Queryable,
  jobId: string,
  index: number,
  bytes: Buffer,
  nowMs: number,
): Promise<void> {
  await queryable.query(
    'INSERT INTO ingest.import_chunks (job_id, index, received_at_ms, bytes) VALUES ($1, $2, $3, $4)',
    [jobId, index, nowMs, bytes],
  );
}

export async function readChunk(queryable: Queryable, jobId: string, index: number): Promise<Buffer | null> {
  const found = await queryable.query<{ bytes: Buffer }>(
    'SELECT c.bytes FROM ingest.import_chunks c WHERE c.job_id = $1 AND c.index = $2',
    [jobId, index],
  );
  return found.rows[0]?.bytes ?? null;
}

export async function deleteChunks(queryable: Queryable, jobId: string): Promise<void> {
  await queryable.query('DELETE FROM ingest.import_chunks WHERE job_id = $1', [jobId]);
}

/** Pieces of uploads that broke off, and of jobs that have ended. */
export async function sweepChunks(queryable: Queryable, beforeMs: number): Promise<number> {
  const gone = await queryable.query(
    `DELETE FROM ingest.import_chunks c
     WHERE c.received_at_ms < $1 AND NOT EXISTS (SELECT 1 FROM ingest.import_jobs j WHERE j.id = c.job_id AND j.state IN ('waiting', 'running'))`,
    [beforeMs],
  );
  return gone.rowCount;
}

/** Uploaded files that are still to be imported and are not there as a whole. */
export async function countFileless(queryable: Queryable): Promise<number> {
  const found = await queryable.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM ingest.import_jobs j
     LEFT JOIN LATERAL (SELECT sum(length(p.bytes))::bigint AS bytes FROM ingest.import_chunks p WHERE p.job_id = j.id) c ON true
     WHERE j.origin = 'upload' AND j.state IN ('waiting', 'running') AND j.bytes_total IS DISTINCT FROM coalesce(c.bytes, 0)`,
  );
  return found.rows[0]?.n ?? 0;
}

/** Chains whose end lies before one of their own checkpoints. */
export async function countBrokenChains(queryable: Queryable): Promise<number> {
  const found = await queryable.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM ingest.interval_chains c
     WHERE EXISTS (
       SELECT 1 FROM ingest.interval_checkpoints p
       WHERE p.meter_id = c.meter_id AND p.register = c.register AND (p.instant_ms >= c.end_ms OR p.count > c.end_count OR p.instant_ms < c.first_ms)
     )`,
  );
  return found.rows[0]?.n ?? 0;
}

/** Forgets jobs that ended before an instant, with their faults. */
export async function forgetJobs(queryable: Queryable, beforeMs: number): Promise<number> {
  const gone = await queryable.query(
    `DELETE FROM ingest.import_jobs WHERE state IN ('done', 'failed', 'interrupted') AND finished_at_ms < $1`,
    [beforeMs],
  );
  return gone.rowCount;
}
