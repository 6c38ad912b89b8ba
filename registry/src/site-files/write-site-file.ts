// SPDX-License-Identifier: Apache-2.0
/** Tables to the bytes of a site file, in either form. What is written is read back as the same tables. */
import { sheetNames, siteColumns, type Column, type SheetName, type SiteTables } from './site-tables.ts';
import { writeXlsx, type SheetToWrite } from './spreadsheet-thread.ts';

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

async function xlsxOf(tables: SiteTables): Promise<Buffer> {
  const sheets = sheetNames.map((sheet): SheetToWrite => {
    const header = columnsOf(sheet).map(([column]) => column);
    return {
      sheet,
      header,
      rows: tables[sheet].map(({ values }) =>
        cellsOf(sheet, values).map(([, cell]) => (typeof cell === 'boolean' ? String(cell) : cell)),
      ),
      widths: header.map((column) => Math.max(12, column.length + 2)),
    };
  });
  return await writeXlsx([readme(), ...sheets]);
}

/** First sheet: what each column means. The reader skips it. */
function readme(): SheetToWrite {
  const rows = sheetNames.flatMap((sheet) =>
    columnsOf(sheet).map(([column, { required, about }]) => [sheet, column, required ? 'yes' : '', about]),
  );
  return {
    sheet: 'readme',
    header: ['sheet', 'column', 'needed', 'meaning'],
    rows,
    widths: [16, 24, 8, 100],
  };
}
