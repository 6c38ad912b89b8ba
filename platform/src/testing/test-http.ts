// SPDX-License-Identifier: Apache-2.0
/** Serves routes over a real socket with response shapes checked. */
import { createServer } from 'node:http';
import { rights, type Principal } from '@wattledger/contracts';
import { createHttpApp, type HttpAppOptions } from '../http/create-http-app.ts';
import type { Authenticator, Route } from '../http/port.ts';
import type { Parts } from '../service/port.ts';

export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; the text where it is no JSON; undefined when empty. */
  readonly body: unknown;
}

export interface TestHttp {
  /** http://127.0.0.1:port */
  readonly url: string;
  /** Sends JSON and reads the answer; never throws on an error status. */
  send(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<TestAnswer>;
  stop(): Promise<void>;
}

/** Somebody with every right in every project. */
export const testAdministrator: Principal = {
  kind: 'staff',
  id: 'stf_test',
  name: 'Test',
  rightsByProject: { '*': rights },
};

export interface TestHttpOptions extends Partial<
  Pick<HttpAppOptions, 'staticDirectory' | 'checkResponses' | 'publicOrigins'>
> {
  readonly parts: Pick<Parts, 'actionLog' | 'logger' | 'metrics' | 'clock'>;
  readonly routes: readonly Route[];
  /** Who calls: default an administrator; null = nobody; or a whole authenticator. */
  readonly principal?: Principal | null;
  readonly authenticator?: Authenticator;
}

export async function serveRoutes({
  parts,
  routes,
  principal = testAdministrator,
  authenticator,
  ...more
}: TestHttpOptions): Promise<TestHttp> {
  const app = await createHttpApp({
    routes,
    authenticator: authenticator ?? { authenticate: async () => principal },
    actionLog: parts.actionLog,
    logger: parts.logger,
    metrics: parts.metrics,
    clock: parts.clock,
    openApiInfo: { title: 'test', version: '0' },
    checkResponses: 'throw',
    ...more,
  });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return {
    url,
    send: async (method, path, body, headers = {}) => {
      const answer = await fetch(`${url}${path}`, {
        method,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, body: parsed(text) };
    },
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
