// SPDX-License-Identifier: Apache-2.0
/** Tables as text/csv (RFC 4180). */
import { answered } from '@wattledger/platform';
import type { ServerResponse } from 'node:http';
import type { AsOf } from '@wattledger/contracts';

export type Cell = string | number | null;

export interface Table {
  /** snake_case with the unit last: consumption_Wh. */
  readonly columns: readonly string[];
  readonly rows: Iterable<readonly Cell[]>;
}

/**
 * One cell. Text that a spreadsheet would take for a formula (beginning with = + - @, tab or return) gets an
 * apostrophe before it; numbers are written as they are, with a point and no grouping.
 */
export function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const byteOrderMark = '\uFEFF';

export function csvText(table: Table, options: { readonly bom: boolean }): string {
  const lines = [table.columns.map(cellText).join(',')];
  for (const row of table.rows) lines.push(row.map(cellText).join(','));
  return `${options.bom ? byteOrderMark : ''}${lines.join('\r\n')}\r\n`;
}

export interface CsvAnswer {
  /** Without ending: letters, digits, dashes. */
  readonly name: string;
  readonly table: Table;
  readonly bom: boolean;
  /** Goes into the header X-Wattledger-As-Of, since a table of rows has no place for it. */
  readonly asOf: AsOf | null;
}

/** Answers the request with a CSV file. */
export function sendCsv(response: ServerResponse, { name, table, bom, asOf }: CsvAnswer): typeof answered {
  const bytes = Buffer.from(csvText(table, { bom }), 'utf8');
  response.statusCode = 200;
  response.setHeader('Content-Type', 'text/csv; charset=utf-8');
  response.setHeader(
    'Content-Disposition',
    `attachment; filename="${name.replace(/[^A-Za-z0-9._-]+/g, '-')}.csv"`,
  );
  response.setHeader('Cache-Control', 'no-store');
  if (asOf !== null) response.setHeader('X-Wattledger-As-Of', JSON.stringify(asOf));
  response.setHeader('Content-Length', bytes.length);
  response.end(bytes);
  return answered;
}

/** An instant as people and spreadsheets read it: ISO 8601 in UTC. */
export function instantText(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString().replace('.000Z', 'Z');
}
