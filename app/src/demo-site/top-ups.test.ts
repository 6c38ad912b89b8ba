// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { flatCalendar } from '@wattledger/contracts';
import { plannedSchemes } from './demo-prices.ts';
import { demoSpanOf, historyWindows } from './demo-span.ts';
import { expectedDailyCharges, ratesByDay } from './expected-charges.ts';
import { planMarket } from './market.ts';
import { silentUntil } from './field-troubles.ts';
import { habits } from './site-plan.ts';
import { planTopUps, type TopUpWishes } from './top-up-plan.ts';
import { topUpNow, type TenantSituation } from './tenant-behaviour.ts';

const zone = 'Asia/Shanghai';
const dayMs = 86_400_000;
const openedAtMs = Date.parse('2026-09-20T16:00:00Z');
const yuan = 1_000_000;

const wishes: fc.Arbitrary<TopUpWishes> = fc
  .record({
    habit: fc.constantFrom(...habits),
    seed: fc.integer({ min: 0, max: 0x7fffffff }),
    daily: fc.array(fc.integer({ min: 200_000, max: 900 * yuan }), { minLength: 61, maxLength: 61 }),
    alarm1: fc.integer({ min: 2 * yuan, max: 900 * yuan }),
    spread: fc.double({ min: 0.5, max: 2, noNaN: true }),
  })
  .map(({ habit, seed, daily, alarm1, spread }) => {
    const first = daily[0] as number;
    // Days of one account resemble one another.
    const dailyCharges = daily.map((charge) => Math.round(first * (0.6 + (charge % 1000) / 1250)));
    return {
      habit,
      seed,
      dailyCharges,
      openedAtMs,
      untilMs: openedAtMs + 60.3 * dayMs,
      alarm1Micros: alarm1,
      alarm2Micros: Math.round(alarm1 / (1 + spread)),
    };
  });

function balances(account: TopUpWishes): readonly number[] {
  const topUps = planTopUps(account);
  let balance = 0;
  return account.dailyCharges.map((charge, day) => {
    for (const topUp of topUps) {
      const day0 = Math.floor((topUp.atMs - openedAtMs) / dayMs);
      if (day0 === day) balance += topUp.amountMicros;
    }
    return (balance -= charge);
  });
}

describe('top-ups through the charged days', () => {
  it('lie within the days, in order, are whole fen, and are the same each time', () => {
    fc.assert(
      fc.property(wishes, (account) => {
        const topUps = planTopUps(account);
        expect(topUps).toEqual(planTopUps(account));
        expect(topUps.length).toBeGreaterThan(0);
        for (const [index, topUp] of topUps.entries()) {
          expect(topUp.amountMicros).toBeGreaterThan(0);
          expect(topUp.amountMicros % 10_000).toBe(0);
          expect(topUp.atMs).toBeGreaterThanOrEqual(account.openedAtMs);
          expect(topUp.atMs).toBeLessThanOrEqual(account.untilMs);
          if (index > 0 && account.habit !== 'comfortable')
            expect(topUp.atMs).toBeGreaterThan((topUps[index - 1] as { atMs: number }).atMs);
        }
      }),
    );
  });

  it('leave every account where its habit says', () => {
    fc.assert(
      fc.property(wishes, (account) => {
        const end = balances(account).at(-1) as number;
        const average =
          account.dailyCharges.reduce((sum, charge) => sum + charge, 0) / account.dailyCharges.length;
        const near = 10_000;
        if (account.habit === 'comfortable') expect(end).toBeGreaterThan(account.alarm1Micros);
        if (account.habit === 'low-1') {
          expect(end).toBeGreaterThan(account.alarm2Micros - near);
          expect(end).toBeLessThan(account.alarm1Micros + near);
        }
        if (account.habit === 'low-2') {
          expect(end).toBeGreaterThan(0);
          expect(end).toBeLessThan(account.alarm2Micros + near);
        }
        if (account.habit === 'nearly-out') {
          expect(end).toBeGreaterThan(-near);
          expect(end).toBeLessThan(average / 5 + near);
        }
        if (account.habit === 'cut-off') expect(end).toBeLessThan(near);
      }),
    );
  });
});

describe('expected charges', () => {
  it('are consumption × rate, rounded per slot, with the price in force when the slot began', () => {
    const plan = planMarket();
    const project = { ...plan.project, calendar: flatCalendar };
    const [, , , stall] = plan.points;
    if (stall === undefined) throw new Error('the market has stalls');
    const point = { ...stall, multiplier: { numerator: 1, denominator: 1 } };
    const scheme = {
      key: 'commercial' as const,
      name: 'Flat',
      medium: 'electricity' as const,
      versions: [
        { fromDay: '2026-01-01', rates: { flat: 723_600 }, note: '' },
        { fromDay: '2026-10-02', rates: { flat: 1_000_001 }, note: '' },
      ],
    };
    const fromMs = Date.parse('2026-09-30T16:00:00Z');
    const instants = Array.from({ length: 51 }, (_, index) => fromMs + index * 1_800_000);
    const values = instants.map((_, index) => 100 + index * 3);
    const history = { serial: point.serial, register: point.register, scaler: 1, instants, values };
    const perSlot = [
      Math.floor((2 * 30 * 723_600 + 1000) / 2000),
      Math.floor((2 * 30 * 1_000_001 + 1000) / 2000),
    ] as const;
    const rates = ratesByDay(project, scheme, '2026-10-01', fromMs + 50 * 1_800_000);
    expect(rates).toHaveLength(2);
    expect(expectedDailyCharges(30, [{ point, rates, history }])).toEqual([48 * perSlot[0], 2 * perSlot[1]]);
    expect(
      expectedDailyCharges(30, [
        { point, rates, history },
        { point, rates, history },
      ])[1],
    ).toBe(4 * perSlot[1]);
  });

  it('change price with the season', () => {
    const [commercial] = plannedSchemes('2026-09-21', '2027-03-01');
    expect(commercial?.versions.map((version) => version.fromDay)).toEqual([
      '2026-07-01',
      '2026-10-01',
      '2026-12-01',
      '2027-01-01',
      '2027-02-01',
    ]);
    expect(commercial?.versions[0]?.rates).toMatchObject({
      tip: 1_628_100,
      peak: 1_302_480,
      flat: 723_600,
      valley: 289_440,
    });
  });
});

