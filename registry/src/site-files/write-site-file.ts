// SPDX-License-Identifier: Apache-2.0
/** Tables to the bytes of a site file, in either form. What is written is read back as the same tables. */
import writeXlsx from 'write-excel-file/node';
import { sheetNames, siteColumns, type Column, type SheetName, type SiteTables } from './site-tables.ts';

export type SiteFileFormat = 'xlsx' | 'json';
export const siteFileTypes: Readonly<Record<SiteFileFormat, string>> = {
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  json: 'application/json; charset=utf-8',
};

type Written = string | number | boolean | null;

export async function writeSiteFile(tables: SiteTables, format: SiteFileFormat): Promise<Buffer> {
  return format === 'json' ? Buffer.from(jsonOf(tables)) : await xlsxOf(tables);
}

const columnsOf = (sheet: SheetName): readonly (readonly [string, Column<unknown>])[] =>
  Object.entries(siteColumns[sheet]);

function cellsOf(
  sheet: SheetName,
  values: Readonly<Record<string, unknown>>,
): readonly (readonly [string, Written])[] {
  return columnsOf(sheet).map(([column, { kind }]) => {
    const value = values[column];
    return [column, value === null || value === undefined ? null : kind.write(value)];
  });
}

function jsonOf(tables: SiteTables): string {
  const sheets = sheetNames.map((sheet) => {
    const rows = tables[sheet].map(({ values }) =>
      Object.fromEntries(cellsOf(sheet, values).filter(([, cell]) => cell !== null)),
    );
    return [sheet, sheet === 'project' ? (rows[0] ?? {}) : rows] as const;
  });
  return `${JSON.stringify(Object.fromEntries(sheets.filter(([, rows]) => !Array.isArray(rows) || rows.length > 0)), null, 1)}\n`;
}

type XlsxCell =
  | { readonly value: string; readonly type: StringConstructor }
  | { readonly value: number; readonly type: NumberConstructor }
  | null;

/** Text stays text whatever it looks like: a name that begins with = is no formula, a serial keeps its zeros. */
function xlsxCell(cell: Written): XlsxCell {
  if (cell === null) return null;
  if (typeof cell === 'number') return { value: cell, type: Number };
  return { value: String(cell), type: String };
}

async function xlsxOf(tables: SiteTables): Promise<Buffer> {
  const sheets = sheetNames.map((sheet) => {
    const header = columnsOf(sheet).map(([column]) => ({
      value: column,
      type: String,
      fontWeight: 'bold' as const,
    }));
    const rows = tables[sheet].map(({ values }) => cellsOf(sheet, values).map(([, cell]) => xlsxCell(cell)));
    return {
      sheet,
      data: [header, ...rows],
      columns: header.map(({ value }) => ({ width: Math.max(12, value.length + 2) })),
      stickyRowsCount: 1,
    };
  });
  return await writeXlsx([readme(), ...sheets]).toBuffer();
}

/** First sheet: what each column means. The reader skips it. */
function readme() {
  const header = ['sheet', 'column', 'needed', 'meaning'].map((value) => ({
    value,
    type: String,
    fontWeight: 'bold' as const,
  }));
  const rows = sheetNames.flatMap((sheet) =>
    columnsOf(sheet).map(([column, { required, about }]) =>
      [sheet, column, required ? 'yes' : '', about].map((value) => ({ value, type: String })),
    ),
  );
  return {
    sheet: 'readme',
    data: [header, ...rows],
    columns: [16, 24, 8, 100].map((width) => ({ width })),
    stickyRowsCount: 1,
  };
}
