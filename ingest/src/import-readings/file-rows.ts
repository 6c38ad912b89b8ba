// SPDX-License-Identifier: Apache-2.0
/** From the bytes of a file to its rows: gzip is told by its first bytes, text is read as CSV, in bounded memory. */
import { pipeline, Readable } from 'node:stream';
import type { Buffer } from 'node:buffer';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';

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

export interface FileRow {
  readonly fields: readonly string[];
  /** Line of the unpacked file, 1 = first; counted in records, so that a line break within quotes counts for none. */
  readonly line: number;
}

export interface RowsOptions {
  readonly delimiter: string;
  readonly skipLines: number;
  readonly onBytes?: (bytes: number) => void;
  /** Told after the last row: a text that breaks off within a line may be half a file. */
  readonly onEnd?: (endsWithLineEnd: boolean) => void;
}

const rowBytesMax = 4_000_000;
const unpackedChunkBytes = 128_000;

/**
 * @throws FileFault for a file that is cut off, is no text, or has a row nobody could have meant
 */
export async function* fileRows(
  source: AsyncIterable<Buffer>,
  options: RowsOptions,
): AsyncGenerator<FileRow> {
  const parser = parse({
    bom: true,
    delimiter: options.delimiter,
    relax_column_count: true,
    from_line: options.skipLines + 1,
    max_record_size: rowBytesMax,
  });
  const bytes = source[Symbol.asyncIterator]();
  const first = await nextBytes(bytes, options);
  const stream = Readable.from(counted(first, bytes, options), { objectMode: false });
  const packed = first !== null && first.length >= 2 && first[0] === 0x1f && first[1] === 0x8b;
  if (!packed && first !== null && looksBinary(first)) {
    throw new FileFault('columns', 0, 'the file is no text: export it as CSV (or CSV packed with gzip)');
  }
  let lastByte = 0x0a;
  const watched = async function* (text: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of text) {
      lastByte = chunk.at(-1) ?? lastByte;
      yield chunk;
    }
  };
  // Errors surface where the rows are read.
  const done = (): void => undefined;
  if (packed) pipeline(stream, createGunzip({ chunkSize: unpackedChunkBytes }), watched, parser, done);
  else pipeline(stream, watched, parser, done);
  let line = options.skipLines;
  try {
    for await (const fields of parser as AsyncIterable<string[]>) {
      line += 1;
      yield { fields, line };
    }
  } catch (error) {
    throw fileFaultOf(error, line);
  }
  options.onEnd?.(lastByte === 0x0a || lastByte === 0x0d);
}

async function nextBytes(bytes: AsyncIterator<Buffer>, { onBytes }: RowsOptions): Promise<Buffer | null> {
  const next = await bytes.next();
  if (next.done === true) return null;
  onBytes?.(next.value.length);
  return next.value;
}

async function* counted(
  first: Buffer | null,
  bytes: AsyncIterator<Buffer>,
  options: RowsOptions,
): AsyncGenerator<Buffer> {
  for (let chunk = first; chunk !== null; chunk = await nextBytes(bytes, options)) yield chunk;
}

function looksBinary(bytes: Buffer): boolean {
  return bytes.subarray(0, 4096).includes(0);
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
  if (code === 'CSV_QUOTE_NOT_CLOSED') {
    return new FileFault(
      'truncated',
      line + 1,
      'a quote is opened and never closed: the file is cut off, or a quote stands within a field',
    );
  }
  if (code === 'CSV_MAX_RECORD_SIZE') {
    return new FileFault(
      'row-shape',
      line + 1,
      `the line is longer than ${rowBytesMax} bytes: a quote is not closed, or this is no CSV`,
    );
  }
  if (typeof code === 'string' && code.startsWith('CSV_')) {
    return new FileFault('row-shape', line + 1, (error as Error).message);
  }
  return error;
}
