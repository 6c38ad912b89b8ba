// SPDX-License-Identifier: Apache-2.0
/**
 * The second, naive way to charge: slot by slot, account by account, version by version, and sharing no code with charging.
 * Only the period of an instant is remembered per calendar, because many points ask for the same one. Doctor and tests hold
 * charging against it.
 */
import { DateTime } from 'luxon';
import type { TariffCalendar } from '@wattledger/contracts';
import type { PriceTerms } from '@wattledger/contracts/http/billing';

export interface NaiveSlot {
  readonly startMs: number;
  readonly consumption: number;
}
export interface NaiveDay {
  readonly meteringPointId: string;
  readonly segmentId: string;
  readonly localDay: string;
  readonly zone: string;
  readonly slotMinutes: number;
  /** Start of the local day's first slot, known or not. */
  readonly firstSlotMs: number;
  readonly quantity: string;
  readonly slots: readonly NaiveSlot[];
}
export interface NaiveAccount {
  readonly accountId: string;
  readonly meteringPointId: string;
  readonly medium: string;
  readonly priceSchemeId: string;
  readonly openedAtMs: number;
  readonly closedAtMs: number | null;
  readonly contractedDemandW: number | null;
}
export interface NaiveVersion {
  readonly priceVersionId: string;
  readonly priceSchemeId: string;
  readonly number: number;
  readonly effectiveFromMs: number;
  readonly rates: Readonly<Record<string, number>>;
  readonly terms: PriceTerms;
  readonly calendar: TariffCalendar;
}
/** Prices by hour: of a series, by the instant at which each begins. */
export type NaiveSeries = ReadonlyMap<string, (instantMs: number) => number | null>;

export interface NaiveLine {
  readonly consumption: number;
  readonly amountMicros: number;
}
/** 'account/point/segment/day/period/version/tier/season/component/item' → Σ; of the unpriced the reason stands for the version. */
export type NaiveLines = Map<string, NaiveLine>;

export const quantityOfMedium: Readonly<Record<string, string>> = {
  electricity: 'active-import',
  water: 'water-volume',
  gas: 'gas-volume',
};

/** The season of a local day: the last one begun, counting on from the year before. */
export function naiveSeason(calendar: TariffCalendar, localDay: string): string {
  let name = '';
  let best = '';
  for (const year of ['0', '1']) {
    for (const season of calendar.seasons) {
      const begins = `${year}/${season.fromMonthDay}`;
      if (begins <= `1/${localDay.slice(5)}` && begins >= best) [best, name] = [begins, season.name];
    }
  }
  return name;
}

/** The period on a clock and a calendar: special day, else season and weekday, then the last span begun. */
export function naivePeriod(calendar: TariffCalendar, zone: string, startMs: number): string {
  const local = DateTime.fromMillis(startMs, { zone });
  const day = local.toFormat('yyyy-MM-dd');
  let profile = calendar.specialDays[day];
  if (profile === undefined) {
    let season = calendar.seasons.reduce((last, next) =>
      next.fromMonthDay > last.fromMonthDay ? next : last,
    );
    let best = '';
    for (const candidate of calendar.seasons) {
      if (candidate.fromMonthDay <= local.toFormat('MM-dd') && candidate.fromMonthDay >= best) {
        season = candidate;
        best = candidate.fromMonthDay;
      }
    }
    profile = season.weekday[local.weekday - 1];
  }
  let period = '';
  for (const span of calendar.dayProfiles[profile ?? ''] ?? []) {
    if (span.fromMinute <= local.hour * 60 + local.minute) period = span.period;
  }
  return period;
}

/** A fraction to the nearest whole, half away from zero, in BigInt, by remainder. */
export function naiveRound(numerator: bigint, denominator: bigint): number {
  const positive = numerator < 0n ? -numerator : numerator;
  const rounded = positive / denominator + ((positive % denominator) * 2n >= denominator ? 1n : 0n);
  return Number(numerator < 0n ? 0n - rounded : rounded);
}

/** The version that took effect last; of two at once the later drafted. */
export function naiveInForce(
  versions: readonly NaiveVersion[],
  priceSchemeId: string,
  instantMs: number,
): NaiveVersion | null {
  let inForce: NaiveVersion | null = null;
  for (const version of versions) {
    if (version.priceSchemeId !== priceSchemeId || version.effectiveFromMs > instantMs) continue;
    if (
      inForce === null ||
      version.effectiveFromMs > inForce.effectiveFromMs ||
      (version.effectiveFromMs === inForce.effectiveFromMs && version.number > inForce.number)
    ) {
      inForce = version;
    }
  }
  return inForce;
}

/** Part of a slot at one rate. */
interface NaivePart {
  readonly what: string;
  readonly consumption: number;
  readonly amountMicros: number;
}

interface Prices {
  readonly versions: readonly NaiveVersion[];
  readonly series: NaiveSeries;
  readonly periodOf: typeof naivePeriod;
}

const unpricedPart = (reason: string, consumption: number): NaivePart => ({
  what: `/${reason}///energy/`,
  consumption,
  amountMicros: 0,
});

