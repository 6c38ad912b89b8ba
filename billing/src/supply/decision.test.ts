// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import type {
  DecisionAction,
  ProtectionCalendar,
  SupplyGateName,
  SupplyPolicy,
} from '@wattledger/contracts/http/billing';
import { decideSupply, gatesAgainst, type SupplyEvidence } from './decision.ts';

const minuteMs = 60_000;
const noon = Date.parse('2026-02-04T12:00:00+01:00'); // Wednesday

const policy: SupplyPolicy = {
  automatic: true,
  disconnectThresholdMicros: 0,
  graceMinutes: 30,
  freshnessLimitMinutes: 90,
  unchargedLimitMinutes: 10,
  calendarIds: ['pca_1'],
  relayAlarmMinutes: 10,
};

const calendar: ProtectionCalendar = {
  calendarId: 'pca_1',
  name: 'Nights',
  spans: [{ weekdays: [1, 2, 3, 4, 5, 6, 7], fromMinute: 18 * 60, toMinute: 32 * 60 }],
  days: [{ day: '2026-02-17', name: 'Spring Festival' }],
  fromDay: null,
  toDay: null,
  tenantClasses: [],
  accountIds: [],
};

/** Everything speaks for a disconnection. */
const exhausted: SupplyEvidence = {
  atMs: noon,
  zone: 'Europe/Berlin',
  accountOpen: true,
  mode: 'automatic',
  desired: 'closed',
  protectedSupply: false,
  balanceMicros: 0,
  emergencyCreditMicros: 0,
  arrearsMicros: 0,
  belowSinceMs: noon - 60 * minuteMs,
  readings: [
    {
      meteringPointId: 'pnt_e',
      electricity: true,
      lastReadingMs: noon - 10 * minuteMs,
      lastReadingQuality: 0,
    },
    {
      meteringPointId: 'pnt_w',
      electricity: false,
      lastReadingMs: noon - 5000 * minuteMs,
      lastReadingQuality: 0,
    },
  ],
  readingsAtMs: noon,
  unchargedAgeMs: 0,
  paymentsPending: 0,
  policy,
  calendars: [calendar],
};
const reading = (changes: object) =>
  ({
    readings: [{ ...exhausted.readings[0], ...changes }, exhausted.readings[1]],
  }) as Partial<SupplyEvidence>;
const water = (changes: object) =>
  ({
    readings: [exhausted.readings[0], { ...exhausted.readings[1], ...changes }],
  }) as Partial<SupplyEvidence>;

