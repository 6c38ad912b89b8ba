// SPDX-License-Identifier: Apache-2.0
/**
 * Which months of an account at a metering point have items, and what rating is told of them: versions with their times and
 * days, energy, demand. Pure; the items themselves are rating's.
 */
import { boundsOfLocalDay, localDayOf, slotLengthMs, type Medium } from '@wattledger/contracts';
import { priceInForce, type PriceVersionTerms } from '../prices/price-version.ts';
import type { DemandReading, MonthInput, MonthItem, MonthRange } from '../rating/month-input.ts';
import {
  chargedQuantity,
  periodsOfDay,
  type AccountSpan,
  type DayLine,
  type PriceBook,
} from './rate-slot-day.ts';
import type { ChargedSlotDay } from './slot-day.ts';

/** Stands where an energy line has its segment. */
export const monthItemsSegment = 'month-items';

export function hasItems({ terms }: PriceVersionTerms): boolean {
  return (
    terms.fixed.length + terms.demand.length + terms.adjustments.length > 0 || terms.minimumMonthMicros > 0
  );
}

/** An account's month at a metering point. */
export interface AccountMonth {
  readonly month: string;
  readonly zone: string;
  /** Days that end until then count. */
  readonly asOfMs: number;
  /** Of the account at the point, in order. */
  readonly spans: readonly AccountSpan[];
}

export const monthOf = (zone: string, instantMs: number): string => localDayOf(zone, instantMs).slice(0, 7);

