// SPDX-License-Identifier: Apache-2.0
/** From the bytes of an .xlsx or .json file to rows of typed cells. Everything wrong is listed by sheet, row and column. */
import { setImmediate as giveWay } from 'node:timers/promises';
import { RequestError } from '@wattledger/platform';
import { CellFault, type Cell } from './site-cells.ts';
import type { SiteFaults } from './site-faults.ts';
import {
  requiredSheets,
  sheetNames,
  siteColumns,
  type Column,
  type Numbered,
  type SheetName,
  type SiteTables,
} from './site-tables.ts';
import { readXlsx } from './spreadsheet-thread.ts';
import { unpackedBytesOf } from './zip-size.ts';

export const rowsPerSheetMax = 200_000;
const unpackedBytesMax = 512 * 1024 * 1024;
/** Sheets for the reader, not for us. */
const ignoredSheets: readonly string[] = ['readme', 'notes'];

interface RawSheet {
  /** As it is called in the file. */
  readonly title: string;
  readonly header: readonly string[];
  readonly rows: readonly Numbered<readonly Cell[]>[];
}

export interface ReadSite {
  readonly tables: SiteTables;
  /** Codes (serials) of rows that are there but cannot be read: what refers to them has no fault of its own. */
  readonly broken: BrokenCodes;
}
export type BrokenCodes = ReadonlyMap<SheetName, ReadonlySet<string>>;

/**
 * @throws RequestError site-file-unreadable when the file as a whole is not what it should be
 */
export async function readSiteFile(bytes: Uint8Array, faults: SiteFaults): Promise<ReadSite> {
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  const sheets = isZip ? await sheetsOfXlsx(bytes) : sheetsOfJson(bytes, faults);
  const byName = new Map<string, RawSheet>();
  for (const sheet of sheets) {
    const name = normalised(sheet.title);
    if (ignoredSheets.includes(name)) continue;
    if (!sheetNames.some((known) => known === name)) {
      faults.add(
        sheet.title,
        null,
        null,
        `there is no sheet of this name; the sheets are ${sheetNames.join(', ')}`,
      );
    } else if (byName.has(name)) faults.add(sheet.title, null, null, 'the sheet is there twice');
    else byName.set(name, sheet);
  }
  for (const name of requiredSheets)
    if (!byName.has(name)) faults.add(name, null, null, 'the sheet is missing');
  const broken = new Map<SheetName, Set<string>>(sheetNames.map((name) => [name, new Set()]));
  const tables: Record<string, readonly Numbered<Record<string, unknown>>[]> = {};
  for (const name of sheetNames) {
    tables[name] = readSheet(name, byName.get(name), broken.get(name), faults);
    await giveWay();
  }
  // Every sheet has been read by its own columns.
  return { tables: tables as unknown as SiteTables, broken };
}

function unreadable(message: string, hint: string): RequestError {
  return new RequestError({ status: 422, code: 'site-file-unreadable', message, hint });
}

async function sheetsOfXlsx(bytes: Uint8Array): Promise<readonly RawSheet[]> {
  const unpacked = unpackedBytesOf(bytes);
  if (unpacked !== null && unpacked > unpackedBytesMax) {
    throw unreadable(
      `The spreadsheet unpacks to ${Math.ceil(unpacked / 1_048_576)} MiB; at most 512 are taken.`,
      'Remove empty formatted rows and pictures, or use the JSON form.',
    );
  }
  const answer = await readXlsx(bytes);
  if ('fault' in answer) {
    throw unreadable(
      `The file begins like an .xlsx but cannot be read: ${answer.fault}.`,
      'Open it in a spreadsheet program and save it again as .xlsx; old .xls and password-protected files are not taken.',
    );
  }
  return answer.sheets.map(({ sheet, data }) => {
    const [header = [], ...rows] = data;
    return {
      title: sheet,
      header: header.map((cell) => (cell === null || cell === undefined ? '' : String(cell))),
      rows: rows.map((cells, index) => ({ row: index + 2, values: cells.map((cell) => cell ?? null) })),
    };
  });
}

function sheetsOfJson(bytes: Uint8Array, faults: SiteFaults): readonly RawSheet[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw unreadable(
      `The file is neither an .xlsx nor JSON: ${error instanceof Error ? error.message : String(error)}.`,
      'Send the spreadsheet itself (.xlsx), or JSON in UTF-8; GET /api/projects/site-file-template gives an example of each.',
    );
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw unreadable(
      'The JSON file must be an object with an array for each sheet.',
      'Compare with the template.',
    );
  }
  return Object.entries(parsed).flatMap(([title, value]) => {
    const rows: unknown = title === 'project' && !Array.isArray(value) ? [value] : value;
    if (Array.isArray(rows)) return [sheetOfObjects(title, rows, faults)];
    faults.add(title, null, null, 'expected an array of rows');
    return [];
  });
}

