// SPDX-License-Identifier: Apache-2.0
/** Reading bodies within a limit. A body that says it is too large is refused before a byte of it is read. */
import type { IncomingMessage } from 'node:http';
import { createGunzip } from 'node:zlib';
import { RequestError } from '../errors.ts';
import { bodyTooLarge } from './problem.ts';
import { mayBeUnstorable, refuseUnstorableText } from './storable-text.ts';

export const jsonBytesMaxDefault = 1_000_000;
export const streamBytesMaxDefault = 2_000_000_000;

/** @throws RequestError 413 when Content-Length alone is beyond the limit */
export function refuseDeclaredSize(request: IncomingMessage, bytesMax: number): void {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > bytesMax) throw bodyTooLarge(bytesMax);
}

/**
 * The body's chunks, at most `bytesMax` in sum; for handlers of bodyKind 'stream'.
 * @throws RequestError 413, 400 body-incomplete when the sender broke off
 */
export async function* limitedBody(request: IncomingMessage, bytesMax: number): AsyncGenerator<Buffer> {
  refuseDeclaredSize(request, bytesMax);
  const source = request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request;
  let bytes = 0;
  try {
    // Left undestroyed when we stop reading: the answer has to travel over the same socket.
    for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bytesMax) throw bodyTooLarge(bytesMax);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof RequestError) throw error;
    throw new RequestError({
      status: 400,
      code: 'body-incomplete',
      message: 'The request body broke off or could not be unpacked.',
      hint: 'Send it again.',
    });
  }
}

/**
 * Parsed JSON; undefined for an empty body.
 * @throws RequestError 413, 415 not-json, 400 body-incomplete, 400 json-invalid, 400 request-invalid
 */
export async function readJson(request: IncomingMessage, bytesMax: number): Promise<unknown> {
  refuseDeclaredSize(request, bytesMax);
  const chunks: Buffer[] = [];
  for await (const chunk of limitedBody(request, bytesMax)) chunks.push(chunk);
  if (chunks.length === 0) return undefined;
  const type = request.headers['content-type'] ?? '';
  // Only this type: a form of another site can send text/plain without the browser asking us first.
  if (!/^application\/(json|[a-z0-9.+-]+\+json)\s*(;|$)/i.test(type)) {
    throw new RequestError({
      status: 415,
      code: 'not-json',
      message: `The body has type "${type}".`,
      hint: 'Send JSON with the header Content-Type: application/json.',
    });
  }
  const text = new TextDecoder('utf-8').decode(Buffer.concat(chunks));
  const value = parsed(text);
  if (mayBeUnstorable(text)) refuseUnstorableText([{ name: 'body', value }]);
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new RequestError({
      status: 400,
      code: 'json-invalid',
      message: `The body is not valid JSON: ${String((error as { message?: unknown }).message)}`,
      hint: 'Correct the body and send it again.',
    });
  }
}
