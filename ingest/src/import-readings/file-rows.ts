// SPDX-License-Identifier: Apache-2.0
/** From the bytes of a file to its rows: gzip is told by its first bytes, text is read as CSV, in bounded memory. */
import { pipeline, Readable } from 'node:stream';
import { Buffer } from 'node:buffer';
import { createGunzip } from 'node:zlib';
import { CsvFault, CsvText, type CsvOptions, type CsvRow } from './csv-text.ts';

/** Something that ends the reading of the file, said for people. */
export class FileFault extends Error {
  readonly code: 'truncated' | 'row-shape' | 'columns' | 'too-large';
  readonly line: number;
  constructor(code: FileFault['code'], line: number, message: string) {
    super(message);
    this.name = 'FileFault';
    this.code = code;
    this.line = line;
  }
}

export type FileRow = CsvRow;

export interface RowsOptions extends CsvOptions {
  /** Told after the last row: a text that breaks off within a line may be half a file. */
  readonly onEnd?: (endsWithLineEnd: boolean) => void;
}

const unpackedChunkBytes = 128_000;

/**
 * Rows, many at a time.
 * @throws FileFault for a file that is cut off, is no text, or has a row nobody could have meant
 */
export async function* fileRows(
  source: AsyncIterable<Buffer>,
  options: RowsOptions,
): AsyncGenerator<readonly FileRow[]> {
  const csv = new CsvText(options);
  const decoder = new TextDecoder('utf-8');
  let line = options.skipLines;
  let lastByte = 0x0a;
  try {
    for await (const chunk of unpacked(source)) {
      lastByte = chunk.at(-1) ?? lastByte;
      const rows = csv.take(decoder.decode(chunk, { stream: true }), false);
      line = rows.at(-1)?.line ?? line;
      if (rows.length > 0) yield rows;
    }
    const last = csv.take(decoder.decode(), true);
    line = last.at(-1)?.line ?? line;
    if (last.length > 0) yield last;
  } catch (error) {
    throw fileFaultOf(error, line);
  }
  options.onEnd?.(lastByte === 0x0a || lastByte === 0x0d);
}

/** @throws FileFault for what is neither text nor packed text */
async function* unpacked(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const bytes = source[Symbol.asyncIterator]();
  const head = await headOf(bytes);
  const packed = head[0] === 0x1f && head[1] === 0x8b;
  if (!packed && head.subarray(0, 4096).includes(0)) {
    throw new FileFault('columns', 0, 'the file is no text: export it as CSV (or CSV packed with gzip)');
  }
  const whole = rejoined(head, bytes);
  if (!packed) {
    yield* whole;
    return;
  }
  const gunzip = createGunzip({ chunkSize: unpackedChunkBytes });
  // Errors surface where the bytes are read.
  pipeline(Readable.from(whole, { objectMode: false }), gunzip, () => undefined);
  yield* gunzip as AsyncIterable<Buffer>;
}

/** The first bytes, two at least where there are two: what kind of file it is stands in them. */
async function headOf(bytes: AsyncIterator<Buffer>): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length < 2) {
    const next = await bytes.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  return head;
}

async function* rejoined(head: Buffer, bytes: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  for (let next = await bytes.next(); next.done !== true; next = await bytes.next()) yield next.value;
}

function fileFaultOf(error: unknown, line: number): unknown {
  const code = (error as { code?: unknown }).code;
  if (code === 'Z_BUF_ERROR') {
    return new FileFault(
      'truncated',
      line,
      `the file ends in the middle: its packed data are cut off after line ${line}`,
    );
  }
  if (typeof code === 'string' && code.startsWith('Z_')) {
    return new FileFault('truncated', line, `the packed data are damaged after line ${line}`);
  }
  if (error instanceof CsvFault) {
    return new FileFault(
      error.kind === 'quote-not-closed' ? 'truncated' : 'row-shape',
      error.line,
      error.message,
    );
  }
  return error;
}
