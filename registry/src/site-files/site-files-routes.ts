// SPDX-License-Identifier: Apache-2.0
import type { ServerResponse } from 'node:http';
import {
  importSiteAnswerShape,
  importSiteQueryShape,
  projectParamsShape,
  siteFileBytesMax,
  siteFileQueryShape,
  type ImportSiteAnswer,
} from '@wattledger/contracts/http/registry';
import { answered, defineRoute, limitedBody, RequestError, type Route } from '@wattledger/platform';
import { signedIn } from '../sessions/signed-in.ts';
import type { SiteFilesService } from './site-files-service.ts';
import { writeSiteTemplate } from './site-template.ts';
import { siteFileTypes, type SiteFileFormat } from './write-site-file.ts';

const tag = 'Site files';

function sendFile(
  response: ServerResponse,
  bytes: Buffer,
  fileName: string,
  format: SiteFileFormat,
): typeof answered {
  response.setHeader('content-type', siteFileTypes[format]);
  response.setHeader('content-disposition', `attachment; filename="${fileName}"`);
  response.setHeader('content-length', bytes.length);
  response.setHeader('cache-control', 'no-store');
  response.end(bytes);
  return answered;
}

const faultsInProblem = 100;

/** A real run of a faulty file is an error; a dry run's faults are its answer. */
function refuseFaults(answer: ImportSiteAnswer): void {
  if (answer.dryRun || answer.faultsTotal === 0) return;
  throw new RequestError({
    status: 422,
    code: 'site-file-faulty',
    message: `The file has ${answer.faultsTotal} ${answer.faultsTotal === 1 ? 'fault' : 'faults'}; nothing was changed.`,
    hint: 'Correct them and send the file again; with dryRun=true all of them are listed by sheet, row and column.',
    faults: answer.faults.slice(0, faultsInProblem).map(({ sheet, row, column, message }) => ({
      path: [sheet, ...(row === null ? [] : [`row ${row}`]), ...(column === null ? [] : [column])].join(', '),
      message,
    })),
  });
}

export function siteFileRoutes(siteFiles: SiteFilesService): readonly Route[] {
  return [
    defineRoute({
      method: 'post',
      path: '/api/projects/import-site',
      summary: 'Make or change a whole site from one .xlsx or .json file; the body is the file',
      tag,
      // Which project it is stands in the file: the right is judged when it has been read.
      access: { right: 'project:write', anyProject: true },
      query: importSiteQueryShape,
      bodyKind: 'stream',
      bodyBytesMax: siteFileBytesMax,
      response: importSiteAnswerShape,
      handle: async (context) => {
        const chunks: Buffer[] = [];
        for await (const chunk of limitedBody(context.request, siteFileBytesMax)) chunks.push(chunk);
        const answer = await siteFiles.importSite(Buffer.concat(chunks), {
          dryRun: context.query.dryRun === 'true',
          principal: signedIn(context),
          remoteAddress: context.remoteAddress,
        });
        refuseFaults(answer);
        return answer;
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/projects/site-file-template',
      summary: 'An example of the site file, with every column explained',
      tag,
      access: 'signed-in',
      query: siteFileQueryShape,
      response: null,
      handle: async ({ query, response }) =>
        sendFile(
          response,
          await writeSiteTemplate(query.format),
          `site-template.${query.format}`,
          query.format,
        ),
    }),
    defineRoute({
      method: 'get',
      path: '/api/projects/{projectId}/site-file',
      summary: 'The whole project as a site file; importing it again changes nothing',
      tag,
      access: { right: 'project:read' },
      params: projectParamsShape,
      query: siteFileQueryShape,
      response: null,
      handle: async ({ params, query, response }) => {
        const { bytes, fileName } = await siteFiles.exportSite(params.projectId, query.format);
        return sendFile(response, bytes, fileName, query.format);
      },
    }),
  ];
}