describe('the supply decision', () => {
  test.each<[string, Partial<SupplyEvidence>, DecisionAction, SupplyGateName[]]>([
    ['nothing stands against it', {}, 'disconnect', []],
    ['balance below the threshold', { balanceMicros: -1 }, 'disconnect', []],
    ['one micro of credit', { balanceMicros: 1 }, 'leave', ['credit-exhausted']],
    [
      'another threshold',
      { balanceMicros: 5, policy: { ...policy, disconnectThresholdMicros: 5 } },
      'disconnect',
      [],
    ],
    [
      'emergency credit counts',
      { balanceMicros: -10, emergencyCreditMicros: 11 },
      'leave',
      ['credit-exhausted'],
    ],
    ['emergency credit used up', { balanceMicros: -10, emergencyCreditMicros: 10 }, 'disconnect', []],
    ['protected supply', { protectedSupply: true }, 'leave', ['protected-supply']],
    ['protected hours', { atMs: noon + 7 * 60 * minuteMs, readingsAtMs: noon }, 'leave', ['protected-hours']],
    [
      'a holiday',
      { calendars: [{ ...calendar, days: [{ day: '2026-02-04', name: 'A day of frost' }] }] },
      'leave',
      ['holiday'],
    ],
    ['owes by agreement only', { balanceMicros: 1, arrearsMicros: 500 }, 'leave', ['credit-exhausted']],
    ['grace not over', { belowSinceMs: noon - 29 * minuteMs }, 'leave', ['grace']],
    ['grace just over', { belowSinceMs: noon - 30 * minuteMs }, 'disconnect', []],
    ['only now seen below', { belowSinceMs: null }, 'leave', ['grace']],
    ['no reading', reading({ lastReadingMs: null, lastReadingQuality: null }), 'leave', ['reading-present']],
    ['no electricity at all', { readings: [exhausted.readings[1] as never] }, 'leave', ['reading-present']],
    ['stale reading', reading({ lastReadingMs: noon - 91 * minuteMs }), 'leave', ['reading-fresh']],
    ['reading from the future', reading({ lastReadingMs: noon + 91 * minuteMs }), 'leave', ['reading-fresh']],
    ['estimated reading', reading({ lastReadingQuality: 1 }), 'leave', ['reading-measured']],
    ['missing reading', reading({ lastReadingQuality: 3 }), 'leave', ['reading-measured']],
    ['estimated water', water({ lastReadingQuality: 1 }), 'leave', ['reading-measured']],
    [
      'water never read',
      water({ lastReadingMs: null, lastReadingQuality: null }),
      'leave',
      ['reading-present'],
    ],
    ['energy waits to be charged', { unchargedAgeMs: 11 * minuteMs }, 'leave', ['charging-current']],
    ['a payment is pending', { paymentsPending: 1 }, 'leave', ['no-payment-pending']],
    [
      'switching by the programme is off',
      { policy: { ...policy, automatic: false } },
      'leave',
      ['automatic-switching'],
    ],
    ['account closed', { accountOpen: false }, 'leave', ['account-open']],
    ['open already', { desired: 'open' }, 'leave', []],
    ['credit came back', { desired: 'open', balanceMicros: 1 }, 'connect', ['credit-exhausted']],
    [
      'credit came back though everything else stands against',
      {
        desired: 'open',
        balanceMicros: 1,
        policy: { ...policy, automatic: false },
        unchargedAgeMs: 1e9,
        paymentsPending: 3,
      },
      'connect',
      ['automatic-switching', 'credit-exhausted', 'charging-current', 'no-payment-pending'],
    ],
    [
      'disconnected and protected hours begin',
      { desired: 'open', atMs: noon + 7 * 60 * minuteMs, readingsAtMs: noon },
      'leave',
      ['protected-hours'],
    ],
    ['forced on', { mode: 'forced-on', desired: 'open', balanceMicros: -1e9 }, 'connect', ['mode']],
    [
      'forced off with credit at night',
      { mode: 'forced-off', balanceMicros: 1e9, atMs: noon + 7 * 60 * minuteMs },
      'disconnect',
      ['mode', 'credit-exhausted', 'protected-hours'],
    ],
    [
      'forced off, protected supply',
      { mode: 'forced-off', protectedSupply: true },
      'leave',
      ['mode', 'protected-supply'],
    ],
    [
      'forced off, became protected',
      { mode: 'forced-off', protectedSupply: true, desired: 'open' },
      'connect',
      ['mode', 'protected-supply'],
    ],
  ])('%s', (_, changes, action, failing) => {
    const decision = decideSupply({ ...exhausted, ...changes });
    expect({
      action: decision.action,
      failing: decision.gates.filter((gate) => !gate.passes).map((gate) => gate.gate),
    }).toEqual({ action, failing });
    // Every gate is listed, whichever way it went.
    expect(decision.gates).toHaveLength(13);
  });

  test('nobody is disconnected for want of credit in protected hours, on any minute of a year of local time', () => {
    const zones = ['Europe/Berlin', 'Asia/Shanghai', 'Australia/Lord_Howe'];
    for (const zone of zones) {
      const start = DateTime.fromISO('2026-01-01', { zone });
      let disconnected = 0;
      const wrong: string[] = [];
      for (let atMs = start.toMillis(); atMs < start.plus({ years: 1 }).toMillis(); atMs += 30 * minuteMs) {
        const readings = exhausted.readings.map((item) => ({ ...item, lastReadingMs: atMs - minuteMs }));
        const evidence = { ...exhausted, zone, atMs, readingsAtMs: atMs, readings, belowSinceMs: 0 };
        const local = DateTime.fromMillis(atMs, { zone });
        const isProtected = local.hour >= 18 || local.hour < 8 || local.toISODate() === '2026-02-17';
        const disconnects = decideSupply(evidence).action === 'disconnect';
        if (disconnects) disconnected += 1;
        if (disconnects === isProtected || (gatesAgainst(evidence).length === 0) === isProtected)
          wrong.push(local.toISO() ?? '');
      }
      expect(wrong).toEqual([]);
      expect(disconnected).toBe(364 * 10 * 2);
    }
  });

  test('a disconnection needs every gate, and credit always reconnects', () => {
    const evidence = fc.record({
      balanceMicros: fc.integer({ min: -5, max: 5 }),
      desired: fc.constantFrom('closed' as const, 'open' as const),
      mode: fc.constantFrom('automatic' as const, 'forced-on' as const, 'forced-off' as const),
      protectedSupply: fc.boolean(),
      accountOpen: fc.boolean(),
      paymentsPending: fc.nat(1),
      unchargedAgeMs: fc.constantFrom(0, 700_000),
      belowSinceMs: fc.constantFrom(null, noon - 60 * minuteMs, noon),
      hours: fc.integer({ min: 0, max: 23 }),
      quality: fc.constantFrom(0, 1, 2, 3),
      ageMinutes: fc.constantFrom(5, 95),
    });
    fc.assert(
      fc.property(evidence, ({ hours, quality, ageMinutes, ...rest }) => {
        const atMs = noon + hours * 60 * minuteMs;
        const readings = exhausted.readings.map((item) => ({
          ...item,
          lastReadingMs: atMs - ageMinutes * minuteMs,
          lastReadingQuality: quality,
        }));
        const all = { ...exhausted, ...rest, atMs, readingsAtMs: atMs, readings };
        const { action, gates } = decideSupply(all);
        if (action === 'disconnect' && rest.mode === 'automatic')
          expect(gates.every((gate) => gate.passes)).toBe(true);
        if (action === 'disconnect') expect(rest.protectedSupply).toBe(false);
        if (
          rest.accountOpen &&
          rest.mode === 'automatic' &&
          rest.desired === 'open' &&
          rest.balanceMicros > 0
        )
          expect(action).toBe('connect');
        if (action !== 'leave') expect(action === 'disconnect' ? 'closed' : 'open').toBe(rest.desired);
      }),
      { numRuns: 2000 },
    );
  });
});
