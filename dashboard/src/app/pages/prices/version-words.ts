// SPDX-License-Identifier: Apache-2.0
/** What a version says, as rows of a table and lines of words. Pure but for the words handed in. */
import { periodsBySeason, touPeriods, type Medium, type TouPeriod } from '@wattledger/contracts';
import type { PriceVersion, Rates } from '@wattledger/contracts/http/billing';

export interface RateRow {
  readonly period: TouPeriod;
  /** By column; null where the season never uses the period. */
  readonly micros: readonly (number | null)[];
}
export interface RateBlock {
  /** Base units used before the tier begins; null without tiers. */
  readonly above: number | null;
  /** Seasons; a single empty one where all are alike. */
  readonly columns: readonly string[];
  readonly rows: readonly RateRow[];
}

/** Rates of each tier by period and season, as the calendar uses them. Empty for prices by the hour. */
export function rateBlocks(
  version: Pick<PriceVersion, 'rates' | 'terms' | 'calendar'>,
): readonly RateBlock[] {
  const { terms, calendar } = version;
  if (terms.priceSeriesId !== null) return [];
  const used = periodsBySeason(calendar);
  const block = (
    above: number | null,
    rates: Rates,
    seasonRates: Readonly<Record<string, Rates>>,
  ): RateBlock => {
    const bySeason = Object.keys(seasonRates).length > 0;
    const columns = bySeason ? [...used.keys()] : [''];
    const rows = touPeriods
      .filter((period) => [...used.values()].some((periods) => periods.has(period)))
      .map((period) => ({
        period,
        micros: columns.map((season) => {
          if (season === '') return rates[period] ?? null;
          return used.get(season)?.has(period) === true
            ? (seasonRates[season]?.[period] ?? rates[period] ?? null)
            : null;
        }),
      }));
    return { above, columns, rows };
  };
  return [
    block(terms.tiers === null ? null : 0, version.rates, terms.seasonRates),
    ...(terms.tiers?.steps ?? []).map((step) => block(step.above, step.rates, step.seasonRates)),
  ];
}

/** True where rates of the whole year are all the version says: they fit into one cell. */
export function isPlain({ terms }: Pick<PriceVersion, 'terms'>): boolean {
  return terms.tiers === null && terms.priceSeriesId === null && Object.keys(terms.seasonRates).length === 0;
}

/** True where there is nothing beside rates of the whole year. */
export function isRatesAlone(version: Pick<PriceVersion, 'terms'>): boolean {
  const { demand, fixed, minimumMonthMicros, adjustments } = version.terms;
  return isPlain(version) && demand.length + fixed.length + adjustments.length + minimumMonthMicros === 0;
}

export interface ItemWords {
  readonly component: string;
  readonly name: string;
  readonly text: string;
}
interface Said {
  readonly t: (key: string, values?: Readonly<Record<string, string | number>>) => string;
  readonly money: (micros: number) => string;
  readonly share: (share: number) => string;
  readonly seasonName: (season: string) => string;
  readonly currency: string;
  readonly medium: Medium;
}

/** Demand, fixed charges, the minimum and adjustments in words. */
export function itemWords({ terms }: Pick<PriceVersion, 'terms'>, said: Said): readonly ItemWords[] {
  const { t, money } = said;
  const unit = t(said.medium === 'electricity' ? 'price.per-kwh' : 'price.per-m3');
  return [
    ...terms.demand.map((item) => {
      const seasons = Object.entries(item.seasonRatesMicros);
      const rates =
        seasons.length === 0
          ? money(item.rateMicros)
          : seasons.map(([season, micros]) => `${said.seasonName(season)} ${money(micros)}`).join(', ');
      const when = item.period === null ? t('price.demand-any') : t(`tou.${item.period}`);
      const window = t(`price.window-${item.window}`, { minutes: item.windowMinutes });
      return {
        component: 'demand',
        name: item.name,
        text: `${rates} ${t('price.a-kw-month')} · ${when} · ${window}`,
      };
    }),
    ...terms.fixed.map((item) => ({
      component: 'fixed',
      name: item.name,
      text: `${money(item.amountMicros)} ${t(`price.per-${item.per}${item.basis === 'kw' ? '-kw' : ''}`)}`,
    })),
    ...(terms.minimumMonthMicros === 0
      ? []
      : [
          {
            component: 'minimum',
            name: t('component.minimum'),
            text: `${money(terms.minimumMonthMicros)} ${t('price.per-month')}`,
          },
        ]),
    ...terms.adjustments.map((item) => ({
      component: item.component,
      name: item.name,
      text:
        item.basis === 'unit'
          ? `${money(item.value)} ${unit}`
          : `${said.share(item.value / 1_000_000)} · ${item.of.map((of) => t(`component.${of}`)).join(', ')}`,
    })),
  ];
}