/** @param usedOf what the account had used before the slot in its month and its year */
function naiveParts(
  day: NaiveDay,
  slot: NaiveSlot,
  account: NaiveAccount,
  { versions, series, periodOf }: Prices,
  usedOf: { readonly month: number; readonly year: number },
): readonly NaivePart[] {
  if (quantityOfMedium[account.medium] !== day.quantity)
    return [unpricedPart('quantity-not-charged', slot.consumption)];
  const version = naiveInForce(versions, account.priceSchemeId, slot.startMs);
  if (version === null) return [unpricedPart('no-price-in-force', slot.consumption)];
  const period = periodOf(version.calendar, day.zone, slot.startMs);
  const season = naiveSeason(version.calendar, day.localDay);
  const { tiers, priceSeriesId, seasonRates } = version.terms;
  const seasonal =
    JSON.stringify(seasonRates) !== '{}' ||
    (tiers?.steps ?? []).some((step) => JSON.stringify(step.seasonRates) !== '{}');
  const part = (consumption: number, rate: number, tier: string): NaivePart => ({
    what: `${period}/${version.priceVersionId}/${tier}/${seasonal ? season : ''}/energy/`,
    consumption,
    amountMicros: naiveRound(BigInt(consumption) * BigInt(rate), 1000n),
  });
  if (priceSeriesId !== null) {
    const rate = series.get(priceSeriesId)?.(slot.startMs) ?? null;
    return rate === null
      ? [unpricedPart('no-price-in-force', slot.consumption)]
      : [part(slot.consumption, rate, '')];
  }
  const rateOf = (tier: number): number => {
    const step = tier === 0 ? { rates: version.rates, seasonRates } : tiers?.steps[tier - 1];
    const rates = { ...step?.rates, ...step?.seasonRates[season] } as Readonly<Record<string, number>>;
    return rates[period] ?? NaN;
  };
  if (tiers === null) return [part(slot.consumption, rateOf(0), '')];
  const steps = tiers.steps.map((step) => step.above);
  const parts: NaivePart[] = [];
  let at = tiers.span === 'month' ? usedOf.month : usedOf.year;
  let left = slot.consumption;
  // Up to the next boundary above, or down to the next one below, until nothing is left.
  while (left !== 0) {
    const tier = steps.filter((above) => (left > 0 ? above <= at : above < at)).length;
    const edge = left > 0 ? (steps[tier] ?? Infinity) : (steps[tier - 1] ?? -Infinity);
    const taken = left > 0 ? Math.min(left, edge - at) : Math.max(left, edge - at);
    parts.push(part(taken, rateOf(tier), String(tier)));
    at += taken;
    left -= taken;
  }
  return parts;
}

function rememberedPeriods(): typeof naivePeriod {
  const known = new Map<TariffCalendar, Map<string, Map<number, string>>>();
  return (calendar, zone, startMs) => {
    const zones = known.get(calendar) ?? new Map<string, Map<number, string>>();
    known.set(calendar, zones);
    const instants = zones.get(zone) ?? new Map<number, string>();
    zones.set(zone, instants);
    const period = instants.get(startMs) ?? naivePeriod(calendar, zone, startMs);
    instants.set(startMs, period);
    return period;
  };
}

/** In the order in which consumption counts: by day, by the first known slot of a segment, by its id. */
const naiveOrder = (days: Iterable<NaiveDay>): readonly NaiveDay[] => {
  const rank = (day: NaiveDay): string =>
    `${day.localDay} ${String(day.slots[0]?.startMs ?? 9e15).padStart(16, '0')} ${day.segmentId}`;
  return [...days].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
};

/** Charges days by these versions, as often as asked. Accounts hold their points one after the other. */
export function createNaiveCharge(
  versions: readonly NaiveVersion[],
  series: NaiveSeries = new Map(),
): (days: Iterable<NaiveDay>, accounts: readonly NaiveAccount[]) => NaiveLines {
  const prices = { versions, series, periodOf: rememberedPeriods() };
  return (days, accounts) => {
    const lines = new Map<string, { consumption: number; amountMicros: number }>();
    const used = new Map<string, number>();
    for (const day of naiveOrder(days)) {
      for (const slot of day.slots) {
        for (const account of accounts) {
          if (account.meteringPointId !== day.meteringPointId || slot.startMs < account.openedAtMs) continue;
          if (account.closedAtMs !== null && slot.startMs >= account.closedAtMs) continue;
          const owner = `${account.accountId}/${day.meteringPointId}/`;
          const month = owner + day.localDay.slice(0, 7);
          const year = owner + day.localDay.slice(0, 4);
          const before = { month: used.get(month) ?? 0, year: used.get(year) ?? 0 };
          for (const part of naiveParts(day, slot, account, prices, before)) {
            const key = `${owner}${day.segmentId}/${day.localDay}/${part.what}`;
            let sum = lines.get(key);
            if (sum === undefined) lines.set(key, (sum = { consumption: 0, amountMicros: 0 }));
            sum.consumption += part.consumption;
            sum.amountMicros += part.amountMicros;
            if (part.what.startsWith('/')) continue;
            used.set(month, (used.get(month) ?? 0) + part.consumption);
            used.set(year, (used.get(year) ?? 0) + part.consumption);
          }
        }
      }
    }
    return lines;
  };
}

/** Keys on which two sets of lines differ; lines of nothing count as absent. */
export function differingKeys(a: NaiveLines, b: NaiveLines): readonly string[] {
  const nothing = { consumption: 0, amountMicros: 0 };
  return [...new Set([...a.keys(), ...b.keys()])].filter((key) => {
    const left = a.get(key) ?? nothing;
    const right = b.get(key) ?? nothing;
    return left.consumption !== right.consumption || left.amountMicros !== right.amountMicros;
  });
}
