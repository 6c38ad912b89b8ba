// SPDX-License-Identifier: Apache-2.0
/** The one HTTP application: routes with their shapes and rights, the OpenAPI document, metrics, the built dashboard. */
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Principal } from '@wattledger/contracts';
import express, { type Express, type Request, type Response } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { Histogram, type Registry } from 'prom-client';
import { RequestError } from '../errors.ts';
import type { Clock } from '../service/port.ts';
import { requireAccess, requireOwnPassword } from './access.ts';
import { checkRoutes } from './check-routes.ts';
import { parseCookies } from './cookies.ts';
import { buildOpenApi, type OpenApiInfo } from './open-api.ts';
import { requireOwnOrigin } from './origin-check.ts';
import { answered, type ActionLog, type Authenticator, type RequestContext, type Route } from './port.ts';
import { problemOf } from './problem.ts';
import { jsonBytesMaxDefault, readJson, refuseDeclaredSize, streamBytesMaxDefault } from './request-body.ts';
import { refuseUnstorableText } from './storable-text.ts';
import { loadStaticFiles, type StaticFiles } from './static-files.ts';
import { faultsOf, validated } from './validation.ts';

export interface HttpAppOptions {
  readonly routes: readonly Route[];
  readonly authenticator: Authenticator;
  /** Is told of refused changes; what was done is told by the handlers. */
  readonly actionLog: ActionLog;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly clock: Clock;
  readonly openApiInfo: OpenApiInfo;
  /** The built dashboard; left out: only the API. */
  readonly staticDirectory?: string;
  /** What to do with an answer that is not of its declared shape: 'throw' in tests, 'off' in production. */
  readonly checkResponses?: 'throw' | 'log' | 'off';
  /** Origins (https://energy.example.com) from which changes are accepted besides our own. */
  readonly publicOrigins?: readonly string[];
  /** express's "trust proxy": how many proxies before us may say whom they speak for. Default: none. */
  readonly trustProxy?: number;
}

const compress = promisify(gzip);
const compressBytesMin = 1_000;
/** A refused upload is cut off after its answer had this time to arrive. */
const cutOffMs = 1_000;
const bodylessBytesMax = 64_000;

/** Scripts only from us; styles inline too, because Angular puts component styles into <style> elements. */
const securityHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'"],
      scriptSrcAttr: ["'none'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:', 'blob:'],
      fontSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      workerSrc: ["'self'", 'blob:'],
      frameSrc: ["'self'"],
      frameAncestors: ["'self'"],
      objectSrc: ["'none'"],
      baseUri: ["'self'"],
      formAction: ["'self'"],
    },
  },
  // Whoever ends TLS before us decides about it; for plain HTTP on a host name it would lock out other ports.
  strictTransportSecurity: false,
  crossOriginEmbedderPolicy: false,
  referrerPolicy: { policy: 'same-origin' },
});

interface Exchange {
  readonly request: Request;
  readonly response: Response;
  readonly requestId: string;
}

class HttpApp {
  readonly #options: HttpAppOptions;
  readonly #durations: Histogram<'method' | 'route' | 'status'>;

  constructor(options: HttpAppOptions) {
    this.#options = options;
    const name = 'wattledger_http_request_duration_seconds';
    const known = options.metrics.getSingleMetric(name) as
      Histogram<'method' | 'route' | 'status'> | undefined;
    this.#durations =
      known ??
      new Histogram({
        name,
        help: 'Time from the request to the end of its answer.',
        labelNames: ['method', 'route', 'status'],
        buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
        registers: [options.metrics],
      });
  }

  /** express handler of one route. */
  handlerOf(route: Route): (request: Request, response: Response) => Promise<void> {
    return async (request, response) => {
      const exchange = this.begin(request, response, route.path);
      try {
        await this.#serve(route, exchange);
      } catch (error) {
        await this.fail(exchange, error);
      }
    };
  }

