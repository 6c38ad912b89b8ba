// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import {
  importJobDetailShape,
  importJobQueryShape,
  importJobShape,
  importJobsShape,
} from '@wattledger/contracts/http/ingest';
import { defineRoute, limitedBody, RequestError, type Parts, type Route } from '@wattledger/platform';
import { listJobs, readFaults, readJob } from './import-jobs-store.ts';
import { checkedFormat, type ImportService } from './import-service.ts';

const projectParams = z.object({ projectId: z.string() });
const jobsListed = 200;
const faultsShown = 1_000;

export function importRoutes(
  parts: Pick<Parts, 'database' | 'actionLog' | 'clock'>,
  imports: ImportService,
  fileBytesMax: number,
): readonly Route[] {
  return [
    defineRoute({
      method: 'post',
      path: '/api/projects/{projectId}/import-jobs',
      summary:
        'Upload a file of readings (CSV, or CSV packed with gzip) as the body; it is imported in the background',
      tag: 'Readings',
      access: { right: 'readings:write' },
      params: projectParams,
      query: importJobQueryShape,
      bodyKind: 'stream',
      bodyBytesMax: fileBytesMax,
      response: importJobShape,
      successStatus: 202,
      handle: async ({ params, query, request, principal, remoteAddress }) => {
        const format = checkedFormat(parsedJson(query.format));
        const { projectId } = params;
        const job = await imports.upload({
          projectId,
          fileName: query.fileName,
          onFault: query.onFault,
          format,
          createdBy: principal?.id ?? '',
          bytes: limitedBody(request, fileBytesMax),
        });
        await parts.actionLog.record({
          principal,
          projectId,
          action: 'readings.import',
          subject: job.id,
          after: { fileName: job.fileName, bytes: job.bytesTotal, format },
          remoteAddress,
          atMs: parts.clock.nowMs(),
        });
        return job;
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/import-jobs',
      summary: 'Imports of a project, newest first',
      tag: 'Readings',
      access: { right: 'meter:read' },
      params: projectParams,
      response: importJobsShape,
      handle: async ({ params }) => ({
        jobs: [...(await listJobs(parts.database, params.projectId, jobsListed))],
      }),
    }),
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/import-jobs/{jobId}',
      summary: 'One import with the faults found in its file',
      tag: 'Readings',
      access: { right: 'meter:read' },
      params: projectParams.extend({ jobId: z.string() }),
      query: z.object({ faultsFrom: z.coerce.number().int().min(0).default(0) }),
      response: importJobDetailShape,
      handle: async ({ params, query }) => {
        const job = await readJob(parts.database, params.projectId, params.jobId);
        if (job === null)
          throw new RequestError({
            status: 404,
            code: 'import-job-unknown',
            message: `This project has no import "${params.jobId}".`,
          });
        return {
          job,
          faults: [...(await readFaults(parts.database, job.id, query.faultsFrom, faultsShown))],
        };
      },
    }),
  ];
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new RequestError({
      status: 422,
      code: 'format-invalid',
      message: `The parameter "format" is no JSON: ${error instanceof Error ? error.message : ''}`,
      hint: 'docs/operating/importing.md describes it.',
    });
  }
}
