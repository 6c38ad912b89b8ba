// SPDX-License-Identifier: Apache-2.0
/** Program of the thread in which spreadsheets are read and written; see spreadsheet-thread.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import readXlsx from 'read-excel-file/node';
import writeXlsx from 'write-excel-file/node';
import type { SheetToWrite, SpreadsheetAnswer, SpreadsheetTask } from './spreadsheet-thread.ts';

const task = workerData as SpreadsheetTask;
try {
  parentPort?.postMessage(task.kind === 'read' ? await read(task.bytes) : await write(task.sheets));
} catch (error) {
  const answer: SpreadsheetAnswer = {
    kind: 'fault',
    fault: error instanceof Error ? error.message : String(error),
  };
  parentPort?.postMessage(answer);
}

async function read(bytes: Uint8Array): Promise<SpreadsheetAnswer> {
  const sheets = await readXlsx(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return { kind: 'read', sheets: sheets.map(({ sheet, data }) => ({ sheet, data: data as SheetRows })) };
}
type SheetRows = Extract<SpreadsheetAnswer, { kind: 'read' }>['sheets'][number]['data'];

async function write(sheets: readonly SheetToWrite[]): Promise<SpreadsheetAnswer> {
  const written = sheets.map(({ sheet, header, rows, widths }) => ({
    sheet,
    data: [
      header.map((value) => ({ value, type: String, fontWeight: 'bold' as const })),
      ...rows.map((cells) => cells.map(cellOf)),
    ],
    columns: widths.map((width) => ({ width })),
    stickyRowsCount: 1,
  }));
  return { kind: 'written', bytes: await writeXlsx(written).toBuffer() };
}

/** Text stays text whatever it looks like: a name that begins with = is no formula, a serial keeps its zeros. */
function cellOf(cell: string | number | null) {
  if (cell === null) return null;
  return typeof cell === 'number' ? { value: cell, type: Number } : { value: cell, type: String };
}
