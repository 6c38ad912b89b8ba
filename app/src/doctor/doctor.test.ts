// SPDX-License-Identifier: Apache-2.0
import { expect, test } from '@jest/globals';
import { askDoctor } from './doctor.ts';

test('one failing check fails the report; a check that throws has not passed', async () => {
  const passing = { name: 'a', check: () => Promise.resolve({ ok: true, detail: '1 = 1' }) };
  const throwing = { name: 'b', check: () => Promise.reject(new Error('no such table')) };
  expect((await askDoctor([passing], 7)).ok).toBe(true);
  const report = await askDoctor([passing, throwing], 7);
  expect(report).toMatchObject({ ok: false, atMs: 7 });
  expect(report.checks[1]).toEqual({ name: 'b', ok: false, detail: 'could not be asked: no such table' });
});
