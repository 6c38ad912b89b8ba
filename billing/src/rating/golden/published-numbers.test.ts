// SPDX-License-Identifier: Apache-2.0
/**
 * Numbers that others published, met with their inputs written out.
 *
 * The tiered and the demand cases are those of the utility-rate tests of NREL's SAM Simulation Core (github.com/NREL/ssc,
 * test/shared_test/lib_utility_rate_test.cpp and shared_rate_data.cpp). The prepaid bill follows the electricity
 * distribution tariff of MePDCL, Meghalaya, from 1 April 2026, as worked through in github.com/lalit-prakash/prepaid_engine
 * (docs/DOMAIN_RULES.md, docs/tariff-validation-report.md).
 */
import { describe, expect, test } from '@jest/globals';
import { flatCalendar, type TariffCalendar, type TouPeriod } from '@wattledger/contracts';
import type { PriceTermsBody, Rates } from '@wattledger/contracts/http/billing';
import { rateMonths, versionOf } from './rate-months.ts';

const hourly = { zone: 'UTC', slotMinutes: 60 } as const;
const dollars = (amount: number): number => Math.round(amount * 1_000_000);

/** A day of 24 slots: the hours named, else nothing. */
const day = (hours: Readonly<Record<number, number>>): readonly number[] =>
  Array.from({ length: 24 }, (_, hour) => hours[hour] ?? 0);
const everyDay = (month: string, count: number, hour: number): Map<string, readonly number[]> =>
  new Map(
    Array.from({ length: count }, (_, index) => [
      `${month}-${String(index + 1).padStart(2, '0')}`,
      new Array<number>(24).fill(hour),
    ]),
  );

describe('PG&E EV9A: tiers at 8.3, 10.8, 16.6 and 24.9 kWh, 25 kWh in each period', () => {
  const above = [8_300, 10_800, 16_600, 24_900];
  const periods: readonly TouPeriod[] = ['valley', 'flat', 'peak'];
  /** By period: the rate from 0 and of each tier. */
  const rates: Readonly<Record<string, readonly number[]>> = {
    valley: [0.03461, 0.0514, 0.14698, 0.18727, 0.18727],
    flat: [0.09132, 0.10811, 0.26397, 0.3733, 0.3733],
    peak: [0.27904, 0.29583, 0.45169, 0.5611, 0.5611],
  };
  const ratesOf = (tier: number): Rates =>
    Object.fromEntries(periods.map((period) => [period, dollars(rates[period]?.[tier] ?? NaN)]));
  // Tiers count what all periods use together; the source prices each by itself: so each has a month of its own.
  const calendar: TariffCalendar = {
    id: 'ev9a',
    name: 'One period a month',
    dayProfiles: Object.fromEntries(periods.map((period) => [period, [{ fromMinute: 0, period }]])),
    seasons: periods.map((period, month) => ({
      name: period,
      fromMonthDay: `0${month + 1}-01`,
      weekday: new Array<string>(7).fill(period),
    })),
    specialDays: {},
  };
  const version = versionOf({
    calendar,
    rates: ratesOf(0),
    terms: {
      tiers: { span: 'month', steps: above.map((from, tier) => ({ above: from, rates: ratesOf(tier + 1) })) },
    },
  });
  test.each([
    ['2026-01', 2_841_315, 0.11365],
    ['2026-02', 5_694_977, 0.22782],
    ['2026-03', 10_388_649, 0.41554],
  ])('%s costs %d micros: %d a kWh', (month, micros, composite) => {
    // 25 hours of 1 kWh: three of the boundaries fall within an hour.
    const days = new Map([
      [`${month}-05`, new Array<number>(24).fill(1000)],
      [`${month}-06`, day({ 0: 1000 })],
    ]);
    const rated = rateMonths(version, days, hourly).get(month);
    expect(rated?.energyMicros).toBe(micros);
    // To the source's own tolerance: its second figure is 0.227799 by its own inputs.
    expect(Math.abs((rated?.energyMicros ?? 0) / 25e6 - composite)).toBeLessThan(0.0001);
  });
});

