// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import { failuresMax, orderLifeMs, planOrder, settledMs, type OrderFacts } from './order-plan.ts';
import { refusalOf, type MeterFacts } from './refusals.ts';

const nowMs = 1_000_000_000;
const order: OrderFacts = {
  desired: 'open',
  reported: 'closed',
  online: true,
  confirmedAtMs: null,
  commandDone: true,
  commandExpiresAtMs: null,
  attempts: 0,
  nextAttemptAtMs: null,
  failures: 0,
  failedAtMs: null,
  alarmRaised: false,
};

describe('bringing a meter to its order', () => {
  test('a new order is sent, also where the relay already seems right: accepted is not done', () => {
    for (const reported of ['closed', 'open', 'unknown'] as const)
      expect(planOrder({ ...order, reported }, nowMs).send).toEqual({ expiresAtMs: nowMs + orderLifeMs });
  });

  test('nothing is sent while a command is under way, and it is given anew when it expired', () => {
    const sent = { ...order, commandDone: false, commandExpiresAtMs: nowMs + 1, attempts: 1 };
    expect(planOrder(sent, nowMs)).toMatchObject({ send: null, dueAtMs: nowMs + 1 });
    expect(planOrder(sent, nowMs + 1).send).not.toBeNull();
  });

  test('a meter out of reach is waited for, whatever the pause and however long', () => {
    const away = { ...order, online: false, attempts: 7 };
    expect(planOrder(away, nowMs)).toMatchObject({ send: null, alarm: null, attempts: 7 });
    expect(planOrder({ ...away, online: true }, nowMs + 400 * 86_400_000).send).not.toBeNull();
  });

  test('a relay that moves by itself after it was confirmed is corrected', () => {
    const stood = { ...order, reported: 'open' as const, confirmedAtMs: nowMs - 1 };
    expect(planOrder(stood, nowMs)).toMatchObject({ send: null, attempts: 0 });
    expect(planOrder({ ...stood, reported: 'closed' }, nowMs).send).not.toBeNull();
  });

  test('the alarm comes after so many failures, and goes when the meter has stood still', () => {
    const failing = { ...order, failures: failuresMax, failedAtMs: nowMs };
    expect(planOrder({ ...failing, failures: failuresMax - 1 }, nowMs).alarm).toBeNull();
    expect(planOrder(failing, nowMs).alarm).toBe('raise');
    const stands = { ...failing, alarmRaised: true, reported: 'open' as const, confirmedAtMs: nowMs };
    expect(planOrder(stands, nowMs + settledMs - 1)).toMatchObject({ alarm: null, failures: failuresMax });
    expect(planOrder(stands, nowMs + settledMs)).toMatchObject({ alarm: 'clear', failures: 0 });
  });
});

const free: MeterFacts = { polled: true, switchable: true, shared: false, account: null, order: null };
const tenant = { mode: 'automatic', protectedSupply: false } as const;
test.each([
  ['disconnect', free, null],
  ['automatic', free, 'no-order'],
  ['automatic', { ...free, order: 'forced-off' }, null],
  ['disconnect', { ...free, order: 'forced-on' }, 'forced-on'],
  ['forced-off', { ...free, order: 'forced-on' }, 'forced-on'],
  ['connect', { ...free, order: 'forced-off' }, 'forced-off'],
  ['forced-on', { ...free, order: 'forced-off' }, null],
  ['connect', { ...free, account: tenant }, 'account-governs'],
  ['disconnect', { ...free, account: tenant }, 'account-governs'],
  ['forced-off', { ...free, account: tenant }, null],
  ['forced-off', { ...free, account: { ...tenant, protectedSupply: true } }, 'protected-supply'],
  ['disconnect', { ...free, account: { ...tenant, protectedSupply: true } }, 'protected-supply'],
  ['forced-off', { ...free, account: { ...tenant, mode: 'forced-on' } }, 'forced-on'],
  ['automatic', { ...free, account: { ...tenant, mode: 'forced-on' } }, null],
  ['forced-on', { ...free, account: tenant, shared: true }, 'shared-meter'],
  ['connect', { ...free, switchable: false }, 'not-switchable'],
  ['read-now', { ...free, switchable: false }, null],
  ['read-now', { ...free, polled: false }, 'not-polled'],
] as const)('%s of %j: %s', (action, facts, refusal) => {
  expect(refusalOf(action, facts)).toBe(refusal);
});
