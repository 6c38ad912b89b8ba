// SPDX-License-Identifier: Apache-2.0
/** A list of openings as a file: .xlsx and .csv read into rows, and rows written for filling in. Read in the browser. */
import { openingColumns, type OpeningColumn, type OpeningRow } from '@wattledger/contracts/http/billing';

export const fileBytesMax = 5 * 1024 * 1024;

type Cell = string | number | boolean | Date | null | undefined;

/** Headings by column: how the template names them; the API's own names are taken, too. */
export type Headings = Readonly<Record<OpeningColumn, string>>;

/** Rows of the first sheet. @throws Error whose message says what is wrong with the file */
export async function readOpeningFile(file: File, headings: Headings): Promise<readonly OpeningRow[]> {
  return rowsOf(await cellsOf(file), headings);
}

async function cellsOf(file: File): Promise<readonly (readonly Cell[])[]> {
  if (!/\.xlsx$/i.test(file.name)) return parseCsv(await file.text());
  const { default: readXlsx } = await import('read-excel-file/browser');
  const sheets = await readXlsx(file);
  return (sheets[0]?.data ?? []) as readonly (readonly Cell[])[];
}

/** The first row names the columns, in any order; empty rows are passed over. */
export function rowsOf(cells: readonly (readonly Cell[])[], headings: Headings): readonly OpeningRow[] {
  const names = (cells[0] ?? []).map((cell) => textOf(cell).toLowerCase());
  const placeOf = (column: OpeningColumn): number =>
    names.findIndex((name) => name === column.toLowerCase() || name === headings[column].toLowerCase());
  const places = new Map(openingColumns.map((column) => [column, placeOf(column)]));
  return cells.slice(1).flatMap((line, index) => {
    const texts = Object.fromEntries(
      openingColumns.map((column) => [column, textOf(line[places.get(column) ?? -1])]),
    ) as Record<OpeningColumn, string>;
    if (Object.values(texts).every((text) => text === '')) return [];
    return [{ row: index + 2, ...texts }];
  });
}

/** A date in a sheet has no zone: it is taken as its digits say, local to the project. */
function textOf(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (cell instanceof Date) return cell.toISOString().slice(0, 16).replace('T', ' ');
  return String(cell).trim();
}

/** Lines of a .csv: commas or semicolons, quotes doubled inside quotes. */
export function parseCsv(text: string): readonly (readonly string[])[] {
  const clean = text.replace(/^\uFEFF/, '');
  const firstLine = clean.slice(0, Math.max(0, clean.search(/\r?\n|$/)));
  const separator = firstLine.split(';').length > firstLine.split(',').length ? ';' : ',';
  const lines: string[][] = [];
  let line: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < clean.length; at += 1) {
    const sign = clean[at];
    if (quoted && sign === '"' && clean[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else if (sign === '"') quoted = !quoted;
    else if (!quoted && sign === separator) {
      line.push(cell);
      cell = '';
    } else if (!quoted && (sign === '\n' || sign === '\r')) {
      if (sign === '\r' && clean[at + 1] === '\n') at += 1;
      lines.push([...line, cell]);
      line = [];
      cell = '';
    } else cell += sign;
  }
  return cell === '' && line.length === 0 ? lines : [...lines, [...line, cell]];
}

/** The list as an .xlsx for filling in: everything is text, so that codes keep their zeros. */
export async function writeOpeningFile(
  rows: readonly OpeningRow[],
  headings: Headings,
  fileName: string,
): Promise<void> {
  const { default: writeXlsx } = await import('write-excel-file/browser');
  const header = openingColumns.map((column) => ({
    value: headings[column],
    type: String,
    fontWeight: 'bold' as const,
  }));
  const data = [
    header,
    ...rows.map((row) => openingColumns.map((column) => ({ value: row[column], type: String }))),
  ];
  const columns = openingColumns.map((column) => ({ width: Math.max(12, headings[column].length + 2) }));
  await writeXlsx([{ sheet: 'accounts', data, columns, stickyRowsCount: 1 }]).toFile(fileName);
}

/** The same rows give the same key, so that a list sent again, even from another browser, opens nothing twice. */
export function keyOfRows(rows: readonly OpeningRow[]): string {
  const text = JSON.stringify(rows);
  const hash = (seed: number): string => {
    let value = seed;
    for (let at = 0; at < text.length; at += 1)
      value = Math.imul(value ^ text.charCodeAt(at), 0x01000193) >>> 0;
    return value.toString(16).padStart(8, '0');
  };
  return `list-${text.length}-${[0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35].map(hash).join('')}`;
}
