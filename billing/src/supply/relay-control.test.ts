// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RelayState } from '@wattledger/contracts';
import {
  commandLifeMs,
  disconnectMarginMs,
  planRelay,
  relayDiffers,
  type RelayCircumstances,
  type RelayFacts,
} from './relay-control.ts';

const nowMs = 1_000_000_000;
const calm: RelayCircumstances = { nowMs, gatesAgainst: [], protectionEdgeMs: null, relayAlarmMs: 600_000 };
const relay = (changes: Partial<RelayFacts>): RelayFacts => ({
  desired: 'open',
  reported: 'closed',
  commandAction: null,
  commandDone: true,
  commandExpiresAtMs: null,
  attempts: 0,
  nextAttemptAtMs: null,
  mismatchSinceMs: null,
  alarmRaised: false,
  ...changes,
});

describe('whether desired and reported differ', () => {
  test.each<['closed' | 'open', RelayState, 'connect' | 'disconnect' | null, boolean]>([
    ['closed', 'closed', null, false],
    ['open', 'open', 'disconnect', false],
    ['open', 'closed', 'disconnect', true],
    ['closed', 'open', null, true],
    ['closed', 'unknown', null, false], // never opened by us, never heard of: nothing to do
    ['closed', 'unknown', 'disconnect', true],
    ['closed', 'unknown', 'connect', false],
    ['open', 'unknown', null, true],
  ])('desired %s, reported %s, last sent %s: %s', (desired, reported, commandAction, differs) => {
    expect(relayDiffers({ desired, reported, commandAction })).toBe(differs);
  });
});

describe('the plan for a relay', () => {
  test('sends at once when it differs', () => {
    const plan = planRelay(relay({}), calm);
    expect(plan.send).toEqual({ action: 'disconnect', expiresAtMs: nowMs + commandLifeMs });
    expect(plan).toMatchObject({ attempts: 1, mismatchSinceMs: nowMs, alarm: null });
  });

  test('waits for a command under way, and sends the opposite without waiting', () => {
    const underWay = relay({
      commandAction: 'disconnect',
      commandDone: false,
      commandExpiresAtMs: nowMs + 1000,
      attempts: 1,
      nextAttemptAtMs: nowMs - 1,
      mismatchSinceMs: nowMs - 5,
    });
    expect(planRelay(underWay, calm)).toMatchObject({ send: null, lookAgainAtMs: nowMs + 1000 });
    const paid = { ...underWay, desired: 'closed' as const, reported: 'open' as const };
    expect(planRelay(paid, calm).send?.action).toBe('connect');
  });

  test('pauses between attempts', () => {
    const failed = relay({
      commandAction: 'disconnect',
      attempts: 2,
      nextAttemptAtMs: nowMs + 700,
      mismatchSinceMs: nowMs - 5,
    });
    expect(planRelay(failed, calm)).toMatchObject({ send: null, attempts: 2, lookAgainAtMs: nowMs + 700 });
    expect(planRelay({ ...failed, nextAttemptAtMs: nowMs }, calm)).toMatchObject({ attempts: 3 });
  });

  test('holds a disconnection back while a gate stands against it, and never a connection', () => {
    const gates = ['protected-hours'] as const;
    expect(planRelay(relay({}), { ...calm, gatesAgainst: gates })).toMatchObject({
      send: null,
      heldBy: ['protected-hours'],
    });
    const closing = relay({ desired: 'closed', reported: 'open' });
    expect(planRelay(closing, { ...calm, gatesAgainst: gates }).send?.action).toBe('connect');
  });

  test('a disconnection expires before protected hours begin, and is not sent just before them', () => {
    const soon = planRelay(relay({}), { ...calm, protectionEdgeMs: nowMs + 20_000 });
    expect(soon.send?.expiresAtMs).toBe(nowMs + 20_000 - disconnectMarginMs);
    expect(planRelay(relay({}), { ...calm, protectionEdgeMs: nowMs + disconnectMarginMs }).send).toBeNull();
  });

  test('agreement clears everything', () => {
    const agreed = relay({
      reported: 'open',
      attempts: 4,
      mismatchSinceMs: nowMs - 5,
      alarmRaised: true,
      commandAction: 'disconnect',
    });
    expect(planRelay(agreed, calm)).toEqual({
      send: null,
      attempts: 0,
      nextAttemptAtMs: null,
      mismatchSinceMs: null,
      alarm: 'clear',
      heldBy: [],
      lookAgainAtMs: null,
    });
  });

  test('until the relay obeys: a connection is repeated at least every minute, and the alarm comes once and in time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('failed' as const, 'lost' as const), { minLength: 30, maxLength: 30 }),
        (fates) => {
          let facts = relay({ desired: 'closed', reported: 'open', commandAction: 'disconnect' });
          let now = nowMs;
          let lastSentMs = nowMs;
          let alarms = 0;
          for (const fate of fates) {
            const plan = planRelay(facts, { ...calm, nowMs: now });
            if (plan.alarm === 'raise') {
              alarms += 1;
              expect(now - nowMs).toBeGreaterThanOrEqual(calm.relayAlarmMs);
            }
            facts = { ...facts, ...plan, alarmRaised: facts.alarmRaised || plan.alarm === 'raise' };
            if (plan.send !== null) {
              expect(now - lastSentMs).toBeLessThanOrEqual(60_000);
              lastSentMs = now;
              facts = {
                ...facts,
                commandAction: 'connect',
                commandDone: fate === 'failed',
                commandExpiresAtMs: plan.send.expiresAtMs,
              };
            }
            expect(plan.lookAgainAtMs).toBeGreaterThan(now);
            now = plan.lookAgainAtMs as number;
          }
          expect(alarms).toBe(now - nowMs > calm.relayAlarmMs ? 1 : 0);
        },
      ),
    );
  });
});
