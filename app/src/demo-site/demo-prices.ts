// SPDX-License-Identifier: Apache-2.0
/**
 * Prices of the demo, CNY. Commercial: multipliers of the Shanghai notice of December 2022 (two-part: peak 1.8, valley
 * 0.4, tip 2.25 in July to September, December and January; peak 1.6, valley 0.5 otherwise) on a round flat price that is
 * the demo's own. Residential: the first tier of Zhejiang's peak-valley price, and for one floor its three yearly tiers, with less
 * energy in each so that sixty days reach them. Two-part: demand, a standing charge and tax. The prices of one scheme change with the season,
 * by versions, so that a charge can be seen to use the price in force when the energy flowed.
 */
import { DateTime } from 'luxon';
import { plainTerms, type PriceTerms, type Rates } from '@wattledger/contracts/http/billing';
import type { Medium } from '@wattledger/contracts';
import type { SchemeKey } from './site-plan.ts';

export interface PlannedVersion {
  /** Local date in the project's zone from which it holds. */
  readonly fromDay: string;
  readonly rates: Rates;
  /** Left out: rates alone. */
  readonly terms?: PriceTerms;
  readonly note: string;
}
export interface PlannedScheme {
  readonly key: SchemeKey;
  readonly name: string;
  readonly medium: Medium;
  readonly versions: readonly PlannedVersion[];
}

const micros = 1_000_000;
/** Flat price of electricity for businesses, and what one pays for water, CNY per kWh and per m³. */
const flatPrice = 0.7236;
const waterPrice = 5.08;

const perUnit = (price: number): number => Math.round(price * micros);

function commercialRates(season: 'high' | 'ordinary'): Rates {
  const [tip, peak, valley] = season === 'high' ? [2.25, 1.8, 0.4] : [2, 1.6, 0.5];
  return {
    tip: perUnit(flatPrice * tip),
    peak: perUnit(flatPrice * peak),
    flat: perUnit(flatPrice),
    valley: perUnit(flatPrice * valley),
    'deep-valley': perUnit(flatPrice * valley * 0.8),
  };
}
const residentialRates: Rates = {
  tip: perUnit(0.568),
  peak: perUnit(0.568),
  flat: perUnit(0.568),
  valley: perUnit(0.288),
  'deep-valley': perUnit(0.288),
};
const raisedBy = (rates: Rates, price: number): Rates =>
  Object.fromEntries(Object.entries(rates).map(([period, rate]) => [period, rate + perUnit(price)]));
/** Zhejiang asks 0.05 and 0.30 more beyond 2,760 and 4,800 kWh of a year. */
const yearlyTiers: PriceTerms = {
  ...plainTerms,
  tiers: {
    span: 'year',
    steps: [
      { above: 250_000, rates: raisedBy(residentialRates, 0.05), seasonRates: {} },
      { above: 450_000, rates: raisedBy(residentialRates, 0.3), seasonRates: {} },
    ],
  },
};
const twoPart: PriceTerms = {
  ...plainTerms,
  demand: [
    {
      name: 'Maximum demand',
      period: null,
      window: 'block',
      windowMinutes: 30,
      rateMicros: perUnit(38.4),
      seasonRatesMicros: {},
    },
  ],
  fixed: [{ name: 'Meter and service', per: 'month', basis: 'point', amountMicros: perUnit(18) }],
  adjustments: [
    { name: 'VAT', component: 'tax', basis: 'share', value: 130_000, of: ['energy', 'demand', 'fixed'] },
  ],
};
const waterRates: Rates = Object.fromEntries(
  ['tip', 'peak', 'flat', 'valley', 'deep-valley'].map((period) => [period, perUnit(waterPrice)]),
);

// prettier-ignore
const seasonStarts = [
  ['01-01', 'high', 'Winter prices'], ['02-01', 'ordinary', 'Spring prices'], ['07-01', 'high', 'Summer prices'],
  ['10-01', 'ordinary', 'Autumn prices'], ['12-01', 'high', 'Winter prices'],
] as const;

/** Season versions from the one in force at `fromDay` to the last that begins before `toDay`. */
function seasonVersions(fromDay: string, toDay: string): readonly PlannedVersion[] {
  const years = [
    Number(fromDay.slice(0, 4)) - 1,
    Number(fromDay.slice(0, 4)),
    Number(toDay.slice(0, 4)),
    Number(toDay.slice(0, 4)) + 1,
  ];
  const all = [...new Set(years)].flatMap((year) =>
    seasonStarts.map(([monthDay, season, note]) => ({
      fromDay: `${year}-${monthDay}`,
      rates: commercialRates(season),
      note,
    })),
  );
  const current = all.findLast((version) => version.fromDay <= fromDay);
  return all.filter(
    (version) => version === current || (version.fromDay > fromDay && version.fromDay < toDay),
  );
}

/** Schemes with the versions that matter between two local days: from the opening of the accounts to some months ahead. */
export function plannedSchemes(fromDay: string, toDay: string): readonly PlannedScheme[] {
  const yearBefore = `${Number(fromDay.slice(0, 4)) - 1}-01-01`;
  return [
    {
      key: 'commercial',
      name: 'Commercial, five periods',
      medium: 'electricity',
      versions: seasonVersions(fromDay, toDay),
    },
    {
      key: 'residential',
      name: 'Residential, day and night',
      medium: 'electricity',
      versions: [{ fromDay: yearBefore, rates: residentialRates, note: 'Residential prices' }],
    },
    {
      key: 'residential-tiers',
      name: 'Residential, yearly tiers',
      medium: 'electricity',
      versions: [
        { fromDay: yearBefore, rates: residentialRates, terms: yearlyTiers, note: 'Three tiers of the year' },
      ],
    },
    {
      key: 'demand',
      name: 'Two-part, with demand',
      medium: 'electricity',
      versions: [
        {
          fromDay: yearBefore,
          rates: commercialRates('ordinary'),
          terms: twoPart,
          note: 'Demand and service',
        },
      ],
    },
    {
      key: 'water',
      name: 'Water',
      medium: 'water',
      versions: [{ fromDay: yearBefore, rates: waterRates, note: 'Water with sewage' }],
    },
  ];
}

/** Start of a local day, ms. */
export const startOfDayMs = (zone: string, day: string): number => DateTime.fromISO(day, { zone }).toMillis();
