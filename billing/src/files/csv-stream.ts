// SPDX-License-Identifier: Apache-2.0
/** Answers with a CSV file row by row, at the reader's pace: a year of a large site never stands in memory. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { answered } from '@wattledger/platform';

export type CsvCell = string | number | null;

/** RFC 4180; text that a spreadsheet would take for a formula gets an apostrophe before it. */
export function csvLine(cells: readonly CsvCell[]): string {
  return `${cells.map(cellText).join(',')}\r\n`;
}

function cellText(cell: CsvCell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  // A plain negative amount is no formula.
  const safe = /^[=+\-@\t\r]/.test(cell) && !/^-\d+(\.\d+)?$/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export async function sendCsv(
  response: ServerResponse,
  name: string,
  header: readonly string[],
  rows: AsyncIterable<readonly CsvCell[]>,
): Promise<typeof answered> {
  response.writeHead(200, {
    'content-type': 'text/csv; charset=utf-8',
    'cache-control': 'no-store',
    'content-disposition': `attachment; filename="${name.replace(/[^A-Za-z0-9._-]+/g, '-')}.csv"`,
  });
  // The mark at the beginning: without it a spreadsheet takes Chinese for something else.
  response.write(`\uFEFF${csvLine(header)}`);
  for await (const row of rows) {
    if (response.destroyed) break;
    if (!response.write(csvLine(row))) await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  response.end();
  return answered;
}
