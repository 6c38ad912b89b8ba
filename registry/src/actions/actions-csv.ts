// SPDX-License-Identifier: Apache-2.0
/** The log of actions as CSV (RFC 4180), every column that is hashed and the hash itself, so that others can check the chain. */
import type { ChainedRow } from './action-chain.ts';

const columns = [
  'sequence',
  'at',
  'principalKind',
  'principalId',
  'principalName',
  'projectId',
  'action',
  'subject',
  'before',
  'after',
  'remoteAddress',
  'previousHash',
  'hash',
] as const;

export const actionsCsvHeader = `${columns.join(',')}\r\n`;

export function actionsCsvLine(row: ChainedRow): string {
  const cells: Readonly<Record<(typeof columns)[number], string | number | null>> = {
    ...row,
    at: new Date(row.atMs).toISOString(),
  };
  return `${columns.map((column) => csvCell(cells[column])).join(',')}\r\n`;
}

/** A cell that a spreadsheet would take for a formula gets an apostrophe in front. */
export function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
