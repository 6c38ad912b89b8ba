// SPDX-License-Identifier: Apache-2.0
import {
  billingProjectParamsShape,
  consumptionReportQueryShape,
  consumptionReportShape,
} from '@wattledger/contracts/http/billing';
import { answered, defineRoute, type Route } from '@wattledger/platform';
import { sendCsv } from '../files/csv-stream.ts';
import { writeSheets } from '../files/write-sheet.ts';
import { projectOf, requireDayRange, type BillingParts } from '../parts.ts';
import { consumptionReport } from './consumption-report.ts';
import { reportCsv, reportCsvHeader, reportSheets } from './report-files.ts';

const tag = 'Reports';
const path = '/api/projects/{projectId}/consumption-report';
const daysMax = 800;
const xlsxType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

export function reportsRoutes(parts: BillingParts): readonly Route[] {
  const ask = async (
    projectId: string,
    query: { readonly fromDay: string; readonly toDay: string; readonly q?: string | undefined },
  ) => {
    projectOf(parts, projectId);
    requireDayRange(query.fromDay, query.toDay, daysMax);
    return await consumptionReport(parts, { projectId, ...query });
  };
  const common = {
    method: 'get' as const,
    tag,
    access: { right: 'account:read' as const },
    params: billingProjectParamsShape,
    query: consumptionReportQueryShape,
  };
  return [
    defineRoute({
      ...common,
      path,
      summary: 'Consumption and charges of every account over a period, with registers and balances',
      response: consumptionReportShape,
      handle: async ({ params, query }) => await ask(params.projectId, query),
    }),
    defineRoute({
      ...common,
      path: `${path}.csv`,
      summary: 'The same as CSV',
      response: null,
      handle: async ({ params, query, response }) => {
        const report = await ask(params.projectId, query);
        const name = `consumption-${query.fromDay}-${query.toDay}`;
        return await sendCsv(
          response,
          name,
          reportCsvHeader(query.language),
          reportCsv(report, query.language),
        );
      },
    }),
    defineRoute({
      ...common,
      path: `${path}.xlsx`,
      summary: 'The same as a spreadsheet with real numbers and totals',
      response: null,
      handle: async ({ params, query, response }) => {
        const bytes = await writeSheets(reportSheets(await ask(params.projectId, query), query.language));
        response.writeHead(200, {
          'content-type': xlsxType,
          'content-length': bytes.length,
          'cache-control': 'no-store',
          'content-disposition': `attachment; filename="consumption-${query.fromDay}-${query.toDay}.xlsx"`,
        });
        response.end(bytes);
        return answered;
      },
    }),
  ];
}
