// SPDX-License-Identifier: Apache-2.0
/**
 * Routes are declared with their shapes, so that one declaration gives validation, rights, the OpenAPI document and
 * the client's types. Paths are written the OpenAPI way: /api/projects/{projectId}/accounts.
 */
import type { z } from 'zod';
import type { Principal, Right } from '@wattledger/contracts';
import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * `public`: nobody need sign in. `signed-in`: any principal. A right: checked against path parameter {projectId}
 * (where the path has none, against the whole group '*', unless `anyProject`, which admits a principal that has the
 * right in some project and leaves filtering to the handler).
 */
export type Access = 'public' | 'signed-in' | { readonly right: Right; readonly anyProject?: true };

export interface RequestContext<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly principal: Principal | null;
  readonly requestId: string;
  readonly remoteAddress: string;
  readonly userAgent: string;
  /** Cookie values as sent. */
  readonly cookies: Readonly<Record<string, string>>;
  readonly idempotencyKey: string | null;
  /** The raw pair, for streams (server-sent events, uploads, file answers). A handler that answers itself returns `answered`. */
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}
export const answered: unique symbol = Symbol('answered');

export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly access: Access;
  /** Also for a principal that must change its password first. Public routes are for everybody anyway. */
  readonly whilePasswordDue?: true;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** 'json' parses up to bodyBytesMax (default 1 MB); 'stream' leaves the request to the handler. */
  readonly bodyKind?: 'json' | 'stream';
  readonly bodyBytesMax?: number;
  readonly response: z.ZodType | null;
  readonly successStatus?: 200 | 201 | 202 | 204;
  readonly handle: (context: RequestContext<never, never, never>) => Promise<unknown>;
}

/** Typed declaration: `defineRoute({ …, params: z.object({…}), handle: async ({ params }) => … })`. */
export type DefineRoute = <
  P extends z.ZodType = z.ZodType<unknown>,
  Q extends z.ZodType = z.ZodType<unknown>,
  B extends z.ZodType = z.ZodType<unknown>,
  R extends z.ZodType = z.ZodType<unknown>,
>(
  route: Omit<Route, 'params' | 'query' | 'body' | 'response' | 'handle'> & {
    readonly params?: P;
    readonly query?: Q;
    readonly body?: B;
    readonly response: R | null;
    readonly handle: (
      context: RequestContext<z.infer<P>, z.infer<Q>, z.infer<B>>,
      // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a handler that answers 204 returns nothing
    ) => Promise<z.infer<R> | typeof answered | void>;
  },
) => Route;

/** Says who calls, from the cookies and headers; implemented by the registry, injected where the processes are wired. */
export interface Authenticator {
  authenticate(
    request: IncomingMessage,
    cookies: Readonly<Record<string, string>>,
  ): Promise<Principal | null>;
}

/** Log of actions; implemented by the registry. Every route that changes something tells it what it did. */
export interface ActionLog {
  record(action: {
    readonly principal: Principal | null;
    readonly projectId: string | null;
    readonly action: string;
    readonly subject: string;
    readonly before?: unknown;
    readonly after?: unknown;
    readonly remoteAddress: string;
    readonly atMs: number;
  }): Promise<void>;
}
