// SPDX-License-Identifier: Apache-2.0
/** Requests as a careless or hostile caller sends them: nothing is repeated, repaired or understood. */
import { request } from 'node:http';
import { problemShape, type Problem } from '@wattledger/contracts';

export interface PlainAnswer {
  readonly status: number;
  readonly text: string;
  readonly cookie: string;
  /** Bytes of the body that had been sent when the answer came. */
  readonly sent: number;
}

export interface PlainRequest {
  readonly cookie?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Objects are sent as JSON, texts and bytes as they are. */
export async function send(
  url: string,
  method: string,
  path: string,
  { cookie = '', headers = {}, body }: PlainRequest = {},
): Promise<PlainAnswer> {
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(url + path, {
    method,
    headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: raw ? (body as string) : JSON.stringify(body) }),
  });
  const text = await response.text();
  const given = response.headers.getSetCookie().map((line) => line.split(';')[0]);
  return { status: response.status, text, cookie: given.join('; '), sent: 0 };
}

const pieceBytes = 1_000_000;

/** Streams `bytes` of nothing in particular; stops when the server has answered. Without `declared` it is sent in chunks. */
export function sendFlood(
  url: string,
  path: string,
  cookie: string,
  bytes: number,
  declared: boolean,
): Promise<PlainAnswer> {
  return new Promise((resolve, reject) => {
    const piece = Buffer.alloc(pieceBytes, 'a,b\n');
    let sent = 0;
    let status = 0;
    const call = request(url + path, {
      method: 'POST',
      headers: {
        cookie,
        'content-type': 'application/json',
        ...(declared ? { 'content-length': bytes } : { 'transfer-encoding': 'chunked' }),
      },
    });
    const more = (): void => {
      while (status === 0 && sent < bytes) {
        sent += pieceBytes;
        if (!call.write(piece)) return void call.once('drain', more);
      }
      if (status === 0) call.end();
    };
    call.on('response', (response) => {
      status = response.statusCode ?? 0;
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
      response.on('end', () => {
        call.destroy();
        resolve({ status, text, cookie: '', sent });
      });
    });
    // After its answer the server cuts the connection off.
    call.on('error', (error) => {
      if (status === 0) reject(error);
    });
    more();
  });
}

/** Sends the beginning of a body and then hangs up. */
export function hangUp(url: string, path: string, cookie: string, beginning: string): Promise<void> {
  return new Promise((resolve) => {
    const call = request(url + path, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json', 'content-length': beginning.length + 1_000 },
    });
    call.on('error', () => undefined);
    call.on('close', resolve);
    call.write(beginning, () => setTimeout(() => call.destroy(), 100));
  });
}

/** What no answer may show: places in the code, files of the machine, SQL, names of what runs behind. */
const leak =
  /\.ts\b|\bat [\w.<>]+ \(|node_modules|\/tmp\/|\/home\/|\b(SELECT|INSERT INTO|UPDATE|DELETE FROM) |syntax error|relation "|duplicate key|ECONN|postgres|clickhouse|chdb|DB::Exception/i;

/** The answer's Problem. @throws Error when it is none, says nothing to do, or tells too much */
export function problemOf(answer: PlainAnswer): Problem {
  const problem = problemShape.parse(JSON.parse(answer.text));
  if (leak.test(answer.text)) throw new Error(`the answer tells too much: ${answer.text}`);
  if (problem.message.length < 10 || (problem.hint ?? '').length < 10)
    throw new Error(`the answer does not say what to do: ${answer.text}`);
  return problem;
}
