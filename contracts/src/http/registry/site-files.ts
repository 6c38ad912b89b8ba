// SPDX-License-Identifier: Apache-2.0
/** The whole tree as a file. */
import { z } from 'zod';
import { counter } from './words.ts';

export const siteFileBytesMax = 64 * 1024 * 1024;
/** POST /api/projects/import-site?dryRun=true; the body is the .xlsx or .json file itself. */
export const importSiteQueryShape = z.object({
  dryRun: z.enum(['true', 'false']).default('false'),
});
export const siteFaultShape = z.object({
  /** Sheet (or array) as it is called in the file. */
  sheet: z.string(),
  /** Row as a spreadsheet counts it (the header is row 1); null when the whole sheet is meant. In .json: index + 2. */
  row: z.number().int().nullable(),
  column: z.string().nullable(),
  message: z.string(),
});
export type SiteFault = z.infer<typeof siteFaultShape>;
const importCountShape = z.object({ created: counter, updated: counter, unchanged: counter });
export const importSiteAnswerShape = z.object({
  dryRun: z.boolean(),
  /** Null in a dry run of a project that does not exist yet. */
  projectId: z.string().nullable(),
  /** Empty when the file was (or would be) taken. At most 1000 are listed; `faultsTotal` counts all. */
  faults: z.array(siteFaultShape),
  faultsTotal: counter,
  counts: z.object({
    projects: importCountShape,
    places: importCountShape,
    tenants: importCountShape,
    gateways: importCountShape,
    meters: importCountShape,
    meteringPoints: importCountShape,
    mountings: importCountShape,
  }),
});
export type ImportSiteAnswer = z.infer<typeof importSiteAnswerShape>;
/** GET /api/projects/{projectId}/site-file and GET /api/projects/site-file-template */
export const siteFileQueryShape = z.object({ format: z.enum(['xlsx', 'json']).default('xlsx') });
