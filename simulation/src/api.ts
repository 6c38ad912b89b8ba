// SPDX-License-Identifier: Apache-2.0
/** A client of the product's HTTP API that outlives restarts: a call repeats until the product has answered. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Session } from '@wattledger/contracts/http/registry';

export class Refused extends Error {
  readonly status: number;
  constructor(status: number, text: string) {
    super(`${String(status)}: ${text}`);
    this.name = 'Refused';
    this.status = status;
  }
}

export interface Api {
  get<T>(path: string): Promise<T>;
  /** `key` is sent as Idempotency-Key: the same call again has one effect. */
  post<T>(path: string, body: unknown, key?: string): Promise<T>;
  put<T>(path: string, body: unknown): Promise<T>;
}

const retryMs = 100;
const retriesMax = 3_000;

/** @param address of the product as it runs now; asked anew before every try, because a restart changes the port */
export async function signIn(address: () => string, login: string, password: string): Promise<Api> {
  let cookie = '';
  const call = async <T>(method: string, path: string, body?: unknown, key?: string): Promise<T> => {
    for (let attempt = 1; ; attempt += 1) {
      const response = await send(method, path, body, key).catch((error: unknown) => {
        // Killed under our hands, or not up again yet.
        if (attempt >= retriesMax) throw error;
        return null;
      });
      if (response !== null && response.status < 500) {
        const text = response.text;
        if (response.status >= 400) throw new Refused(response.status, text);
        return (text === '' ? null : JSON.parse(text)) as T;
      }
      await sleep(retryMs);
    }
  };
  const send = async (
    method: string,
    path: string,
    body: unknown,
    key: string | undefined,
  ): Promise<{ status: number; text: string }> => {
    const headers: Record<string, string> = {
      cookie,
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const response = await fetch(address() + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const set = response.headers.getSetCookie().map((line) => line.split(';')[0]);
    if (set.length > 0) cookie = set.join('; ');
    return { status: response.status, text: await response.text() };
  };
  const session = await call<Session>('POST', '/api/session', { login, password });
  if (session.staff?.mustChangePassword === true)
    await call('POST', '/api/session/password', {
      currentPassword: password,
      newPassword: `${password}-${login}'s-own`,
    });
  return {
    get: (path) => call('GET', path),
    post: (path, body, key) => call('POST', path, body, key),
    put: (path, body) => call('PUT', path, body),
  };
}
