// SPDX-License-Identifier: Apache-2.0
/**
 * ClickHouse's HTTP protocol over chDB: what @clickhouse/client and Grafana's data source use of it. Every request
 * gets its own session of the engine, so that settings, parameters and the current database cannot leak.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createGunzip, gzip } from 'node:zlib';
import { promisify, types } from 'node:util';
import { Session } from 'chdb';
import { checkedName, setParameterStatements, stringLiteral } from '../sql-literal.ts';

export interface FrontOptions {
  /** Statements at the same time; more wait. Keep below UV_THREADPOOL_SIZE. */
  readonly statementsMax: number;
  /** Largest request body, after decompression. */
  readonly bodyBytesMax: number;
}

/** URL parameters of the HTTP layer itself; everything else is a setting of the engine. */
const httpParameters = new Set([
  'query',
  'database',
  'default_format',
  'query_id',
  'session_id',
  'session_timeout',
  'session_check',
  'user',
  'password',
  'role',
  'quota_key',
  'wait_end_of_query',
  'buffer_size',
  'compress',
  'decompress',
  'enable_http_compression',
  'http_zlib_compression_level',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'http_response_buffer_size',
  'cancel_http_readonly_queries_on_client_close',
  'add_http_cors_header',
]);

class BodyTooLarge extends Error {}

async function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const source = request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new BodyTooLarge(`body over ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

interface Statement {
  readonly sql: string;
  readonly format: string;
  readonly queryId: string;
}

/** Turns one request into the text of one session: USE, SETs, parameters, the statement with its data. */
function statementOf(url: URL, body: Buffer): Statement | null {
  const prefix: string[] = [];
  const parameters: Record<string, string> = {};
  for (const [name, value] of url.searchParams) {
    // The engine takes a parameter's text with its escapes, as the client wrote them.
    if (name.startsWith('param_')) parameters[name.slice('param_'.length)] = value;
    else if (!httpParameters.has(name))
      prefix.push(`SET ${checkedName(name)} = ${/^-?\d+$/.test(value) ? value : stringLiteral(value)}; `);
  }
  const database = url.searchParams.get('database');
  if (database !== null && database !== '') prefix.unshift(`USE ${quotedName(database)}; `);
  const inUrl = url.searchParams.get('query')?.trim() ?? '';
  // A statement in the URL has its data in the body; without data a body-less statement ends there.
  const sql =
    inUrl === ''
      ? body.toString('utf8').trim()
      : body.length === 0
        ? inUrl
        : `${inUrl}\n${body.toString('utf8')}`;
  if (sql === '') return null;
  if (/^\s*INSERT\b/i.test(inUrl) && /\bFORMAT\s+\w+\s*$/i.test(inUrl) && body.length === 0)
    return { sql: '', format: '', queryId: '' };
  return {
    sql: `${prefix.join('')}${setParameterStatements(parameters)}${inUrl === '' ? sql.replace(/;\s*$/, '') : sql}`,
    format: url.searchParams.get('default_format') ?? 'TabSeparated',
    queryId: url.searchParams.get('query_id') ?? randomUUID(),
  };
}

function quotedName(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}

/** HTTP status as the server chooses it (HTTPHandler::exceptionCodeToHTTPStatus), as far as clients look at it. */
function statusOfException(code: number): number {
  if ([26, 27, 41, 42, 43, 46, 47, 53, 62, 69, 72, 131, 386, 456, 457].includes(code)) return 400;
  if (code === 60 || code === 81) return 404;
  if (code === 241) return 507;
  if (code === 202 || code === 252) return 503;
  return 500;
}

const compress = promisify(gzip);

async function answer(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
  compressed: boolean,
): Promise<void> {
  const bytes = compressed ? await compress(body, { level: 1 }) : body;
  response.writeHead(status, {
    ...headers,
    ...(compressed ? { 'Content-Encoding': 'gzip' } : {}),
    'Content-Length': String(bytes.byteLength),
  });
  response.end(bytes);
}

/** Lets at most `max` run at a time, in order of arrival. */
function createGate(max: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= max) await new Promise<void>((go) => waiting.push(go));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

/** A server (not yet listening) before the data directory. Only one per process. */
export function createFront(directory: string, options: FrontOptions): Server {
  // Keeps the engine open between requests.
  const anchor = new Session(directory);
  const gate = createGate(options.statementsMax);

  async function execute(statement: Statement, response: ServerResponse, compressed: boolean): Promise<void> {
    const session = new Session(directory);
    try {
      const result = await session.queryAsync(statement.sql, { format: statement.format });
      const summary = {
        read_rows: String(result.rowsRead),
        read_bytes: String(result.bytesRead),
        written_rows: '0',
        written_bytes: '0',
        total_rows_to_read: '0',
        result_rows: '0',
        result_bytes: '0',
        elapsed_ns: String(Math.round(result.elapsed * 1e9)),
      };
      const headers = {
        'Content-Type': statement.format.startsWith('JSON')
          ? 'application/json; charset=UTF-8'
          : 'text/tab-separated-values; charset=UTF-8',
        'X-ClickHouse-Query-Id': statement.queryId,
        'X-ClickHouse-Format': statement.format,
        'X-ClickHouse-Timezone': 'UTC',
        'X-ClickHouse-Summary': JSON.stringify(summary),
      };
      await answer(response, 200, headers, result.bytes(), compressed);
    } finally {
      session.close();
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://front');
    if (url.pathname === '/ping' || url.pathname === '/replicas_status') return void response.end('Ok.\n');
    if (request.method !== 'POST' && request.method !== 'GET') return void response.writeHead(405).end();
    const body = await readBody(request, options.bodyBytesMax);
    const statement = statementOf(url, body);
    if (statement === null) return void response.writeHead(200).end('Ok.\n');
    if (statement.sql === '') return void response.writeHead(200, { 'X-ClickHouse-Summary': '{}' }).end();
    const compressed =
      url.searchParams.get('enable_http_compression') === '1' &&
      /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    await gate(async () => await execute(statement, response, compressed));
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      const message = types.isNativeError(error) ? error.message : String(error);
      const code = Number(/Code: (\d+)\./.exec(message)?.[1] ?? 1002);
      const status = error instanceof BodyTooLarge ? 413 : statusOfException(code);
      if (response.headersSent) return void response.destroy();
      response.writeHead(status, {
        'X-ClickHouse-Exception-Code': String(code),
        'Content-Type': 'text/plain; charset=UTF-8',
        Connection: status === 413 ? 'close' : 'keep-alive',
      });
      response.end(
        message.startsWith('Code:')
          ? message
          : `Code: ${code}. DB::Exception: ${message} (UNKNOWN_EXCEPTION)`,
      );
    });
  });
  server.on('close', () => anchor.close());
  return server;
}