describe('windows of history', () => {
  it('follow one another newest first, without hole or overlap, over two years', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: Date.parse('2026-01-01T00:00:00Z'), max: Date.parse('2031-01-01T00:00:00Z') }),
        (madeMs) => {
          const span = demoSpanOf(zone, madeMs);
          const windows = historyWindows(zone, span);
          expect(windows[0]?.toMs).toBe(madeMs + 1);
          expect(windows.at(-1)?.fromMs).toBe(span.historyFromMs);
          for (const [index, window] of windows.entries()) {
            expect(window.fromMs).toBeLessThan(window.toMs);
            if (index > 0) expect(window.toMs).toBe(windows[index - 1]?.fromMs);
            expect(window.charged).toBe(window.fromMs >= span.openedAtMs);
          }
          expect(windows.some((window) => window.fromMs === span.openedAtMs)).toBe(true);
        },
      ),
    );
  });
});

describe('tenants from now on', () => {
  const nowMs = Date.parse('2026-11-20T04:00:00Z');
  const tenant: TenantSituation = {
    accountId: 'acc_x',
    habit: 'comfortable',
    balanceMicros: -3 * yuan,
    stage: 'arrears',
    dailyChargeMicros: 40 * yuan,
    reportedRelay: 'open',
    belowSinceMs: nowMs - 60 * 60_000,
  };
  const noon = { nowMs, localHour: 12, tickMs: 20_000 };

  it('who sits in the dark goes to the counter within the hour, while it is open', () => {
    expect(topUpNow(tenant, noon)).toBeGreaterThan(8 * 40 * yuan);
    expect(topUpNow(tenant, { ...noon, localHour: 2 })).toBeNull();
    expect(topUpNow({ ...tenant, belowSinceMs: nowMs - 60_000 }, noon)).toBeNull();
    expect(topUpNow({ ...tenant, habit: 'cut-off' }, noon)).toBeNull();
    expect(topUpNow({ ...tenant, stage: 'normal' }, noon)).toBeNull();
  });

  it('who is low acts sooner or later, the sooner the lower', () => {
    const ticksUntil = (stage: 'alarm-1' | 'alarm-2'): number => {
      let sum = 0;
      for (let person = 0; person < 40; person += 1) {
        const low = {
          ...tenant,
          accountId: `acc_${person}`,
          stage,
          balanceMicros: 2 * yuan,
          belowSinceMs: null,
          reportedRelay: 'closed' as const,
        };
        let tick = 0;
        while (topUpNow(low, { nowMs: nowMs + tick * 600_000, localHour: 12, tickMs: 600_000 }) === null)
          tick += 1;
        sum += tick;
      }
      return sum / 40;
    };
    expect(ticksUntil('alarm-1')).toBeGreaterThan(ticksUntil('alarm-2'));
    expect(ticksUntil('alarm-2')).toBeGreaterThan(10);
  });

  it('a stall pays small money a few minutes after its light went out, at any hour', () => {
    const stall: TenantSituation = {
      ...tenant,
      habit: 'by-the-hour',
      dailyChargeMicros: 150 * yuan,
      balanceMicros: -20_000,
    };
    expect(topUpNow({ ...stall, belowSinceMs: nowMs - 60_000 }, { ...noon, localHour: 3 })).toBeNull();
    const paid = topUpNow({ ...stall, belowSinceMs: nowMs - 5 * 60_000 }, { ...noon, localHour: 3 });
    expect(paid).toBeGreaterThan(yuan / 2);
    expect(paid).toBeLessThan(4 * yuan);
    expect(
      topUpNow({ ...stall, reportedRelay: 'closed', belowSinceMs: nowMs - 5 * 60_000 }, noon),
    ).toBeNull();
  });
});

test('a meter with a bad line is silent for a span that begins and ends as planned', () => {
  const trouble = { point: 'X', everyMs: 240 * 60_000, offsetMs: 20 * 60_000, lastsMs: 55 * 60_000 };
  const beganMs = 1_000 * trouble.everyMs + trouble.offsetMs;
  expect(silentUntil(trouble, beganMs - 1)).toBeNull();
  expect(silentUntil(trouble, beganMs)).toBe(beganMs + trouble.lastsMs);
  expect(silentUntil(trouble, beganMs + trouble.lastsMs - 1)).toBe(beganMs + trouble.lastsMs);
  expect(silentUntil(trouble, beganMs + trouble.lastsMs)).toBeNull();
});
