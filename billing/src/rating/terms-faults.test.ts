// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import { priceTermsShape, type PriceTermsBody, type Rates } from '@wattledger/contracts/http/billing';
import { peakCalendar } from '../testing/messages.ts';
import { seasonOfDay } from './seasons.ts';
import { faultsOfTerms } from './terms-faults.ts';

const weekday = ['work', 'work', 'work', 'work', 'work', 'rest', 'rest'];
const seasons = {
  ...peakCalendar,
  seasons: [
    { name: 'winter', fromMonthDay: '10-01', weekday },
    { name: 'summer', fromMonthDay: '04-01', weekday },
    { name: 'holidays', fromMonthDay: '08-01', weekday: new Array<string>(7).fill('rest') },
    { name: 'summer', fromMonthDay: '09-01', weekday },
  ],
};
const good: Rates = { peak: 2, valley: 1 };
const paths = (terms: PriceTermsBody, rates: Rates = good): readonly string[] =>
  faultsOfTerms(
    { rates, terms: priceTermsShape.parse(terms), calendar: seasons },
    (id) => id === 'pse_known',
  ).map((fault) => fault.path);
const tier = (above: number, rates: Rates = good) => ({ above, rates });
const kw = { window: 'block', windowMinutes: 15, rateMicros: 1 } as const;
const share = { basis: 'share', value: 1 } as const;

describe('seasons', () => {
  test.each([
    ['2026-01-01', 'winter'],
    ['2026-03-31', 'winter'],
    ['2026-04-01', 'summer'],
    ['2024-02-29', 'winter'],
    ['2026-08-31', 'holidays'],
    ['2026-09-01', 'summer'],
    ['2026-12-31', 'winter'],
  ])('%s is of %s', (day, season) => {
    expect(seasonOfDay(seasons, day)).toBe(season);
  });
});

describe('a draft holds together', () => {
  test.each<[string, PriceTermsBody, Rates]>([
    ['rates alone', {}, good],
    [
      'rates by season instead of the year',
      { seasonRates: { winter: good, summer: good, holidays: { valley: 1 } } },
      {},
    ],
    [
      'the season where a period is used gives it',
      { seasonRates: { winter: { peak: 3 }, summer: { peak: 4 } } },
      { valley: 1 },
    ],
    ['tiers that rise', { tiers: { span: 'year', steps: [tier(10), tier(20)] } }, good],
    ['a series', { priceSeriesId: 'pse_known' }, {}],
    [
      'a tax on a surcharge before it',
      {
        adjustments: [
          { ...share, name: 'a', component: 'surcharge' },
          { ...share, name: 'b', component: 'tax', of: ['surcharge'] },
        ],
      },
      good,
    ],
  ])('%s', (_name, terms, rates) => {
    expect(paths(terms, rates)).toEqual([]);
  });
});

describe('what is wrong is named by its field', () => {
  test.each<[string, PriceTermsBody, Rates, readonly string[]]>([
    ['a period without a rate', {}, { peak: 1 }, ['rates.valley']],
    ['a period that no day uses', {}, { ...good, tip: 1 }, ['rates.tip']],
    ['a season that is none', { seasonRates: { spring: { peak: 1 } } }, good, ['terms.seasonRates.spring']],
    [
      'a period that the season never uses',
      { seasonRates: { holidays: { peak: 1 } } },
      good,
      ['terms.seasonRates.holidays.peak'],
    ],
    [
      'tiers that fall',
      { tiers: { span: 'month', steps: [tier(20), tier(10)] } },
      good,
      ['terms.tiers.steps.1.above'],
    ],
    [
      'a tier without a rate',
      { tiers: { span: 'month', steps: [tier(20, { peak: 1 })] } },
      good,
      ['terms.tiers.steps.0.rates.valley'],
    ],
    [
      'demand of a period that no day uses',
      { demand: [{ ...kw, name: 'a', period: 'tip' }] },
      good,
      ['terms.demand.0.period'],
    ],
    [
      'demand of a season that is none',
      { demand: [{ ...kw, name: 'a', period: null, seasonRatesMicros: { spring: 1 } }] },
      good,
      ['terms.demand.0.seasonRatesMicros.spring'],
    ],
    [
      'a name twice',
      {
        demand: [{ ...kw, name: 'a', period: null }],
        fixed: [{ name: 'a', per: 'day', basis: 'point', amountMicros: 1 }],
      },
      good,
      ['terms.fixed.0.name'],
    ],
    [
      "the minimum's own name",
      { fixed: [{ name: 'minimum', per: 'day', basis: 'point', amountMicros: 1 }] },
      good,
      ['terms.fixed.0.name'],
    ],
    [
      'a tax on a surcharge after it',
      {
        adjustments: [
          { ...share, name: 'b', component: 'tax', of: ['surcharge'] },
          { ...share, name: 'a', component: 'surcharge' },
        ],
      },
      good,
      ['terms.adjustments.0.of'],
    ],
    [
      'a share of nothing',
      { adjustments: [{ ...share, name: 'b', component: 'tax', of: [] }] },
      good,
      ['terms.adjustments.0.of'],
    ],
    ['a series that is none', { priceSeriesId: 'pse_else' }, {}, ['terms.priceSeriesId']],
    ['rates beside a series', { priceSeriesId: 'pse_known' }, good, ['rates']],
  ])('%s', (_name, terms, rates, expected) => {
    expect(paths(terms, rates)).toEqual(expected);
  });
});
