// SPDX-License-Identifier: Apache-2.0
/** Program of the thread in which sheets are written; see write-sheet.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import writeXlsx from 'write-excel-file/node';
import type { Sheet, SheetAnswer, SheetCell } from './write-sheet.ts';

try {
  const sheets = (workerData as readonly Sheet[]).map(({ name, columns, rows }) => ({
    sheet: name,
    data: [
      columns.map(({ title }) => ({
        value: title,
        type: String,
        fontWeight: 'bold' as const,
        backgroundColor: '#E8EEE9',
        wrap: true,
      })),
      ...rows.map((row) => row.map((cell, at) => cellOf(cell, columns[at]?.format))),
    ],
    columns: columns.map(({ width }) => ({ width })),
    stickyRowsCount: 1,
    stickyColumnsCount: 2,
  }));
  const bytes = await writeXlsx(sheets).toBuffer();
  parentPort?.postMessage({ bytes } satisfies SheetAnswer);
} catch (error) {
  const fault = error instanceof Error ? error.message : String(error);
  parentPort?.postMessage({ fault } satisfies SheetAnswer);
}

/** Text stays text whatever it looks like: a name that begins with = is no formula, a serial keeps its zeros. */
function cellOf(cell: SheetCell, format: string | undefined) {
  if (cell === null) return null;
  const shown = format === undefined ? {} : { format };
  if (typeof cell === 'number') return { value: cell, type: Number, ...shown };
  if (cell instanceof Date) return { value: cell, type: Date, format: format ?? 'yyyy-mm-dd hh:mm:ss' };
  return { value: cell, type: String };
}
