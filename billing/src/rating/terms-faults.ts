// SPDX-License-Identifier: Apache-2.0
/** What is wrong with a draft's rates and terms, by field. Pure. */
import type { TariffCalendar, TouPeriod } from '@wattledger/contracts';
import type { PriceTerms, Rates } from '@wattledger/contracts/http/billing';
import { minimumItemName } from './month-items.ts';
import { periodsBySeason } from './seasons.ts';

export interface TermsFault {
  /** As in the body of the draft: rates.peak, terms.tiers.steps.0.above. */
  readonly path: string;
  readonly message: string;
}
export interface TermsDraft {
  readonly rates: Rates;
  readonly terms: PriceTerms;
  readonly calendar: TariffCalendar;
}

/** @param seriesKnown whether the project has a price series of the scheme's medium by that id */
export function faultsOfTerms(
  draft: TermsDraft,
  seriesKnown: (priceSeriesId: string) => boolean,
): readonly TermsFault[] {
  const { terms } = draft;
  return [
    ...(terms.priceSeriesId === null
      ? faultsOfRateTables(draft)
      : faultsOfSeries(draft, terms.priceSeriesId, seriesKnown)),
    ...faultsOfDemand(draft),
    ...faultsOfNames(terms),
    ...faultsOfAdjustments(terms),
  ];
}

interface RateTable {
  readonly rates: Rates;
  readonly seasonRates: Readonly<Record<string, Rates>>;
  readonly ratesPath: string;
  readonly seasonsPath: string;
}

function faultsOfRateTables({ rates, terms, calendar }: TermsDraft): readonly TermsFault[] {
  const used = periodsBySeason(calendar);
  const tables: readonly RateTable[] = [
    { rates, seasonRates: terms.seasonRates, ratesPath: 'rates', seasonsPath: 'terms.seasonRates' },
    ...(terms.tiers?.steps ?? []).map((step, index) => ({
      rates: step.rates,
      seasonRates: step.seasonRates,
      ratesPath: `terms.tiers.steps.${index}.rates`,
      seasonsPath: `terms.tiers.steps.${index}.seasonRates`,
    })),
  ];
  const faults = tables.flatMap((table) => faultsOfTable(table, calendar, used));
  for (const [index, step] of (terms.tiers?.steps ?? []).entries()) {
    const below = terms.tiers?.steps[index - 1]?.above ?? 0;
    if (step.above <= below) {
      faults.push({
        path: `terms.tiers.steps.${index}.above`,
        message: `tiers rise: this one must begin above ${below}`,
      });
    }
  }
  return faults;
}

function faultsOfTable(
  table: RateTable,
  calendar: TariffCalendar,
  used: ReadonlyMap<string, ReadonlySet<TouPeriod>>,
): TermsFault[] {
  const missing = new Map<string, TermsFault>();
  for (const [season, periods] of used) {
    for (const period of periods) {
      if (table.rates[period] !== undefined || table.seasonRates[season]?.[period] !== undefined) continue;
      const path = `${table.ratesPath}.${period}`;
      if (!missing.has(path))
        missing.set(path, { path, message: `the calendar "${calendar.name}" uses ${period}: give its rate` });
    }
  }
  const faults = [...missing.values()];
  const usedAtAll = new Set([...used.values()].flatMap((periods) => [...periods]));
  for (const period of periodsIn(table.rates)) {
    if (usedAtAll.has(period)) continue;
    faults.push({
      path: `${table.ratesPath}.${period}`,
      message: `the calendar "${calendar.name}" never uses ${period}`,
    });
  }
  return [...faults, ...faultsOfSeasonRates(table, calendar, used)];
}

function faultsOfSeasonRates(
  table: RateTable,
  calendar: TariffCalendar,
  used: ReadonlyMap<string, ReadonlySet<TouPeriod>>,
): readonly TermsFault[] {
  return Object.entries(table.seasonRates).flatMap(([season, rates]): readonly TermsFault[] => {
    const periods = used.get(season);
    const path = `${table.seasonsPath}.${season}`;
    if (periods === undefined)
      return [{ path, message: `the calendar "${calendar.name}" has no season "${season}"` }];
    return periodsIn(rates)
      .filter((period) => !periods.has(period))
      .map((period) => ({
        path: `${path}.${period}`,
        message: `the season "${season}" never uses ${period}`,
      }));
  });
}

const periodsIn = (rates: Rates): readonly TouPeriod[] => Object.keys(rates) as TouPeriod[];

/** A series gives every price: what else could give one has no meaning beside it. */
function faultsOfSeries(
  { rates, terms }: TermsDraft,
  priceSeriesId: string,
  seriesKnown: (priceSeriesId: string) => boolean,
): readonly TermsFault[] {
  const faults: TermsFault[] = [];
  if (!seriesKnown(priceSeriesId)) {
    faults.push({
      path: 'terms.priceSeriesId',
      message: `the project has no price series "${priceSeriesId}" of this medium`,
    });
  }
  const message = 'the price series gives every price: leave this out';
  if (Object.keys(rates).length > 0) faults.push({ path: 'rates', message });
  if (Object.keys(terms.seasonRates).length > 0) faults.push({ path: 'terms.seasonRates', message });
  if (terms.tiers !== null) faults.push({ path: 'terms.tiers', message });
  return faults;
}

function faultsOfDemand({ terms, calendar }: TermsDraft): readonly TermsFault[] {
  const used = periodsBySeason(calendar);
  const usedAtAll = new Set([...used.values()].flatMap((periods) => [...periods]));
  return terms.demand.flatMap((item, index) => {
    const path = `terms.demand.${index}`;
    const faults: TermsFault[] = [];
    if (item.period !== null && !usedAtAll.has(item.period))
      faults.push({
        path: `${path}.period`,
        message: `the calendar "${calendar.name}" never uses ${item.period}`,
      });
    for (const season of Object.keys(item.seasonRatesMicros)) {
      if (used.has(season)) continue;
      faults.push({
        path: `${path}.seasonRatesMicros.${season}`,
        message: `the calendar "${calendar.name}" has no season "${season}"`,
      });
    }
    return faults;
  });
}

/** Lines and documents tell items apart by their names. */
function faultsOfNames(terms: PriceTerms): readonly TermsFault[] {
  const taken = new Set([minimumItemName]);
  const faults: TermsFault[] = [];
  const lists = { demand: terms.demand, fixed: terms.fixed, adjustments: terms.adjustments };
  for (const [list, items] of Object.entries(lists)) {
    for (const [index, { name }] of items.entries()) {
      if (taken.has(name))
        faults.push({ path: `terms.${list}.${index}.name`, message: `"${name}" names another item already` });
      taken.add(name);
    }
  }
  return faults;
}

const adjusting: ReadonlySet<string> = new Set(['surcharge', 'tax', 'rebate']);

function faultsOfAdjustments(terms: PriceTerms): readonly TermsFault[] {
  return terms.adjustments.flatMap((adjustment, index): readonly TermsFault[] => {
    const path = `terms.adjustments.${index}`;
    if (adjustment.basis === 'unit') return [];
    if (adjustment.of.length === 0)
      return [{ path: `${path}.of`, message: 'name the components of which the share is taken' }];
    const before = new Set<string>(terms.adjustments.slice(0, index).map((earlier) => earlier.component));
    return adjustment.of
      .filter((component) => adjusting.has(component) && !before.has(component))
      .map((component) => ({ path: `${path}.of`, message: `no ${component} stands before this one` }));
  });
}