/** 'YYYY-MM' of each month from one to another, both included. */
export function monthsBetween(from: string, to: string): readonly string[] {
  const months: string[] = [];
  let [year, month] = from.split('-').map(Number) as [number, number];
  for (;;) {
    const text = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}`;
    if (text > to) return months;
    months.push(text);
    month += 1;
    if (month > 12) [year, month] = [year + 1, 1];
  }
}

/** Months in which the account holds the point, from an instant to now. */
export function monthsHeld(
  spans: readonly AccountSpan[],
  zone: string,
  fromMs: number,
  asOfMs: number,
): readonly string[] {
  const months = new Set<string>();
  for (const span of spans) {
    const endMs = Math.min(span.closedAtMs ?? asOfMs, asOfMs);
    const startMs = Math.max(span.openedAtMs, fromMs);
    // Where the account ends at the very instant, the month it would have held is looked at too: nothing is left of it.
    if (endMs < startMs) continue;
    for (const month of monthsBetween(monthOf(zone, startMs), monthOf(zone, endMs))) months.add(month);
  }
  return [...months];
}

export function daysOfMonth(month: string): readonly string[] {
  const days = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)), 0)).getUTCDate();
  return Array.from({ length: days }, (_, index) => `${month}-${String(index + 1).padStart(2, '0')}`);
}

interface Stretch {
  readonly version: PriceVersionTerms;
  readonly fromMs: number;
  readonly toMs: number;
}

function boundsOfMonth({ zone, month }: AccountMonth): { readonly fromMs: number; readonly toMs: number } {
  const days = daysOfMonth(month);
  return {
    fromMs: boundsOfLocalDay(zone, days[0] as string).startMs,
    toMs: boundsOfLocalDay(zone, days.at(-1) as string).endMs,
  };
}

/** Which version holds when, within the account's time in the month. */
function stretchesOf(of: AccountMonth, book: PriceBook): readonly Stretch[] {
  const month = boundsOfMonth(of);
  return of.spans.flatMap((span) => {
    const fromMs = Math.max(span.openedAtMs, month.fromMs);
    const toMs = Math.min(span.closedAtMs ?? Infinity, month.toMs);
    if (fromMs >= toMs) return [];
    const versions = book.inOrder(span.priceSchemeId);
    const begins = versions
      .map((version) => version.effectiveFromMs)
      .filter((beginMs) => beginMs > fromMs && beginMs < toMs);
    const edges = [...new Set([fromMs, ...begins, toMs])].sort((a, b) => a - b);
    return edges.slice(0, -1).flatMap((edge, index) => {
      const version = priceInForce(versions, edge);
      return version === null ? [] : [{ version, fromMs: edge, toMs: edges[index + 1] as number }];
    });
  });
}

/** The day under which a month's items stand: the first on which the account holds the point. */
export function firstDayHeld(of: AccountMonth): string {
  const month = boundsOfMonth(of);
  const first = of.spans.find(
    (span) =>
      span.openedAtMs < month.toMs && (span.closedAtMs ?? Infinity) > Math.max(month.fromMs, span.openedAtMs),
  );
  const day = localDayOf(of.zone, Math.max(first?.openedAtMs ?? 0, month.fromMs));
  return day < `${of.month}-01` ? `${of.month}-01` : day;
}

export interface MonthFacts {
  /** Σ of the account's energy lines in the month, by price version. */
  readonly energy: ReadonlyMap<string, { readonly consumption: number; readonly amountMicros: number }>;
  /** Slots of the point in the month; read where a version has demand items. */
  readonly slotDays: readonly ChargedSlotDay[];
}

/** What rating is told of a month; null where no version of it has items. */
export function monthInput(
  of: AccountMonth,
  medium: Medium,
  facts: MonthFacts,
  book: PriceBook,
): MonthInput | null {
  const stretches = stretchesOf(of, book);
  const versions = [...new Set(stretches.map((stretch) => stretch.version))];
  if (!versions.some(hasItems)) return null;
  const days = daysOfMonth(of.month);
  const last = of.spans.at(-1);
  const month = boundsOfMonth(of);
  const closed = last?.closedAtMs ?? null;
  return {
    month: of.month,
    daysInMonth: days.length,
    ended: month.toMs <= of.asOfMs || (closed !== null && closed <= of.asOfMs),
    contractedDemandW: of.spans.findLast((span) => span.openedAtMs < month.toMs)?.contractedDemandW ?? null,
    ranges: versions.map((version): MonthRange => {
      const held = stretches.filter((stretch) => stretch.version === version);
      return {
        version,
        fromMs: (held[0] as Stretch).fromMs,
        toMs: (held.at(-1) as Stretch).toMs,
        ...daysHeld(of, held, days),
        energy: facts.energy.get(version.priceVersionId) ?? { consumption: 0, amountMicros: 0 },
        demand:
          version.terms.demand.length === 0
            ? []
            : facts.slotDays.flatMap((day) => demandReading(day, version, held, medium)),
      };
    }),
  };
}

/** A day belongs to whoever holds its last instant. */
function daysHeld(
  { zone, asOfMs }: AccountMonth,
  held: readonly Stretch[],
  days: readonly string[],
): Pick<MonthRange, 'days' | 'daysFinished'> {
  const mine = days.filter((day) => {
    const lastMs = boundsOfLocalDay(zone, day).endMs - 1;
    return held.some((stretch) => stretch.fromMs <= lastMs && lastMs < stretch.toMs);
  });
  return {
    days: mine,
    daysFinished: mine.filter((day) => boundsOfLocalDay(zone, day).endMs <= asOfMs).length,
  };
}

/** A day's slots as demand sees them: only those of the version's stretches. */
function demandReading(
  { slots }: ChargedSlotDay,
  version: PriceVersionTerms,
  held: readonly Stretch[],
  medium: Medium,
): readonly DemandReading[] {
  if (slots.quantity !== chargedQuantity[medium]) return [];
  const length = slotLengthMs(slots.slotMinutes);
  const { localDay, firstSlotMs, slotMinutes } = slots;
  const consumption = slots.consumption.map((known, slot) => {
    const startMs = firstSlotMs + slot * length;
    return held.some((stretch) => stretch.fromMs <= startMs && startMs < stretch.toMs) ? known : null;
  });
  if (consumption.every((known) => known === null)) return [];
  return [{ localDay, firstSlotMs, slotMinutes, consumption, periods: periodsOfDay(slots, version) }];
}

export const itemLine = (item: MonthItem): DayLine => ({
  component: item.component,
  item: item.item,
  season: null,
  tier: null,
  period: null,
  priceVersionId: item.priceVersionId,
  unpricedReason: null,
  consumption: 0,
  amountMicros: item.amountMicros,
  working: item.working,
});
