// SPDX-License-Identifier: Apache-2.0
/**
 * The second, naive way to charge: slot by slot, account by account, version by version, and sharing no code with charging.
 * Only the period of an instant is remembered per calendar, because many points ask for the same one. Doctor and tests hold
 * charging against it.
 */
import { DateTime } from 'luxon';
import type { TariffCalendar } from '@wattledger/contracts';

export interface NaiveSlot {
  readonly startMs: number;
  readonly consumption: number;
}
export interface NaiveDay {
  readonly meteringPointId: string;
  readonly segmentId: string;
  readonly localDay: string;
  readonly zone: string;
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
}
export interface NaiveVersion {
  readonly priceVersionId: string;
  readonly priceSchemeId: string;
  readonly number: number;
  readonly effectiveFromMs: number;
  readonly rates: Readonly<Record<string, number>>;
  readonly calendar: TariffCalendar;
}

export interface NaiveLine {
  readonly consumption: number;
  readonly amountMicros: number;
}
/** 'account/point/segment/day/period/version' or 'account/point/segment/day//reason' → Σ. */
export type NaiveLines = Map<string, NaiveLine>;

const quantityOfMedium: Readonly<Record<string, string>> = {
  electricity: 'active-import',
  water: 'water-volume',
  gas: 'gas-volume',
};

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

/** Half away from zero, in BigInt, by remainder. */
function naiveAmount(consumption: number, rate: number): number {
  const product = BigInt(consumption) * BigInt(rate);
  const positive = product < 0n ? -product : product;
  const rounded = positive / 1000n + (positive % 1000n >= 500n ? 1n : 0n);
  return Number(product < 0n ? 0n - rounded : rounded);
}

interface NaivePrice {
  readonly what: string;
  readonly amountMicros: number;
}

function naivePrice(
  day: NaiveDay,
  slot: NaiveSlot,
  account: NaiveAccount,
  {
    versions,
    periodOf,
  }: { readonly versions: readonly NaiveVersion[]; readonly periodOf: typeof naivePeriod },
): NaivePrice {
  if (quantityOfMedium[account.medium] !== day.quantity)
    return { what: '/quantity-not-charged', amountMicros: 0 };
  let inForce: NaiveVersion | null = null;
  for (const version of versions) {
    if (version.priceSchemeId !== account.priceSchemeId || version.effectiveFromMs > slot.startMs) continue;
    if (
      inForce === null ||
      version.effectiveFromMs > inForce.effectiveFromMs ||
      (version.effectiveFromMs === inForce.effectiveFromMs && version.number > inForce.number)
    ) {
      inForce = version;
    }
  }
  if (inForce === null) return { what: '/no-price-in-force', amountMicros: 0 };
  const period = periodOf(inForce.calendar, day.zone, slot.startMs);
  const amountMicros = naiveAmount(slot.consumption, inForce.rates[period] ?? NaN);
  return { what: `${period}/${inForce.priceVersionId}`, amountMicros };
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

/** Charges days by these versions, as often as asked. */
export function createNaiveCharge(
  versions: readonly NaiveVersion[],
): (days: Iterable<NaiveDay>, accounts: readonly NaiveAccount[]) => NaiveLines {
  const prices = { versions, periodOf: rememberedPeriods() };
  return (days, accounts) => {
    const lines: NaiveLines = new Map();
    for (const day of days) {
      for (const account of accounts) {
        if (account.meteringPointId !== day.meteringPointId) continue;
        const prefix = `${account.accountId}/${day.meteringPointId}/${day.segmentId}/${day.localDay}/`;
        const sums: Record<string, { consumption: number; amountMicros: number }> = {};
        for (const slot of day.slots) {
          if (slot.startMs < account.openedAtMs) continue;
          if (account.closedAtMs !== null && slot.startMs >= account.closedAtMs) continue;
          const { what, amountMicros } = naivePrice(day, slot, account, prices);
          const sum = (sums[what] ??= { consumption: 0, amountMicros: 0 });
          sum.consumption += slot.consumption;
          sum.amountMicros += amountMicros;
        }
        for (const [what, sum] of Object.entries(sums)) lines.set(prefix + what, sum);
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
