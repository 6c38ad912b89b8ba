// SPDX-License-Identifier: Apache-2.0
import type { DataCell, DataTable } from './data-table.ts';

/** Text that a spreadsheet would run as a formula is made harmless by an apostrophe; numbers are left as they are. */
function csvField(raw: DataCell['raw']): string {
  if (raw === null) return '';
  if (typeof raw === 'number') return String(raw);
  const text = /^[=+\-@\t\r]/.test(raw) ? `'${raw}` : raw;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** RFC 4180 with a byte order mark, so that Excel reads Chinese names. */
export function csvOf(table: DataTable): string {
  const lines = [
    table.columns.map((column) => csvField(column.label)),
    ...table.rows.map((row) => row.map((cell) => csvField(cell.raw))),
  ];
  return `\uFEFF${lines.map((line) => line.join(',')).join('\r\n')}\r\n`;
}

/** Hands a file to the browser's downloads. */
export function download(fileName: string, content: string | Blob, type = 'text/csv;charset=utf-8'): void {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  // The download has begun in this tick; the address may go with the next.
  setTimeout(() => URL.revokeObjectURL(url));
}
