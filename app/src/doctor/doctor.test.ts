// SPDX-License-Identifier: Apache-2.0
import { expect, test } from '@jest/globals';
import { askDoctor } from './doctor.ts';

const passing = { name: 'a', check: () => Promise.resolve({ ok: true, detail: '1 = 1' }) };
const nothingWaits = () => Promise.resolve(null);

test('one failing check fails the report; a check that throws has not passed', async () => {
  const throwing = { name: 'b', check: () => Promise.reject(new Error('no such table')) };
  expect((await askDoctor({ checks: [passing], nowMs: 7, waiting: nothingWaits })).ok).toBe(true);
  const report = await askDoctor({ checks: [passing, throwing], nowMs: 7, waiting: nothingWaits });
  expect(report).toMatchObject({ ok: false, atMs: 7 });
  expect(report.checks[1]).toEqual({ name: 'b', ok: false, detail: 'could not be asked: no such table' });
});

test('steps that differ while work waits are no failure; the same difference is one when nothing waits', async () => {
  const failing = { name: 'c', check: () => Promise.resolve({ ok: false, detail: '1 ≠ 2' }) };
  const across = { ...failing, acrossSteps: true };
  const waiting = () => Promise.resolve('6 days wait for their rollup');
  const during = await askDoctor({ checks: [across], nowMs: 7, waiting });
  expect(during.checks[0]).toEqual({
    name: 'c',
    ok: true,
    detail: 'cannot be told while 6 days wait for their rollup (so far: 1 ≠ 2)',
  });
  expect((await askDoctor({ checks: [across], nowMs: 7, waiting: nothingWaits })).ok).toBe(false);
  // What holds at every instant holds while work waits too.
  expect((await askDoctor({ checks: [failing], nowMs: 7, waiting })).ok).toBe(false);
});
