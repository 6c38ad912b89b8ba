// SPDX-License-Identifier: Apache-2.0
/** A price version as a person types it: what the fields say, and the body it makes. Pure. */
import { flatCalendar, type Medium, type TariffCalendar, type TouPeriod } from '@wattledger/contracts';
import type { ChargeComponent, PriceTerms, PriceVersion } from '@wattledger/contracts/http/billing';
import { decimalText } from './decimal-text.ts';

export type RateTexts = Readonly<Partial<Record<TouPeriod, string>>>;
/** Rates of one tier: of the whole year, or by season. */
export interface TierDraft {
  /** Where it begins, in kWh or m³; of the first it is not asked. */
  readonly above: string;
  readonly all: RateTexts;
  readonly seasons: Readonly<Record<string, RateTexts>>;
}
export interface DemandDraft {
  readonly name: string;
  readonly period: TouPeriod | null;
  readonly window: 'block' | 'sliding';
  readonly windowMinutes: 15 | 30 | 60;
  readonly rate: string;
  readonly seasons: Readonly<Record<string, string>>;
}
export interface FixedDraft {
  readonly name: string;
  readonly per: 'day' | 'month';
  readonly basis: 'point' | 'kw';
  readonly amount: string;
}
export interface AdjustmentDraft {
  readonly name: string;
  readonly component: 'surcharge' | 'tax' | 'rebate';
  readonly basis: 'share' | 'unit';
  /** Per cent, or money per kWh or m³; of a rebate what it takes off. */
  readonly value: string;
  readonly of: readonly ChargeComponent[];
}
export type CalendarKind = 'project' | 'flat' | 'own';
export type EnergyKind = 'rates' | 'tiers' | 'series';

export interface VersionDraft {
  /** As a datetime-local field has it. */
  readonly at: string;
  readonly note: string;
  readonly calendarKind: CalendarKind;
  readonly own: TariffCalendar;
  readonly energy: EnergyKind;
  readonly bySeason: boolean;
  readonly tierSpan: 'month' | 'year';
  /** The first holds from 0; the others only where the price has tiers. */
  readonly tiers: readonly TierDraft[];
  readonly priceSeriesId: string;
  readonly demand: readonly DemandDraft[];
  readonly fixed: readonly FixedDraft[];
  readonly minimum: string;
  readonly adjustments: readonly AdjustmentDraft[];
}

const noTier: TierDraft = { above: '', all: {}, seasons: {} };
export const newDemand: DemandDraft = {
  name: '',
  period: null,
  window: 'block',
  windowMinutes: 30,
  rate: '',
  seasons: {},
};
export const newFixed: FixedDraft = { name: '', per: 'month', basis: 'point', amount: '' };
export const newAdjustment: AdjustmentDraft = {
  name: '',
  component: 'tax',
  basis: 'share',
  value: '',
  of: ['energy'],
};
export const newTier = noTier;

/** What the fields show first: the latest version, or nothing but the calendar. */
export function draftFrom(
  latest: PriceVersion | null,
  context: { readonly at: string; readonly medium: Medium; readonly projectCalendar: TariffCalendar },
): VersionDraft {
  const terms = latest?.terms;
  const calendar =
    latest?.calendar ?? (context.medium === 'electricity' ? context.projectCalendar : flatCalendar);
  const tiers = latest === null ? [noTier] : tiersFrom(latest);
  return {
    at: context.at,
    note: '',
    calendarKind: kindOf(calendar, context.projectCalendar),
    own: calendar,
    energy: terms?.priceSeriesId != null ? 'series' : tiers.length > 1 ? 'tiers' : 'rates',
    bySeason: Object.keys(terms?.seasonRates ?? {}).length > 0,
    tierSpan: terms?.tiers?.span ?? 'month',
    tiers,
    priceSeriesId: terms?.priceSeriesId ?? '',
    ...itemsFrom(terms),
  };
}

function kindOf(calendar: TariffCalendar, projectCalendar: TariffCalendar): CalendarKind {
  if (JSON.stringify(calendar) === JSON.stringify(projectCalendar)) return 'project';
  return JSON.stringify(calendar) === JSON.stringify(flatCalendar) ? 'flat' : 'own';
}

function tiersFrom(version: PriceVersion): readonly TierDraft[] {
  const { seasonRates, tiers } = version.terms;
  const seasonNames = [...new Set(version.calendar.seasons.map((season) => season.name))];
  const texts = (rates: PriceVersion['rates']): RateTexts =>
    Object.fromEntries(Object.entries(rates).map(([period, micros]) => [period, decimalText(micros)]));
  const tier = (
    above: string,
    rates: PriceVersion['rates'],
    bySeason: PriceTerms['seasonRates'],
  ): TierDraft => ({
    above,
    all: texts(rates),
    seasons: Object.fromEntries(seasonNames.map((name) => [name, texts({ ...rates, ...bySeason[name] })])),
  });
  return [
    tier('', version.rates, seasonRates),
    ...(tiers?.steps ?? []).map((step) => tier(decimalText(step.above * 1000), step.rates, step.seasonRates)),
  ];
}

function itemsFrom(
  terms: PriceTerms | undefined,
): Pick<VersionDraft, 'demand' | 'fixed' | 'minimum' | 'adjustments'> {
  return {
    demand: (terms?.demand ?? []).map((item) => ({
      name: item.name,
      period: item.period,
      window: item.window,
      windowMinutes: item.windowMinutes,
      rate: decimalText(item.rateMicros),
      seasons: Object.fromEntries(
        Object.entries(item.seasonRatesMicros).map(([season, micros]) => [season, decimalText(micros)]),
      ),
    })),
    fixed: (terms?.fixed ?? []).map(({ amountMicros, ...item }) => ({
      ...item,
      amount: decimalText(amountMicros),
    })),
    minimum:
      terms === undefined || terms.minimumMonthMicros === 0 ? '' : decimalText(terms.minimumMonthMicros),
    adjustments: (terms?.adjustments ?? []).map((item) => ({
      name: item.name,
      component: item.component,
      basis: item.basis,
      // Parts per million are ten-thousandths of a per cent.
      value: decimalText(Math.abs(item.value) * (item.basis === 'share' ? 100 : 1)),
      of: item.of,
    })),
  };
}