  begin(request: Request, response: Response, label: string): Exchange {
    const given = request.headers['x-request-id'];
    const requestId = typeof given === 'string' && /^[\w.-]{8,64}$/.test(given) ? given : randomUUID();
    response.setHeader('X-Request-Id', requestId);
    const began = performance.now();
    response.once('close', () => {
      const seconds = (performance.now() - began) / 1_000;
      this.#durations.observe(
        { method: request.method, route: label, status: String(response.statusCode) },
        seconds,
      );
      this.#options.logger.debug(
        {
          requestId,
          method: request.method,
          route: label,
          status: response.statusCode,
          ms: Math.round(seconds * 1_000),
        },
        'request',
      );
    });
    return { request, response, requestId };
  }

  async #serve(route: Route, exchange: Exchange): Promise<void> {
    const { request, response, requestId } = exchange;
    const cookies = parseCookies(request.headers.cookie);
    requireOwnOrigin(request.method, request.headers, this.#options.publicOrigins ?? []);
    refuseUnstorableText([
      { name: 'params', value: request.params },
      { name: 'query', value: request.query },
    ]);
    const principal = await this.#authenticate(route, request, cookies);
    requireOwnPassword(route, principal);
    await this.#requireAccess(route, principal, request);
    const body = await bodyOf(route, request);
    const values = validated([
      { name: 'params', shape: route.params, value: request.params },
      { name: 'query', shape: route.query, value: request.query },
      { name: 'body', shape: route.bodyKind === 'stream' ? undefined : route.body, value: body },
    ]);
    const idempotencyKey = request.headers['idempotency-key'];
    const context = {
      ...values,
      principal,
      requestId,
      remoteAddress: request.ip ?? '',
      userAgent: request.headers['user-agent'] ?? '',
      cookies,
      idempotencyKey: typeof idempotencyKey === 'string' && idempotencyKey !== '' ? idempotencyKey : null,
      request,
      response,
    };
    const result = await route.handle(context as unknown as RequestContext<never, never, never>);
    if (result === answered) return;
    await this.#answer(route, exchange, result);
  }

  async #authenticate(
    route: Route,
    request: Request,
    cookies: Readonly<Record<string, string>>,
  ): Promise<Principal | null> {
    try {
      return await this.#options.authenticator.authenticate(request, cookies);
    } catch (error) {
      // Signing in must be possible with an old cookie.
      if (route.access === 'public' && error instanceof RequestError) return null;
      throw error;
    }
  }

  async #requireAccess(route: Route, principal: Principal | null, request: Request): Promise<void> {
    const projectId = typeof request.params['projectId'] === 'string' ? request.params['projectId'] : null;
    try {
      requireAccess(route.access, principal, projectId);
    } catch (error) {
      if (principal !== null && route.method !== 'get') {
        await this.#options.actionLog.record({
          principal,
          projectId,
          action: 'refused',
          subject: `${route.method.toUpperCase()} ${request.path}`,
          remoteAddress: request.ip ?? '',
          atMs: this.#options.clock.nowMs(),
        });
      }
      throw error;
    }
  }

  async #answer(route: Route, { request, response, requestId }: Exchange, result: unknown): Promise<void> {
    const status = route.successStatus ?? (route.response === null ? 204 : 200);
    if (route.response === null || status === 204) {
      response.status(status).end();
      return;
    }
    this.#checkResponse(route, requestId, result);
    await sendJson(request, response, status, result);
  }

  #checkResponse(route: Route, requestId: string, result: unknown): void {
    const mode = this.#options.checkResponses ?? 'off';
    if (mode === 'off' || route.response === null) return;
    const checked = route.response.safeParse(result);
    if (checked.success) return;
    const label = `${route.method.toUpperCase()} ${route.path}`;
    const faults = faultsOf('answer', checked.error);
    if (mode === 'log') {
      this.#options.logger.error(
        { requestId, route: label, faults },
        'an answer is not of its declared shape',
      );
      return;
    }
    throw new RequestError({
      status: 500,
      code: 'response-shape',
      message: `the answer of ${label} is not of its declared shape`,
      faults,
    });
  }

  /** Answers with a Problem; cuts off an upload that nobody will read. */
  async fail({ request, response, requestId }: Exchange, error: unknown): Promise<void> {
    const { status, problem, retryAfterSeconds, kind } = problemOf(error, requestId);
    const facts = { err: error, requestId, method: request.method, path: request.path };
    if (kind === 'mistake') this.#options.logger.error(facts, 'a request failed by a mistake of ours');
    else if (kind === 'trouble')
      this.#options.logger.warn(facts, 'a request failed because a part could not be reached');
    if (response.headersSent) {
      // Too late for another status: the caller must not take a part for the whole.
      response.destroy();
      return;
    }
    if (retryAfterSeconds !== null) response.setHeader('Retry-After', retryAfterSeconds);
    if (!request.complete) {
      // Without "Connection: close": Node would end the socket at once, and the bytes left unread in it would take the
      // answer away from the caller. What still comes is read and thrown away for a moment.
      request.unpipe();
      request.resume();
      response.once('finish', () =>
        setTimeout(() => {
          if (!request.complete) request.destroy();
        }, cutOffMs).unref(),
      );
    }
    await sendJson(request, response, status, problem);
  }
}