describe("SAM's default commercial rate: demand charges", () => {
  // Hours 15 to 19 of weekdays are the dear ones, in summer (May to October) at 0.05 and 0.075, in winter at 0.06 and 0.05.
  const calendar: TariffCalendar = {
    id: 'sam',
    name: 'Commercial',
    dayProfiles: {
      work: [
        { fromMinute: 0, period: 'flat' },
        { fromMinute: 900, period: 'peak' },
        { fromMinute: 1200, period: 'flat' },
      ],
      rest: [{ fromMinute: 0, period: 'flat' }],
    },
    seasons: [
      ['winter', '01-01'],
      ['summer', '05-01'],
      ['winter', '11-01'],
    ].map(([name = '', fromMonthDay = '']) => ({
      name,
      fromMonthDay,
      weekday: ['work', 'work', 'work', 'work', 'work', 'rest', 'rest'],
    })),
    specialDays: {},
  };
  const commercial = (scale: number) =>
    versionOf({
      calendar,
      rates: {},
      terms: {
        seasonRates: {
          summer: { peak: dollars(0.05 * scale), flat: dollars(0.075 * scale) },
          winter: { peak: dollars(0.06 * scale), flat: dollars(0.05 * scale) },
        },
        demand: (['peak', 'flat'] as const).map((period) => ({
          name: `Demand ${period}`,
          period,
          window: 'block' as const,
          windowMinutes: 60 as const,
          rateMicros: dollars((period === 'peak' ? 20 : 10) * scale),
        })),
      },
    });
  /** Two hours before midnight, two after: 100 and 50 kW, then 50 and 25 kW. */
  const cost = (first: readonly [string, number], second: readonly [string, number]): number =>
    [first, second].reduce((sum, [on, scale], month) => {
      const hours = month === 0 ? day({ 22: 100_000, 23: 50_000 }) : day({ 0: 50_000, 1: 25_000 });
      return (
        sum +
        (rateMonths(commercial(scale), new Map([[on, hours]]), hourly).get(on.slice(0, 7))?.totalMicros ?? 0)
      );
    }, 0);
  /** The demand that the source takes off: that of the month's mean load, here in whole Wh. */
  const ofMeanLoad = (month: string, days: number, consumption: number, scale: number): number => {
    const load = everyDay(month, days, Math.round(consumption / (24 * days)));
    const items = rateMonths(commercial(scale), load, hourly).get(month)?.items ?? [];
    // The source's mean load lies in the period of the hours it looks at, which is the cheap one.
    return items.find((item) => item.item === 'Demand flat')?.amountMicros ?? 0;
  };

  test('crossing months: 1511.25, less 3.12 for the mean load: 1508.11', () => {
    const total = cost(['2018-01-31', 1], ['2018-02-01', 1]);
    expect(total).toBe(1_511_250_000);
    const mean = ofMeanLoad('2018-01', 31, 150_000, 1) + ofMeanLoad('2018-02', 28, 75_000, 1);
    expect(Math.abs(mean - 3_120_000)).toBeLessThanOrEqual(20_000);
    expect(Math.abs(total - mean - 1_508_110_000)).toBeLessThanOrEqual(20_000);
  });
  test('crossing into summer rates: 1513.13, less 3.09: 1510.03', () => {
    const total = cost(['2018-04-30', 1], ['2018-05-01', 1]);
    expect(total).toBe(1_513_125_000);
    const mean = ofMeanLoad('2018-04', 30, 150_000, 1) + ofMeanLoad('2018-05', 31, 75_000, 1);
    expect(Math.abs(total - mean - 1_510_030_000)).toBeLessThanOrEqual(20_000);
  });
  test('crossing the year into rates 2.5 % higher: 1520.79', () => {
    const total = cost(['2018-12-31', 1], ['2019-01-01', 1.025]);
    expect(total).toBe(1_523_843_750);
    const mean = ofMeanLoad('2018-12', 31, 150_000, 1) + ofMeanLoad('2019-01', 31, 75_000, 1.025);
    expect(Math.abs(total - mean - 1_520_790_000)).toBeLessThanOrEqual(20_000);
  });
});

