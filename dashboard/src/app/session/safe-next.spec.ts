// SPDX-License-Identifier: Apache-2.0
import { safeNext } from './safe-next.ts';

test.each([
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  'javascript:alert(1)',
  '/sign-in?next=/sign-in',
  undefined,
  '',
])('after signing in nobody is led to %s', (next) => {
  expect(safeNext(next)).toBe('/');
});

test('an address of ours is kept with everything in it', () => {
  expect(safeNext('/p/prj_1/trend?period=day&day=2026-11-19')).toBe(
    '/p/prj_1/trend?period=day&day=2026-11-19',
  );
});