async function bodyOf(route: Route, request: Request): Promise<unknown> {
  if (route.bodyKind === 'stream') {
    refuseDeclaredSize(request, route.bodyBytesMax ?? streamBytesMaxDefault);
    return undefined;
  }
  if (route.body === undefined) {
    refuseDeclaredSize(request, bodylessBytesMax);
    return undefined;
  }
  return await readJson(request, route.bodyBytesMax ?? jsonBytesMaxDefault);
}

async function sendJson(request: Request, response: Response, status: number, value: unknown): Promise<void> {
  let bytes: Uint8Array = Buffer.from(JSON.stringify(value));
  response.status(status);
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  if (!response.hasHeader('Cache-Control')) response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Vary', 'Accept-Encoding');
  if (bytes.length > compressBytesMin && request.acceptsEncodings('gzip') === 'gzip') {
    bytes = await compress(bytes, { level: 3 });
    response.setHeader('Content-Encoding', 'gzip');
  }
  response.setHeader('Content-Length', bytes.length);
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

/** /api/projects/{projectId} → express's /api/projects/:projectId */
function expressPath(path: string): string {
  return path.replace(/\{([A-Za-z_][A-Za-z0-9_]*)\}/g, ':$1');
}

function notFound(request: Request): RequestError {
  return new RequestError({
    status: 404,
    code: 'not-found',
    message: `There is nothing at ${request.method} ${request.path}.`,
    hint: 'The API is described at /api/openapi.json.',
  });
}

/** @throws Error when the routes contradict themselves or the dashboard is not built */
export async function createHttpApp(options: HttpAppOptions): Promise<Express> {
  checkRoutes(options.routes);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', options.trustProxy ?? 0);
  app.set('query parser', 'simple');
  app.use(securityHeaders);
  const http = new HttpApp(options);
  for (const route of options.routes) app[route.method](expressPath(route.path), http.handlerOf(route));
  const openApi = buildOpenApi(options.routes, options.openApiInfo);
  app.get('/api/openapi.json', (request, response) => void sendJson(request, response, 200, openApi));
  const staticFiles: StaticFiles | null =
    options.staticDirectory === undefined ? null : await loadStaticFiles(options.staticDirectory);
  app.use((request: Request, response: Response) => {
    if (
      staticFiles !== null &&
      !request.path.startsWith('/api/') &&
      staticFiles.serve(request, response, request.path)
    )
      return;
    const exchange = http.begin(request, response, 'none');
    void http.fail(exchange, notFound(request));
  });
  // What express itself refuses, e.g. a path with broken percent signs.
  app.use((error: unknown, request: Request, response: Response, _next: () => void) => {
    const exchange = http.begin(request, response, 'none');
    const status = (error as { status?: unknown }).status;
    const known = typeof status === 'number' && status >= 400 && status < 500;
    void http.fail(
      exchange,
      known
        ? new RequestError({
            status,
            code: 'request-invalid',
            message: 'The request cannot be read.',
            hint: 'Check the address.',
          })
        : error,
    );
  });
  return app;
}
