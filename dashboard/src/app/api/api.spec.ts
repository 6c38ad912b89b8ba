// SPDX-License-Identifier: Apache-2.0
import { apiErrorOf, ApiError } from './api-error.ts';
import { newIdempotencyKey, queryString } from './api.ts';

test('queries leave out what is not asked and join lists', () => {
  expect(
    queryString({ from: '2026-01-01', compare: null, points: ['a', 'b'], places: [], limit: 0, all: false }),
  ).toBe('?from=2026-01-01&points=a%2Cb&limit=0&all=false');
  expect(queryString({})).toBe('');
  expect(queryString({ q: '永和 & Co' })).toBe('?q=%E6%B0%B8%E5%92%8C+%26+Co');
});

test('keys of commands differ and are printable', () => {
  const keys = new Set(Array.from({ length: 200 }, () => newIdempotencyKey()));
  expect(keys.size).toBe(200);
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/);
});

test('an error keeps its code, its hint and its reference; one that is not ours says so', () => {
  const error = new ApiError(409, { code: 'request-id-reused', message: 'no', hint: 'do', requestId: 'r1' });
  expect(apiErrorOf(new Error('wrapped', { cause: error }))).toBe(error);
  expect(new ApiError(0, {}).code).toBe('unreachable');
  expect(new ApiError(502, {}).code).toBe('http-502');
  expect(apiErrorOf(new TypeError('oops'))).toMatchObject({ code: 'unexpected', message: 'oops' });
});
