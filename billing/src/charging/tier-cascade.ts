// SPDX-License-Identifier: Apache-2.0
/**
 * What a changed day does to the days after it. Where prices have tiers, a slot's price depends on all that was used
 * since the local month or year began: the later days of that span are rated again, in order. Pure.
 */
import type { TierPosition } from '../rating/energy-charge.ts';
import type { DayChange } from './plan-charges.ts';
import { hasTiers, type AccountSpan, type PositionOf, type PriceBook } from './rate-slot-day.ts';
import type { SlotDay, SlotDayCharge } from './slot-day.ts';

export type TierSpan = 'month' | 'year';
const spanLength: Readonly<Record<TierSpan, number>> = { month: 7, year: 4 };

/** Month ('2026-03') or year ('2026') of a local day. */
const spanOfDay = (span: TierSpan, localDay: string): string => localDay.slice(0, spanLength[span]);

/** The longest span that any price of a point counts by; null where none has tiers. */
export function tierSpanOf(spans: readonly AccountSpan[], book: PriceBook): TierSpan | null {
  let longest: TierSpan | null = null;
  for (const { priceSchemeId } of spans) {
    for (const version of book.inOrder(priceSchemeId)) {
      if (!hasTiers(version)) continue;
      if (version.terms.tiers?.span === 'year') return 'year';
      longest = 'month';
    }
  }
  return longest;
}

/** Days of a point that a change reaches: from the first changed day to the end of its month or year. */
export interface CascadeRange {
  readonly meteringPointId: string;
  readonly fromDay: string;
  /** Inclusive; need not exist: days compare as text. */
  readonly toDay: string;
}

export function cascadeRanges(
  changes: readonly DayChange[],
  tierSpanOfPoint: (meteringPointId: string) => TierSpan | null,
): readonly CascadeRange[] {
  const ranges = new Map<string, CascadeRange>();
  for (const { slots } of changes) {
    const { meteringPointId, localDay } = slots;
    const tierSpan = tierSpanOfPoint(meteringPointId);
    if (tierSpan === null) continue;
    const span = spanOfDay(tierSpan, localDay);
    const key = `${meteringPointId}/${span}`;
    const known = ranges.get(key);
    if (known !== undefined && known.fromDay <= localDay) continue;
    ranges.set(key, {
      meteringPointId,
      fromDay: localDay,
      toDay: tierSpan === 'year' ? `${span}-12-31` : lastDayOfMonth(span),
    });
  }
  return [...ranges.values()];
}

const lastDayOfMonth = (month: string): string =>
  new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)), 0)).toISOString().slice(0, 10);

/** The first of a day's month or year. */
export const firstDayOf = (span: TierSpan, localDay: string): string =>
  span === 'year' ? `${localDay.slice(0, 4)}-01-01` : `${localDay.slice(0, 7)}-01`;

/** Consumption counts in this order: by day, on one day by first known slot, then segment. Sorts a copy. */
export function inRatingOrder(changes: readonly DayChange[]): readonly DayChange[] {
  const keyed = changes.map((change) => ({ change, firstMs: firstKnownMs(change.slots) }));
  keyed.sort((a, b) => {
    const left = a.change.slots;
    const right = b.change.slots;
    return (
      compare(left.meteringPointId, right.meteringPointId) ||
      compare(left.localDay, right.localDay) ||
      compare(a.firstMs, b.firstMs) ||
      compare(left.segmentId, right.segmentId)
    );
  });
  return keyed.map(({ change }) => change);
}

const compare = <T extends string | number>(a: T, b: T): number => (a < b ? -1 : Number(a > b));

function firstKnownMs(day: SlotDay): number {
  const first = day.consumption.findIndex((consumption) => consumption !== null);
  return first < 0 ? Infinity : day.firstSlotMs + first * day.slotMinutes * 60_000;
}

/** What accounts had used in a month or year before the first day that is rated anew, by `positionKey`. */
export type Used = Map<string, number>;
/** @param span a month ('2026-03') or a year ('2026') */
export const positionKey = (meteringPointId: string, accountId: string, span: string): string =>
  `${meteringPointId}/${accountId}/${span}`;

/** Where an account stands before a day, as far as `used` has come. */
export const positionsBefore =
  (used: Used, { meteringPointId, localDay }: SlotDay): PositionOf =>
  (accountId): TierPosition => {
    const of = (span: TierSpan): number =>
      used.get(positionKey(meteringPointId, accountId, spanOfDay(span, localDay))) ?? 0;
    return { monthConsumption: of('month'), yearConsumption: of('year') };
  };

/** Adds what was priced on a day, so that the next one begins where it ended. */
export function addUsed(
  used: Used,
  { meteringPointId, localDay, consumption }: SlotDay,
  charge: SlotDayCharge,
): void {
  charge.accountIds.forEach((accountId, accountPlace) => {
    let priced = 0;
    charge.accountIndex.forEach((place, slot) => {
      if (place === accountPlace + 1 && (charge.versionIndex[slot] as number) > 0)
        priced += consumption[slot] ?? 0;
    });
    for (const span of ['month', 'year'] as const) {
      const key = positionKey(meteringPointId, accountId, spanOfDay(span, localDay));
      used.set(key, (used.get(key) ?? 0) + priced);
    }
  });
}
