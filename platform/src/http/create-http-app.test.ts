// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { problemShape, type Principal } from '@wattledger/contracts';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { createTestClock } from '../clock/clock.ts';
import { OperatingError, RequestError } from '../errors.ts';
import { createLogger } from '../logger/logger.ts';
import { metricsRoute } from '../metrics/metrics.ts';
import { serveRoutes, testAdministrator, type TestHttp } from '../testing/test-http.ts';
import { defineRoute } from './define-route.ts';
import { answered, type ActionLog, type Route } from './port.ts';
import { limitedBody } from './request-body.ts';

type Action = Parameters<ActionLog['record']>[0];
const actions: Action[] = [];
const metrics = new Registry();
const parts = {
  actionLog: { record: async (action: Action) => void actions.push(action) },
  logger: createLogger({ level: 'silent' }),
  metrics,
  clock: createTestClock(5),
};
const running: TestHttp[] = [];
const folders: string[] = [];
async function serve(
  routes: readonly Route[],
  more: Partial<Parameters<typeof serveRoutes>[0]> = {},
): Promise<TestHttp> {
  const http = await serveRoutes({ parts, routes, ...more });
  running.push(http);
  return http;
}
afterEach(async () => {
  for (const http of running.splice(0)) await http.stop();
  actions.length = 0;
});
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

const common = { tag: 'test', summary: 'a test' } as const;
const sum = defineRoute({
  ...common,
  method: 'post',
  path: '/api/projects/{projectId}/sums',
  access: { right: 'energy:read' },
  params: z.object({ projectId: z.string().regex(/^prj_/) }),
  query: z.object({ factor: z.coerce.number().int().default(1) }),
  body: z.object({ rows: z.array(z.object({ value: z.number().int() })) }),
  response: z.object({ total: z.number().int(), who: z.string() }),
  handle: async ({ params, query, body, principal }) => ({
    total: query.factor * body.rows.reduce((total, row) => total + row.value, 0),
    who: `${principal?.id}@${params.projectId}`,
  }),
});

test('a valid request reaches the handler with parsed values', async () => {
  const http = await serve([sum]);
  const answer = await http.send('POST', '/api/projects/prj_a/sums?factor=2', {
    rows: [{ value: 3 }, { value: 4 }],
  });
  expect(answer).toMatchObject({ status: 200, body: { total: 14, who: 'stf_test@prj_a' } });
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('etag')).toBeNull();
});

test('every fault of params, query and body is listed by path in one answer', async () => {
  const http = await serve([sum]);
  const answer = await http.send('POST', '/api/projects/other/sums?factor=x', {
    rows: [{ value: 1 }, { value: 'many' }],
  });
  expect(answer.status).toBe(400);
  const problem = problemShape.parse(answer.body);
  expect(problem.faults?.map((fault) => fault.path)).toEqual([
    'params.projectId',
    'query.factor',
    'body.rows.1.value',
  ]);
  expect(answer.headers.get('x-request-id')).toBe(problem.requestId);
});

test.each([
  ['broken JSON', '{"rows":', { 'content-type': 'application/json' }, 400, 'json-invalid'],
  ['a form', 'rows=1', { 'content-type': 'text/plain' }, 415, 'not-json'],
])('%s is refused in words', async (_name, body, headers, status, code) => {
  const http = await serve([sum]);
  expect(await http.send('POST', '/api/projects/prj_a/sums', body, headers)).toMatchObject({
    status,
    body: { code, hint: expect.any(String) },
  });
});

const reader: Principal = {
  kind: 'staff',
  id: 'stf_r',
  name: 'R',
  rightsByProject: { prj_a: ['energy:read'] },
};

test('rights are checked before anything else, and another project answers the same whether it exists or not', async () => {
  expect(
    await (await serve([sum], { principal: null })).send('POST', '/api/projects/prj_a/sums', 'x'),
  ).toMatchObject({ status: 401, body: { code: 'sign-in-required' } });
  const http = await serve([sum], { principal: reader });
  expect(await http.send('POST', '/api/projects/prj_a/sums', { rows: [] })).toMatchObject({ status: 200 });
  expect(await http.send('POST', '/api/projects/prj_b/sums', { rows: 'wrong too' })).toMatchObject({
    status: 403,
    body: { code: 'right-missing' },
  });
  expect(actions).toMatchObject([
    { action: 'refused', projectId: 'prj_b', subject: 'POST /api/projects/prj_b/sums', atMs: 5 },
  ]);
});

test('whoever must change the password may do nothing else', async () => {
  const change = defineRoute({
    ...common,
    method: 'get',
    path: '/api/change',
    access: 'signed-in',
    whilePasswordDue: true,
    response: z.string(),
    handle: async () => 'changed',
  });
  const open = { ...change, path: '/api/open', access: 'public', whilePasswordDue: undefined } as const;
  const other = { ...change, path: '/api/other', whilePasswordDue: undefined };
  const http = await serve([change, open, other, sum] as unknown as Route[], {
    principal: { ...testAdministrator, mustChangePassword: true },
  });
  const refused = { status: 403, body: { code: 'password-change-required', hint: expect.any(String) } };
  expect(await http.send('GET', '/api/other')).toMatchObject(refused);
  expect(await http.send('POST', '/api/projects/prj_a/sums', { rows: [] })).toMatchObject(refused);
  expect((await http.send('GET', '/api/change')).status).toBe(200);
  expect((await http.send('GET', '/api/open')).status).toBe(200);
});

