// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { problemShape } from '@wattledger/contracts';
import fc from 'fast-check';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { createTestClock } from '../clock/clock.ts';
import { createLogger } from '../logger/logger.ts';
import { serveRoutes, type TestHttp } from '../testing/test-http.ts';
import { defineRoute } from './define-route.ts';
import { mayBeUnstorable, refuseUnstorableText } from './storable-text.ts';

const reached: unknown[] = [];
const refusedActions: unknown[] = [];
let http: TestHttp;
beforeAll(async () => {
  const parts = {
    actionLog: { record: async (action: unknown) => void refusedActions.push(action) },
    logger: createLogger({ level: 'silent' }),
    metrics: new Registry(),
    clock: createTestClock(5),
  };
  const route = defineRoute({
    tag: 'test',
    summary: 'a test',
    method: 'post',
    path: '/api/projects/{projectId}/notes',
    access: { right: 'energy:read' },
    params: z.object({ projectId: z.string() }),
    query: z.object({ name: z.string().optional() }),
    body: z.json(),
    response: z.json(),
    handle: async ({ params, query, body }) => {
      reached.push([params, query, body]);
      return body;
    },
  });
  http = await serveRoutes({
    parts,
    routes: [route],
    authenticator: {
      authenticate: async (request) =>
        request.headers['x-nobody'] === undefined
          ? { kind: 'staff', id: 'stf_1', name: 'One', rightsByProject: { prj_a: ['energy:read'] } }
          : null,
    },
  });
});
afterAll(async () => await http.stop());

test.each([
  ['an id', '/api/projects/prj_%00/notes', '{}', 'params.projectId'],
  ['a query value', '/api/projects/prj_a/notes?name=x%00', '{}', 'query.name'],
  ['a query name', '/api/projects/prj_a/notes?na%00me=x', '{}', 'query'],
  ['a body', '/api/projects/prj_a/notes', '{"a":[{"b":"x\\u0000"}]}', 'body.a.0.b'],
  ['a name in a body', '/api/projects/prj_a/notes', '{"a":{"b\\u0000":1}}', 'body.a'],
  ['half a character', '/api/projects/prj_a/notes', '{"a":"\\uD83D"}', 'body.a'],
])('NUL in %s is refused in words, before anything looks at it', async (_where, path, body, fault) => {
  const answer = await http.send('POST', path, body);
  expect(answer.status).toBe(400);
  const problem = problemShape.parse(answer.body);
  expect(problem).toMatchObject({ code: 'request-invalid', hint: expect.any(String) });
  expect(problem.faults?.map((each) => each.path)).toEqual([fault]);
  expect(JSON.stringify(problem)).not.toContain('\\u0000');
  expect([reached, refusedActions]).toEqual([[], []]);
});

test('a body without bottom does not exhaust the stack', async () => {
  const body = `${'['.repeat(400_000)}"\\u0000"${']'.repeat(400_000)}`;
  expect(await http.send('POST', '/api/projects/prj_a/notes', body)).toMatchObject({
    status: 400,
    body: { code: 'request-invalid' },
  });
});

test('nobody learns from it what is there', async () => {
  const answer = await http.send('POST', '/api/projects/prj_a%00/notes', '{}', { 'x-nobody': 'yes' });
  expect(answer).toMatchObject({ status: 400, body: { code: 'request-invalid' } });
});

test('every other text passes as it is', async () => {
  const body = { text: '\u0001 \\u0000 "; DROP TABLE x; -- 😀 \ufffd', '😀': [null, 1, true] };
  expect(await http.send('POST', '/api/projects/prj_a/notes?name=%E4%B8%AD', body)).toMatchObject({
    status: 200,
    body,
  });
});

test('the quick look never misses what the walk would refuse', () => {
  const anyText = fc.string({ unit: fc.constantFrom('a', '\0', '\\', 'u', '0', '\ud83d', '\ude00', '😀') });
  fc.assert(
    fc.property(fc.dictionary(anyText, fc.array(anyText)), (value) => {
      let refused = false;
      try {
        refuseUnstorableText([{ name: 'body', value }]);
      } catch {
        refused = true;
      }
      if (refused) expect(mayBeUnstorable(JSON.stringify(value))).toBe(true);
    }),
  );
});
