// SPDX-License-Identifier: Apache-2.0
import { Injectable, signal } from '@angular/core';
import { Subject } from 'rxjs';
import type { Problem } from '@wattledger/contracts';
import { ApiError } from './api-error.ts';

export type QueryValue = string | number | boolean | readonly (string | number)[] | null | undefined;
export type Query = Readonly<Record<string, QueryValue>>;

export const sessionPath = '/api/session';
/** Longest wait for an answer; a slower one counts as unreachable so that the screen can say so. */
const answerMsMax = 30_000;

/** Between two tries to reach the server again. */
const probeMs = 4_000;

/** `?a=1&b=x,y`, leaving out what is null, undefined or an empty list. Lists are joined by commas. */
export function queryString(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined) continue;
    const text = Array.isArray(value) ? value.join(',') : String(value);
    if (Array.isArray(value) && value.length === 0) continue;
    parameters.set(name, text);
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/** A key that makes a repeated command count once. `randomUUID` is absent outside secure contexts, so random bytes. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function problemOf(response: Response): Promise<Partial<Problem>> {
  try {
    const body: unknown = await response.json();
    if (typeof body === 'object' && body !== null && 'code' in body) return body as Partial<Problem>;
  } catch {
    // Not ours: a proxy's page, for instance. The status alone has to do.
  }
  return {};
}

/** The one way to the server. */
@Injectable({ providedIn: 'root' })
export class Api {
  /** False from a failed request until the next one that is answered. */
  readonly reachable = signal(true);
  private probe: ReturnType<typeof setTimeout> | undefined;
  /** Emits when the server no longer knows the session. */
  readonly sessionLost = new Subject<void>();
  /** How often a lost session was replaced by a new one of the same person. */
  readonly sessionsRenewed = signal(0);

  get<T>(path: string, query: Query = {}, abort?: AbortSignal): Promise<T> {
    return this.send<T>('GET', path + queryString(query), undefined, undefined, abort);
  }

  /** @param idempotencyKey give the same one when a person tries the same command again */
  post<T>(path: string, body: unknown = {}, idempotencyKey = newIdempotencyKey()): Promise<T> {
    return this.send<T>('POST', path, body, idempotencyKey);
  }

  /** A file as it is. */
  postFile<T>(path: string, file: Blob): Promise<T> {
    return this.send<T>('POST', path, file, newIdempotencyKey());
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.send<T>('PUT', path, body);
  }

  patch<T>(path: string, body: unknown): Promise<T> {
    return this.send<T>('PATCH', path, body);
  }

  delete<T>(path: string): Promise<T> {
    return this.send<T>('DELETE', path);
  }

  /** The connection is gone: tries by itself until the server answers again. */
  lost(): void {
    this.reachable.set(false);
    clearTimeout(this.probe);
    this.probe = setTimeout(() => {
      fetch('/api/health', { credentials: 'same-origin', signal: AbortSignal.timeout(probeMs) }).then(
        () => this.reachable.set(true),
        () => this.lost(),
      );
    }, probeMs);
  }

  private async send<T>(
    method: string,
    url: string,
    body?: unknown,
    idempotencyKey?: string,
    abort?: AbortSignal,
  ): Promise<T> {
    const headers: Record<string, string> = { accept: 'application/json' };
    if (body instanceof Blob) headers['content-type'] = 'text/csv';
    else if (body !== undefined) headers['content-type'] = 'application/json';
    if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
    const timeout = AbortSignal.timeout(answerMsMax);
    let response: Response;
    try {
      response = await fetch(url, {
        method,
        headers,
        credentials: 'same-origin',
        signal: abort === undefined ? timeout : AbortSignal.any([abort, timeout]),
        ...(body === undefined ? {} : { body: body instanceof Blob ? body : JSON.stringify(body) }),
      });
    } catch (cause) {
      if (abort?.aborted === true) throw cause;
      this.lost();
      throw new ApiError(0, {});
    }
    this.reachable.set(true);
    if (!response.ok) {
      const error = new ApiError(response.status, await problemOf(response));
      // Asking who is signed in, and signing in, may well be answered 401 without a session being lost.
      if (response.status === 401 && url !== sessionPath) this.sessionLost.next();
      throw error;
    }
    return (response.status === 204 ? undefined : await response.json()) as T;
  }
}