test('a route without a project needs the right in the whole group unless it says anyProject', async () => {
  const group = defineRoute({
    ...common,
    method: 'get',
    path: '/api/all',
    access: { right: 'energy:read' },
    response: z.string(),
    handle: async () => 'all',
  });
  const any = defineRoute({
    ...common,
    method: 'get',
    path: '/api/any',
    access: { right: 'energy:read', anyProject: true },
    response: z.string(),
    handle: async () => 'any',
  });
  const http = await serve([group, any], { principal: reader });
  expect((await http.send('GET', '/api/all')).status).toBe(403);
  expect(await http.send('GET', '/api/any')).toMatchObject({ status: 200, body: 'any' });
});

test('a change by cookie must come from our own pages', async () => {
  const http = await serve([sum], { publicOrigins: ['https://energy.example.com'] });
  const host = new URL(http.url).host;
  const send = async (headers: Record<string, string>) =>
    (await http.send('POST', '/api/projects/prj_a/sums', { rows: [] }, headers)).status;
  // fetch of Node adds "sec-fetch-mode" only; Sec-Fetch-Site is ours to set here.
  expect(await send({ cookie: 's=1', 'sec-fetch-site': 'same-origin' })).toBe(200);
  expect(await send({ cookie: 's=1', origin: `http://${host}` })).toBe(200);
  expect(
    await send({ cookie: 's=1', origin: 'https://energy.example.com', 'sec-fetch-site': 'cross-site' }),
  ).toBe(200);
  expect(await send({ cookie: 's=1' })).toBe(200);
  expect(await send({ cookie: 's=1', 'sec-fetch-site': 'cross-site' })).toBe(403);
  expect(await send({ cookie: 's=1', 'sec-fetch-site': 'same-site' })).toBe(403);
  expect(await send({ cookie: 's=1', origin: 'http://evil.example' })).toBe(403);
  expect(await send({ cookie: 's=1', origin: 'null' })).toBe(403);
  expect(await send({ origin: 'http://evil.example' })).toBe(200);
});

test('an upload of 2 GB is refused before it is sent', async () => {
  const http = await serve([sum]);
  const { port } = new URL(http.url);
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1');
    let seen = '';
    socket.on('data', (chunk) => (seen += chunk.toString()));
    socket.on('close', () => resolve(seen)).on('error', reject);
    socket.write(
      'POST /api/projects/prj_a/sums HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2000000000\r\n\r\n{"rows":[',
    );
  });
  expect(text).toMatch(/^HTTP\/1\.1 413 /);
  expect(text).toContain('"code":"body-too-large"');
});

test('a body that grows beyond the limit without saying so is cut off', async () => {
  const http = await serve([sum]);
  const { port } = new URL(http.url);
  const chunk = `186a0\r\n${' '.repeat(100_000)}\r\n`;
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1');
    let seen = '';
    socket.on('data', (data) => (seen += data.toString()));
    // The rest of the upload meets a closed socket: that is the point.
    socket
      .on('close', () => resolve(seen))
      .on('error', (error) => (seen === '' ? reject(error) : resolve(seen)));
    socket.write(
      'POST /api/projects/prj_a/sums HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    for (let sent = 0; sent < 15; sent += 1) socket.write(chunk);
  });
  expect(text).toMatch(/^HTTP\/1\.1 413 /);
});

test("a streamed body is the handler's, within its limit", async () => {
  const upload = defineRoute({
    ...common,
    method: 'put',
    path: '/api/upload',
    access: 'signed-in',
    bodyKind: 'stream',
    response: z.object({ bytes: z.number() }),
    handle: async ({ request }) => {
      let bytes = 0;
      for await (const chunk of limitedBody(request, 1_000)) bytes += chunk.length;
      return { bytes };
    },
  });
  const http = await serve([upload]);
  expect(await http.send('PUT', '/api/upload', 'x'.repeat(900))).toMatchObject({
    status: 200,
    body: { bytes: 900 },
  });
  expect((await http.send('PUT', '/api/upload', 'x'.repeat(1_100))).status).toBe(413);
});