describe('MePDCL, the tariff book of 2026-27', () => {
  const rupees = dollars;
  const april = (hours: Readonly<Record<number, number>>) => new Map([['2026-04-10', day(hours)]]);
  const slabs = (extra: PriceTermsBody = {}) =>
    versionOf({
      calendar: flatCalendar,
      rates: { flat: rupees(5) },
      terms: {
        tiers: {
          span: 'month',
          steps: [
            { above: 100_000, rates: { flat: rupees(5.04) } },
            { above: 200_000, rates: { flat: rupees(5.1) } },
          ],
        },
        ...extra,
      },
    });

  test('45 units, 2 kW: 225.00 − 4.50 + 180.00 + 2.25 + 0.15 = 402.90', () => {
    const version = slabs({
      fixed: [
        { name: 'Fixed charge', per: 'month', basis: 'kw', amountMicros: rupees(90) },
        // The fuel adjustment of the month before (225.00 × 2 % = 4.50) is spread over 30 days: this bill has one of them.
        { name: 'FPPAS share', per: 'month', basis: 'point', amountMicros: rupees((225 * 0.02) / 30) },
      ],
      adjustments: [
        { name: 'Prepaid rebate', component: 'rebate', basis: 'share', value: -20_000, of: ['energy'] },
        { name: 'Electricity duty', component: 'tax', basis: 'unit', value: rupees(0.05) },
      ],
    });
    const rated = rateMonths(version, april({ 8: 20_000, 9: 25_000 }), {
      ...hourly,
      contractedDemandW: 2000,
    });
    const month = rated.get('2026-04');
    expect(month?.energyMicros).toBe(225_000_000);
    expect(Object.fromEntries((month?.items ?? []).map((item) => [item.item, item.amountMicros]))).toEqual({
      'Fixed charge': 180_000_000,
      'FPPAS share': 150_000,
      'Prepaid rebate': -4_500_000,
      'Electricity duty': 2_250_000,
    });
    expect(month?.totalMicros).toBe(402_900_000);
  });

  test.each([
    [100, 500],
    [150, 752],
    [200, 1004],
    [222, 1116.2],
    [300, 1514],
  ])('slabs: %d units cost %d', (units, cost) => {
    expect(rateMonths(slabs(), april({ 3: units * 1000 }), hourly).get('2026-04')?.energyMicros).toBe(
      rupees(cost),
    );
  });

  test('Kutir Jyoti: 30 units at 4.57, then the domestic slabs where they stand', () => {
    const version = versionOf({
      calendar: flatCalendar,
      rates: { flat: rupees(4.57) },
      terms: {
        tiers: {
          span: 'month',
          steps: [
            { above: 30_000, rates: { flat: rupees(5) } },
            { above: 100_000, rates: { flat: rupees(5.04) } },
            { above: 200_000, rates: { flat: rupees(5.1) } },
          ],
        },
      },
    });
    const rated = rateMonths(version, april({ 3: 250_000 }), hourly).get('2026-04');
    expect(rated?.energyMicros).toBe(rupees(30 * 4.57 + 70 * 5 + 100 * 5.04 + 50 * 5.1));
  });

  test('industrial high tension: normal 5.55, peak 6.66, off-peak 4.72, by the hour', () => {
    const version = versionOf({
      calendar: {
        ...flatCalendar,
        id: 'iht',
        dayProfiles: {
          all: [
            { fromMinute: 0, period: 'valley' },
            { fromMinute: 360, period: 'flat' },
            { fromMinute: 1020, period: 'peak' },
            { fromMinute: 1380, period: 'valley' },
          ],
        },
      },
      rates: { flat: rupees(5.55), peak: rupees(6.66), valley: rupees(4.72) },
    });
    const price = (hour: number): number | undefined =>
      rateMonths(version, april({ [hour]: 1000 }), hourly).get('2026-04')?.energyMicros;
    expect([5, 6, 16, 17, 22, 23].map(price)).toEqual([4.72, 5.55, 5.55, 6.66, 6.66, 4.72].map(rupees));
  });

  test('electricity duty of industry falls with the units: a unit charge of tiers is one of energy', () => {
    const version = versionOf({
      calendar: flatCalendar,
      rates: { flat: rupees(0.05) },
      terms: {
        tiers: {
          span: 'month',
          steps: [
            { above: 15_000_000, rates: { flat: rupees(0.045) } },
            { above: 40_000_000, rates: { flat: rupees(0.03) } },
          ],
        },
      },
    });
    const duty = rateMonths(version, april({ 1: 50_000_000 }), hourly).get('2026-04')?.energyMicros;
    expect(duty).toBe(rupees(15_000 * 0.05 + 25_000 * 0.045 + 10_000 * 0.03));
  });
});
