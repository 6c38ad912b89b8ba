// SPDX-License-Identifier: Apache-2.0
/**
 * The built single-page application, read once into memory with its compressed forms. Only files that were there at
 * start can be asked for, so no path can lead out of the folder.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { IncomingMessage, ServerResponse } from 'node:http';

const compress = promisify(gzip);

const typeOf: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
};
const compressible = /^(text|application\/(json|manifest)|image\/svg)/;
/** Angular and esbuild write an upper-case hash of eight characters into names whose contents never change. */
const hashedName = /[-.][A-Z0-9]{8}\.\w+$/;

interface StaticFile {
  readonly type: string;
  readonly bytes: Buffer;
  readonly compressed: Buffer | null;
  readonly etag: string;
  readonly cacheControl: string;
}

export interface StaticFiles {
  /** Answers GET and HEAD of a file, or of a page of the application; false when there is nothing to serve. */
  serve(request: IncomingMessage, response: ServerResponse, path: string): boolean;
}

const totalBytesMax = 100_000_000;

/** @throws Error when the folder holds no index.html */
export async function loadStaticFiles(directory: string): Promise<StaticFiles> {
  const files = new Map<string, StaticFile>();
  let total = 0;
  const names = await readdir(directory, { recursive: true }).catch(() => [] as string[]);
  for (const name of names) {
    const path = join(directory, name);
    if (!(await stat(path)).isFile()) continue;
    const bytes = await readFile(path);
    total += bytes.length;
    if (total > totalBytesMax)
      throw new Error(`${directory} holds more than ${totalBytesMax} bytes: is it the built application?`);
    files.set(`/${relative(directory, path).split(sep).join('/')}`, await staticFile(path, bytes));
  }
  const index = files.get('/index.html');
  if (index === undefined) throw new Error(`${directory} has no index.html: build the dashboard first`);
  return {
    serve: (request, response, path) => {
      if (request.method !== 'GET' && request.method !== 'HEAD') return false;
      const file = files.get(decodedPath(path)) ?? (isPage(request, path) ? index : undefined);
      if (file === undefined) return false;
      send(request, response, file);
      return true;
    },
  };
}

async function staticFile(path: string, bytes: Buffer): Promise<StaticFile> {
  const type = typeOf[extname(path).toLowerCase()] ?? 'application/octet-stream';
  const worth = compressible.test(type) && bytes.length > 1_000;
  return {
    type,
    bytes,
    compressed: worth ? await compress(bytes, { level: 9 }) : null,
    etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
    cacheControl: hashedName.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
  };
}

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** A page of the application: a path without a file's ending, asked for by somebody who wants HTML. */
function isPage(request: IncomingMessage, path: string): boolean {
  const wants = request.headers.accept ?? '*/*';
  return !/\.[a-z0-9]{1,8}$/i.test(path) && (wants.includes('text/html') || wants.includes('*/*'));
}

function send(request: IncomingMessage, response: ServerResponse, file: StaticFile): void {
  response.setHeader('Cache-Control', file.cacheControl);
  response.setHeader('ETag', file.etag);
  response.setHeader('Vary', 'Accept-Encoding');
  if (request.headers['if-none-match'] === file.etag) {
    response.statusCode = 304;
    response.end();
    return;
  }
  const compressed =
    file.compressed !== null && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
      ? file.compressed
      : null;
  const bytes = compressed ?? file.bytes;
  response.setHeader('Content-Type', file.type);
  response.setHeader('Content-Length', bytes.length);
  if (compressed !== null) response.setHeader('Content-Encoding', 'gzip');
  response.end(request.method === 'HEAD' ? undefined : bytes);
}