test('errors: a mistake of ours shows nothing of itself, trouble outside says when to try again', async () => {
  const failing = (path: string, error: unknown) =>
    defineRoute({
      ...common,
      method: 'get',
      path,
      access: 'public',
      response: z.string(),
      handle: async () => {
        throw error;
      },
    });
  const http = await serve([
    failing('/api/bug', new TypeError('secret detail at /srv/x.ts')),
    failing(
      '/api/down',
      new OperatingError('database-unreachable', 'connect to 10.0.0.5', { retryable: true }),
    ),
    failing(
      '/api/conflict',
      new RequestError({ status: 409, code: 'vend-conflict', message: 'Differs.', hint: 'Look.' }),
    ),
  ]);
  const bug = await http.send('GET', '/api/bug');
  expect(bug).toMatchObject({ status: 500, body: { code: 'internal-error' } });
  expect(JSON.stringify(bug.body)).not.toMatch(/secret|srv/);
  const down = await http.send('GET', '/api/down');
  expect(down).toMatchObject({ status: 503, body: { code: 'temporarily-unavailable' } });
  expect(down.headers.get('retry-after')).toBe('5');
  expect(JSON.stringify(down.body)).not.toMatch(/10\.0/);
  expect(await http.send('GET', '/api/conflict')).toMatchObject({
    status: 409,
    body: { code: 'vend-conflict', message: 'Differs.', hint: 'Look.' },
  });
  expect(await http.send('GET', '/api/nothing')).toMatchObject({ status: 404, body: { code: 'not-found' } });
  expect(await http.send('GET', '/api/%ZZ')).toMatchObject({
    status: expect.any(Number),
    body: { code: expect.any(String) },
  });
});

test('an answer that is not of its declared shape fails the test that asks for it', async () => {
  const lying = defineRoute({
    ...common,
    method: 'get',
    path: '/api/lie',
    access: 'public',
    response: z.object({ n: z.number() }),
    handle: async () => ({ n: 'one' }) as unknown as { n: number },
  });
  expect(await (await serve([lying])).send('GET', '/api/lie')).toMatchObject({
    status: 500,
    body: { code: 'response-shape', faults: [{ path: 'answer.n' }] },
  });
  expect(await (await serve([lying], { checkResponses: 'off' })).send('GET', '/api/lie')).toMatchObject({
    status: 200,
    body: { n: 'one' },
  });
});

test('large answers are compressed, a handler may answer itself, nothing answers 204', async () => {
  const large = defineRoute({
    ...common,
    method: 'get',
    path: '/api/large',
    access: 'public',
    response: z.array(z.string()),
    handle: async () => Array.from({ length: 200 }, () => 'consumption'),
  });
  const own = defineRoute({
    ...common,
    method: 'get',
    path: '/api/own.csv',
    access: 'public',
    response: z.string(),
    handle: async ({ response }) => {
      response.setHeader('content-type', 'text/csv');
      response.end('a,b');
      return answered;
    },
  });
  const none = defineRoute({
    ...common,
    method: 'delete',
    path: '/api/none',
    access: 'public',
    response: null,
    handle: async () => undefined,
  });
  const http = await serve([large, own, none, metricsRoute(metrics)]);
  const answer = await http.send('GET', '/api/large');
  expect(answer.headers.get('content-encoding')).toBe('gzip');
  expect(answer.body).toHaveLength(200);
  expect((await http.send('GET', '/api/own.csv')).body).toBe('a,b');
  expect((await http.send('DELETE', '/api/none')).status).toBe(204);
  expect((await http.send('GET', '/metrics')).body).toMatch(
    /wattledger_http_request_duration_seconds_count\{method="GET",route="\/api\/large",status="200"\} 1/,
  );
});

test('the built application: hashed files are cached for good, unknown pages are the application, nothing outside can be had', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wattledger-static-'));
  folders.push(folder);
  await mkdir(join(folder, 'app'));
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(folder, 'app', 'index.html'), '<!doctype html><title>app</title>');
  await writeFile(join(folder, 'app', 'main-ABCD1234.js'), `console.log(1);${' '.repeat(2_000)}`);
  const http = await serve([], { staticDirectory: join(folder, 'app') });
  const script = await fetch(`${http.url}/main-ABCD1234.js`);
  expect(script.headers.get('cache-control')).toContain('immutable');
  expect(script.headers.get('content-encoding')).toBe('gzip');
  await script.text();
  const page = await fetch(`${http.url}/projects/prj_a/trend`, { headers: { accept: 'text/html' } });
  expect(await page.text()).toContain('<title>app</title>');
  expect(page.headers.get('cache-control')).toBe('no-cache');
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
  const again = await fetch(`${http.url}/`, { headers: { 'if-none-match': page.headers.get('etag') ?? '' } });
  expect(again.status).toBe(304);
  for (const path of [
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/app/../../secret.txt',
    '/missing.js',
  ]) {
    expect(await (await fetch(`${http.url}${path}`)).text()).not.toContain('secret\n');
    expect((await fetch(`${http.url}${path}`)).status).toBe(404);
  }
  expect((await http.send('GET', '/api/unknown')).status).toBe(404);
});

test('routes that contradict themselves do not start', async () => {
  const wrong = defineRoute({
    ...common,
    method: 'get',
    path: '/api/x/{a}',
    access: 'public',
    params: z.object({ b: z.string() }),
    response: z.string(),
    handle: async () => '',
  });
  await expect(serve([wrong, wrong])).rejects.toThrow(
    /\{a\} has no shape[\s\S]*"b", which is not in the path[\s\S]*declared twice/,
  );
  expect(() =>
    defineRoute({
      ...common,
      method: 'get',
      path: 'x',
      access: 'public',
      response: z.string(),
      handle: async () => '',
    }),
  ).toThrow(/must begin with/);
});
