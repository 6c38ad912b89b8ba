// SPDX-License-Identifier: Apache-2.0
/** Laws of a month's items: functions of sets, prorated to the whole, nothing counted twice. */
import { describe, expect, test } from '@jest/globals';
import { slotsOfLocalDay, type TouPeriod } from '@wattledger/contracts';
import type { PriceTermsBody } from '@wattledger/contracts/http/billing';
import fc from 'fast-check';
import { peakCalendar } from '../testing/messages.ts';
import { versionOf } from './golden/rate-months.ts';
import type { DemandReading, MonthInput, MonthItem, MonthRange } from './month-input.ts';
import { monthItems } from './month-items.ts';

const zone = 'Europe/Berlin';
const month = '2026-04';
const days = Array.from({ length: 30 }, (_, day) => `${month}-${String(day + 1).padStart(2, '0')}`);
const version = (terms: PriceTermsBody, priceVersionId = 'pvr_a') => ({
  ...versionOf({ calendar: peakCalendar, rates: { peak: 1_000_000, valley: 500_000 }, terms }),
  priceVersionId,
});

function rangeOf(terms: PriceTermsBody, changes: Partial<MonthRange> = {}, id?: string): MonthRange {
  return {
    version: version(terms, id),
    fromMs: 0,
    toMs: Number.MAX_SAFE_INTEGER,
    days,
    daysFinished: 30,
    energy: { consumption: 0, amountMicros: 0 },
    demand: [],
    ...changes,
  };
}
const monthOf = (ranges: readonly MonthRange[], changes: Partial<MonthInput> = {}): MonthInput => ({
  month,
  daysInMonth: 30,
  ended: true,
  contractedDemandW: null,
  ranges,
  ...changes,
});
const amounts = (items: readonly MonthItem[]): Readonly<Record<string, number>> =>
  Object.fromEntries(items.map((item) => [item.item, item.amountMicros]));

/** A day of half-hours, all alike but for those named. */
function reading(
  localDay: string,
  even: number | null,
  named: Record<number, number | null> = {},
): DemandReading {
  const { firstSlotMs, slotCount } = slotsOfLocalDay(zone, localDay, 30);
  const periods = Array.from({ length: slotCount }, (_, slot): TouPeriod =>
    slot >= 16 && slot < 40 ? 'peak' : 'valley',
  );
  const consumption = periods.map((_, slot) => (slot in named ? (named[slot] ?? null) : even));
  return { localDay, firstSlotMs, slotMinutes: 30, consumption, periods };
}

describe('fixed charges', () => {
  test('a month cut into versions that ask the same comes to the whole amount, however it is cut', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 999_999_999 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 29 }), { maxLength: 4 }),
        fc.integer({ min: 1, max: 60_000 }),
        (amountMicros, cuts, contractedDemandW) => {
          const terms: PriceTermsBody = {
            fixed: [
              { name: 'month', per: 'month', basis: 'point', amountMicros },
              { name: 'day', per: 'day', basis: 'point', amountMicros },
              { name: 'kw', per: 'month', basis: 'kw', amountMicros },
            ],
          };
          const edges = [0, ...cuts.sort((a, b) => a - b), 30];
          const ranges = edges.slice(1).map((to, index) =>
            rangeOf(
              terms,
              {
                fromMs: index,
                days: days.slice(edges[index], to),
                daysFinished: to - (edges[index] ?? 0),
              },
              `pvr_${index}`,
            ),
          );
          const sum = (name: string): number =>
            monthItems(monthOf(ranges, { contractedDemandW }))
              .filter((item) => item.item === name)
              .reduce((total, item) => total + item.amountMicros, 0);
          expect(sum('month')).toBe(amountMicros);
          expect(sum('day')).toBe(amountMicros * 30);
          const kw = amountMicros * contractedDemandW;
          expect(Math.abs(sum('kw') * 1000 - kw)).toBeLessThanOrEqual(500);
        },
      ),
    );
  });
  test('only finished days count', () => {
    const terms: PriceTermsBody = {
      fixed: [{ name: 'rent', per: 'month', basis: 'point', amountMicros: 30_000_000 }],
    };
    const items = monthItems(monthOf([rangeOf(terms, { daysFinished: 11 })], { ended: false }));
    expect(amounts(items)).toEqual({ rent: 11_000_000 });
  });
});

