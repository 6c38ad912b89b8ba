// SPDX-License-Identifier: Apache-2.0
/** Writes sheets in a thread of its own: at ten thousand meters it takes a second or two, in which money must be taken. */
import { Worker } from 'node:worker_threads';

/** A Date is shown as it stands in UTC: local time is put into it before. */
export type SheetCell = string | number | Date | null;
export interface Sheet {
  readonly name: string;
  readonly columns: readonly {
    readonly title: string;
    /** In characters. */
    readonly width: number;
    readonly format?: string;
  }[];
  readonly rows: readonly (readonly SheetCell[])[];
}
export type SheetAnswer = { readonly bytes: Uint8Array } | { readonly fault: string };

const memoryMbMax = 1024;

/** @throws Error when the thread fails: what is written is ours, so that is a mistake of ours */
export async function writeSheets(sheets: readonly Sheet[]): Promise<Buffer> {
  const worker = new Worker(new URL('spreadsheet-main.ts', import.meta.url), {
    workerData: sheets,
    resourceLimits: { maxOldGenerationSizeMb: memoryMbMax },
    // Flags of the process (a test runner's, a profiler's) are not meant for this thread.
    execArgv: [],
  });
  try {
    const answer = await new Promise<SheetAnswer>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    if ('fault' in answer) throw new Error(`the sheet could not be written: ${answer.fault}`);
    return Buffer.from(answer.bytes);
  } finally {
    await worker.terminate();
  }
}
