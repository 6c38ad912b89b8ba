// SPDX-License-Identifier: Apache-2.0
/**
 * Spreadsheets are read and written in a thread of their own, with memory and time of its own. At 35,000 meters either
 * takes seconds, in which meters must be polled; and a file made to unpack to more than it says exhausts only
 * that thread.
 */
import { Worker } from 'node:worker_threads';
import type { Cell } from './site-cells.ts';

export interface ReadSheet {
  readonly sheet: string;
  readonly data: readonly (readonly (Cell | undefined)[])[];
}
export interface SheetToWrite {
  readonly sheet: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
  /** In characters, one per column. */
  readonly widths: readonly number[];
}
export type SpreadsheetTask =
  | { readonly kind: 'read'; readonly bytes: Uint8Array }
  | { readonly kind: 'write'; readonly sheets: readonly SheetToWrite[] };
export type SpreadsheetAnswer =
  | { readonly kind: 'read'; readonly sheets: readonly ReadSheet[] }
  | { readonly kind: 'written'; readonly bytes: Uint8Array }
  | { readonly kind: 'fault'; readonly fault: string };

const memoryMbMax = 2048;
const durationMsMax = 120_000;

/** Sheets of the file, or what is wrong with it. */
export async function readXlsx(
  bytes: Uint8Array,
): Promise<{ readonly sheets: readonly ReadSheet[] } | { readonly fault: string }> {
  const answer = await inThread({ kind: 'read', bytes });
  return answer.kind === 'read'
    ? { sheets: answer.sheets }
    : { fault: answer.kind === 'fault' ? answer.fault : 'no answer' };
}

/** @throws Error when the thread fails: what is written is ours, so that is a mistake of ours */
export async function writeXlsx(sheets: readonly SheetToWrite[]): Promise<Buffer> {
  const answer = await inThread({ kind: 'write', sheets });
  if (answer.kind !== 'written')
    throw new Error(
      `a spreadsheet could not be written: ${answer.kind === 'fault' ? answer.fault : 'no answer'}`,
    );
  return Buffer.from(answer.bytes.buffer, answer.bytes.byteOffset, answer.bytes.byteLength);
}

async function inThread(task: SpreadsheetTask): Promise<SpreadsheetAnswer> {
  const worker = new Worker(new URL('spreadsheet-main.ts', import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: memoryMbMax },
    // Flags of the process (a test runner's, a profiler's) are not meant for this thread.
    execArgv: [],
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<SpreadsheetAnswer>((resolve) => {
      timer = setTimeout(() => {
        resolve({ kind: 'fault', fault: `it took more than ${durationMsMax / 1000} seconds` });
      }, durationMsMax);
      worker.once('message', resolve);
      worker.once('error', (error: Error & { code?: string }) => {
        const tooLarge = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
        resolve({
          kind: 'fault',
          fault: tooLarge ? `it needs more than ${memoryMbMax} MB of memory` : error.message,
        });
      });
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