describe('demand', () => {
  const demand = (changes: object = {}): PriceTermsBody => ({
    demand: [
      { name: 'kW', period: null, window: 'block', windowMinutes: 30, rateMicros: 10_000_000, ...changes },
    ],
  });
  const kw = (terms: PriceTermsBody, readings: readonly DemandReading[], changes: Partial<MonthRange> = {}) =>
    (amounts(monthItems(monthOf([rangeOf(terms, { demand: readings, ...changes })])))['kW'] ?? 0) /
    10_000_000;

  test('a block is aligned to the local day, a sliding window begins with every slot', () => {
    const readings = [reading('2026-04-07', 0, { 19: 3000, 20: 5000 })];
    expect(kw(demand({ windowMinutes: 60 }), readings)).toBe(5);
    expect(kw(demand({ windowMinutes: 60, window: 'sliding' }), readings)).toBe(8);
    expect(kw(demand({ windowMinutes: 30 }), readings)).toBe(10);
    expect(kw(demand({ windowMinutes: 15 }), readings)).toBe(10);
  });
  test('a window counts for the period of its last slot; one with an unknown slot does not count', () => {
    const sliding = demand({ windowMinutes: 60, window: 'sliding', period: 'peak' });
    expect(kw(sliding, [reading('2026-04-07', 0, { 15: 4000 })])).toBe(4);
    expect(kw(sliding, [reading('2026-04-07', 0, { 15: 4000, 16: null })])).toBe(0);
    expect(kw(sliding, [reading('2026-04-07', 0, { 39: 2000, 40: 9000 })])).toBe(2);
  });
  test('a sliding window crosses midnight, a block does not', () => {
    const readings = [reading('2026-04-07', 0, { 47: 3000 }), reading('2026-04-08', 0, { 0: 3000 })];
    expect(kw(demand({ windowMinutes: 60, window: 'sliding' }), readings)).toBe(6);
    expect(kw(demand({ windowMinutes: 60 }), readings)).toBe(3);
  });
  test('where a meter is exchanged within a slot, both meters belong to it', () => {
    const old = reading('2026-04-07', null, { 20: 2000 });
    const next = reading('2026-04-07', null, { 20: 1000, 21: 500 });
    expect(kw(demand(), [old, next])).toBe(6);
  });
  test('is prorated by the days that the version holds, and passes over slots outside its range', () => {
    const readings = [reading('2026-04-07', 1000), reading('2026-04-20', 4000)];
    const toMs = Date.parse('2026-04-15T22:00:00Z');
    expect(kw(demand(), readings, { toMs, days: days.slice(0, 15) })).toBe(1);
  });
  test('energy that flows back is no demand', () => {
    expect(kw(demand(), [reading('2026-04-07', -500)])).toBe(0);
  });
});

describe('minimum and adjustments', () => {
  test('the minimum is what energy, demand and fixed charges lack, once the month has ended', () => {
    const terms: PriceTermsBody = {
      minimumMonthMicros: 50_000_000,
      fixed: [{ name: 'rent', per: 'month', basis: 'point', amountMicros: 5_000_000 }],
      adjustments: [
        { name: 'VAT', component: 'tax', basis: 'share', value: 100_000, of: ['energy', 'fixed', 'minimum'] },
      ],
    };
    const range = rangeOf(terms, { energy: { consumption: 10_000, amountMicros: 20_000_000 } });
    expect(amounts(monthItems(monthOf([range])))).toEqual({
      rent: 5_000_000,
      minimum: 25_000_000,
      VAT: 5_000_000,
    });
    expect(amounts(monthItems(monthOf([range], { ended: false })))).toEqual({
      rent: 5_000_000,
      VAT: 2_500_000,
    });
  });
  test('a change of version does not ask a minimum that the month has reached', () => {
    const terms: PriceTermsBody = { minimumMonthMicros: 30_000_000 };
    const first = rangeOf(terms, {
      days: days.slice(0, 15),
      energy: { consumption: 1000, amountMicros: 40_000_000 },
    });
    const second = rangeOf(terms, { fromMs: 1, days: days.slice(15) }, 'pvr_b');
    expect(monthItems(monthOf([first, second]))).toEqual([]);
  });
  test('each adjustment sees those before it; a rebate is negative', () => {
    const terms: PriceTermsBody = {
      adjustments: [
        { name: 'fund', component: 'surcharge', basis: 'unit', value: 20_000, of: ['energy'] },
        { name: 'loyal', component: 'rebate', basis: 'share', value: -50_000, of: ['energy', 'surcharge'] },
        {
          name: 'VAT',
          component: 'tax',
          basis: 'share',
          value: 200_000,
          of: ['energy', 'surcharge', 'rebate'],
        },
      ],
    };
    const range = rangeOf(terms, { energy: { consumption: 100_000, amountMicros: 98_000_000 } });
    expect(amounts(monthItems(monthOf([range])))).toEqual({
      fund: 2_000_000,
      loyal: -5_000_000,
      VAT: 19_000_000,
    });
  });
  test('the order in which ranges and readings are given says nothing', () => {
    const terms: PriceTermsBody = {
      demand: [{ name: 'kW', period: 'peak', window: 'sliding', windowMinutes: 60, rateMicros: 9_999_999 }],
      fixed: [{ name: 'rent', per: 'month', basis: 'point', amountMicros: 10_000_001 }],
      minimumMonthMicros: 90_000_000,
    };
    fc.assert(
      fc.property(fc.array(fc.nat(3000), { minLength: 30, maxLength: 30 }), fc.boolean(), (loads, turned) => {
        const readings = days.map((day, index) =>
          reading(day, loads[index] ?? 0, { 20: 10 * (loads[index] ?? 0) }),
        );
        const cut = Date.parse('2026-04-11T22:00:00Z');
        const ranges = [
          rangeOf(terms, { toMs: cut, days: days.slice(0, 11), daysFinished: 11, demand: readings }),
          rangeOf(terms, { fromMs: cut, days: days.slice(11), daysFinished: 19, demand: readings }, 'pvr_b'),
        ];
        const other = ranges.map((range) => ({ ...range, demand: [...range.demand].reverse() }));
        const plain = monthItems(monthOf(ranges));
        expect(monthItems(monthOf(turned ? other.reverse() : other))).toEqual(plain);
      }),
    );
  });
});