function sheetOfObjects(title: string, objects: readonly unknown[], faults: SiteFaults): RawSheet {
  const header = new Set<string>();
  for (const object of objects) if (isObject(object)) for (const key of Object.keys(object)) header.add(key);
  const columns = [...header];
  const rows = objects.flatMap((object, index) => {
    if (!isObject(object)) {
      faults.add(title, index + 2, null, 'expected an object with the columns of the sheet');
      return [];
    }
    return [
      {
        row: index + 2,
        values: columns.map((column) => cellOfJson(object[column], title, index + 2, column, faults)),
      },
    ];
  });
  return { title, header: columns, rows };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function cellOfJson(value: unknown, sheet: string, row: number, column: string, faults: SiteFaults): Cell {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  faults.add(sheet, row, column, 'expected text, a number, or true or false');
  return null;
}

const normalised = (title: string): string =>
  title
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');

function readSheet(
  name: SheetName,
  sheet: RawSheet | undefined,
  broken: Set<string> | undefined,
  faults: SiteFaults,
): readonly Numbered<Record<string, unknown>>[] {
  if (sheet === undefined) return [];
  const columns: Readonly<Record<string, Column<unknown>>> = siteColumns[name];
  const positions = positionsOf(sheet, columns, faults);
  if (sheet.rows.length > rowsPerSheetMax) {
    faults.add(
      sheet.title,
      null,
      null,
      `has ${sheet.rows.length} rows; at most ${rowsPerSheetMax} are taken`,
    );
    return [];
  }
  const rows: Numbered<Record<string, unknown>>[] = [];
  for (const { row, values: cells } of sheet.rows) {
    if (cells.every(isBlank)) continue;
    const { values, sound } = readRow(sheet.title, row, cells, columns, positions, faults);
    const key = values['code'] ?? values['serial'];
    if (sound) rows.push({ row, values });
    else if (typeof key === 'string') broken?.add(key);
  }
  return rows;
}

function isBlank(cell: Cell): boolean {
  return cell === null || (typeof cell === 'string' && cell.trim() === '');
}

/** Column name → position. Columns that are unknown, doubled or missing are faults of the header, row 1. */
function positionsOf(
  sheet: RawSheet,
  columns: Readonly<Record<string, Column<unknown>>>,
  faults: SiteFaults,
): ReadonlyMap<string, number> {
  const positions = new Map<string, number>();
  for (const [position, title] of sheet.header.entries()) {
    const column = normalised(title);
    if (column === '') {
      if (sheet.rows.some(({ values }) => !isBlank(values[position] ?? null))) {
        faults.add(sheet.title, 1, null, `column ${position + 1} has cells but no heading`);
      }
    } else if (!Object.hasOwn(columns, column)) {
      faults.add(
        sheet.title,
        1,
        title,
        `there is no such column; the columns are ${Object.keys(columns).join(', ')}`,
      );
    } else if (positions.has(column)) faults.add(sheet.title, 1, title, 'the column is there twice');
    else positions.set(column, position);
  }
  for (const [column, { required }] of Object.entries(columns)) {
    if (required && !positions.has(column) && sheet.rows.length > 0)
      faults.add(sheet.title, 1, column, 'the column is missing');
  }
  return positions;
}

/** The row's values; not sound when one of them is missing or cannot be read. */
function readRow(
  title: string,
  row: number,
  cells: readonly Cell[],
  columns: Readonly<Record<string, Column<unknown>>>,
  positions: ReadonlyMap<string, number>,
  faults: SiteFaults,
): { readonly values: Record<string, unknown>; readonly sound: boolean } {
  const values: Record<string, unknown> = {};
  let sound = true;
  for (const [column, { kind, required }] of Object.entries(columns)) {
    const position = positions.get(column);
    const cell = position === undefined ? undefined : (cells[position] ?? null);
    if (cell === undefined || isBlank(cell) || cell === null) {
      values[column] = cell === undefined ? undefined : null;
      if (!required) continue;
      sound = false;
      if (cell !== undefined) faults.add(title, row, column, 'must not be blank');
      continue;
    }
    try {
      values[column] = kind.read(cell);
    } catch (error) {
      if (!(error instanceof CellFault)) throw error;
      sound = false;
      faults.add(title, row, column, error.message);
    }
  }
  return { values, sound };
}
