// SPDX-License-Identifier: Apache-2.0
/** Laws of charging a slot, whatever the tiers, rates and histories. */
import { describe, expect, test } from '@jest/globals';
import { flatCalendar } from '@wattledger/contracts';
import fc from 'fast-check';
import { peakCalendar } from '../testing/messages.ts';
import { chargeSlot, hasPlainRates, noPriceSeries, type RatedSlot } from './energy-charge.ts';
import { versionOf } from './golden/rate-months.ts';

const rate = fc.integer({ min: -2_000_000, max: 5_000_000 });
const tiered = fc
  .record({
    span: fc.constantFrom('month' as const, 'year' as const),
    base: rate,
    steps: fc.uniqueArray(fc.record({ above: fc.integer({ min: 1, max: 50_000 }), rate }), {
      minLength: 1,
      maxLength: 5,
      selector: (step) => step.above,
    }),
  })
  .map(({ span, base, steps }) =>
    versionOf({
      calendar: flatCalendar,
      rates: { flat: base },
      terms: {
        tiers: {
          span,
          steps: steps
            .sort((a, b) => a.above - b.above)
            .map((step) => ({ above: step.above, rates: { flat: step.rate } })),
        },
      },
    }),
  );
const position = fc.integer({ min: 0, max: 60_000 });
const consumption = fc.integer({ min: -20_000, max: 20_000 });

const slot = (used: number, amount: number): RatedSlot => ({
  period: 'flat',
  season: 'year',
  startMs: 0,
  consumption: amount,
  position: { monthConsumption: used, yearConsumption: used },
});
const charge = (version: Parameters<typeof chargeSlot>[0], used: number, amount: number) => {
  const charged = chargeSlot(version, slot(used, amount), noPriceSeries);
  if (charged === null) throw new Error('a version with rates prices every slot');
  return charged;
};

describe('a slot in tiers', () => {
  test('its parts sum to its consumption and its amount, each in one tier', () => {
    fc.assert(
      fc.property(tiered, position, consumption, (version, used, amount) => {
        const { parts, amountMicros } = charge(version, used, amount);
        expect(parts.reduce((sum, part) => sum + part.consumption, 0)).toBe(amount);
        expect(parts.reduce((sum, part) => sum + part.amountMicros, 0)).toBe(amountMicros);
        expect(new Set(parts.map((part) => part.tier)).size).toBe(parts.length);
      }),
    );
  });

  test('one slot or two in a row cost the same, up to a rounding for each part', () => {
    fc.assert(
      fc.property(tiered, position, fc.nat(20_000), fc.nat(20_000), (version, used, first, second) => {
        const whole = charge(version, used, first + second);
        const [a, b] = [charge(version, used, first), charge(version, used + first, second)];
        const difference = Math.abs(whole.amountMicros - a.amountMicros - b.amountMicros);
        expect(difference).toBeLessThanOrEqual(whole.parts.length + a.parts.length + b.parts.length);
      }),
    );
  });

  test('what was charged upwards comes back exactly downwards', () => {
    fc.assert(
      fc.property(tiered, position, consumption, (version, used, amount) => {
        const up = charge(version, used, amount);
        const down = charge(version, used + amount, 0 - amount);
        expect(up.amountMicros + down.amountMicros).toBe(0);
        expect(down.parts.map((part) => part.tier)).toEqual([...up.parts].reverse().map((part) => part.tier));
      }),
    );
  });
});

describe('rates', () => {
  const version = versionOf({
    calendar: peakCalendar,
    rates: { peak: 1_000_000, valley: 400_000 },
    terms: { seasonRates: { year: { peak: 2_000_000 } } },
  });
  const at = (period: 'peak' | 'valley', season: string) =>
    chargeSlot(version, { ...slot(0, 1000), period, season }, noPriceSeries)?.amountMicros;
  test("a season's rate overrides that of the year, period by period", () => {
    expect([at('peak', 'year'), at('valley', 'year'), at('peak', 'other')]).toEqual([
      2_000_000, 400_000, 1_000_000,
    ]);
    expect(hasPlainRates(version)).toBe(false);
    expect(hasPlainRates({ ...version, terms: { ...version.terms, seasonRates: {} } })).toBe(true);
  });
  test('by the hour: the price at its start, unpriced where there is none', () => {
    const hourly = versionOf({ calendar: flatCalendar, rates: {}, terms: { priceSeriesId: 'pse' } });
    const book = { priceAt: (_id: string, ms: number) => (ms === 3_600_000 ? -50_000 : null) };
    expect(chargeSlot(hourly, slot(0, 1000), book)).toBeNull();
    expect(chargeSlot(hourly, { ...slot(0, 1500), startMs: 3_600_000 }, book)?.amountMicros).toBe(-75_000);
  });
});
