// SPDX-License-Identifier: Apache-2.0
/**
 * Rating: what the slots of a day cost, and whom. A pure function of the slots, the accounts of the metering point
 * and the price versions; charging posts the difference between two of its results.
 */
import assert from 'node:assert/strict';
import {
  periodsOfLocalDay,
  slotLengthMs,
  type Medium,
  type Quantity,
  type TariffCalendar,
  type TouPeriod,
} from '@wattledger/contracts';
import type { ChargeComponent, UnpricedReason } from '@wattledger/contracts/http/billing';
import { priceInForce, type PriceVersionTerms } from '../prices/price-version.ts';
import {
  chargeSlot,
  hasPlainRates,
  plainRate,
  type ChargePart,
  type PriceSeriesBook,
  type TierPosition,
} from '../rating/energy-charge.ts';
import type { ItemWorking } from '../rating/item-working.ts';
import { seasonOfDay } from '../rating/seasons.ts';
import { chargeAmountMicros } from './amount.ts';
import {
  emptyCharge,
  noAccount,
  noPriceInForce,
  quantityNotCharged,
  type SlotDay,
  type SlotDayCharge,
} from './slot-day.ts';

/** The time an account pays for a metering point: it owns the slots that begin in [openedAtMs, closedAtMs). */
export interface AccountSpan {
  readonly accountId: string;
  readonly medium: Medium;
  readonly priceSchemeId: string;
  readonly openedAtMs: number;
  readonly closedAtMs: number | null;
  /** Where a demand price asks for it; null where none was agreed. */
  readonly contractedDemandW: number | null;
}

/** Prices as charging knows them. */
export interface PriceBook {
  /** Approved versions of a scheme, in order of taking effect. */
  inOrder(priceSchemeId: string): readonly PriceVersionTerms[];
  version(priceVersionId: string): PriceVersionTerms;
  /** Prices by hour, of the versions that take theirs from a series. */
  readonly series: PriceSeriesBook;
}

/** What a medium's account pays for. Export is shown, never charged. */
export const chargedQuantity: Readonly<Record<Medium, Quantity>> = {
  electricity: 'active-import',
  water: 'water-volume',
  gas: 'gas-volume',
};

export const ownerOfSlot = (spans: readonly AccountSpan[], startMs: number): AccountSpan | undefined =>
  spans.find((span) => span.openedAtMs <= startMs && (span.closedAtMs === null || startMs < span.closedAtMs));

/** Asked for each slot of a day: the day remembers the periods of the calendar asked last. */
const periodsKept = new WeakMap<
  SlotDay,
  { readonly calendar: TariffCalendar; readonly periods: readonly TouPeriod[] }
>();

/** Period of each slot of the day under a version's calendar. */
export function periodsOfDay(day: SlotDay, { calendar }: PriceVersionTerms): readonly TouPeriod[] {
  const kept = periodsKept.get(day);
  if (kept?.calendar === calendar) return kept.periods;
  const periods = periodsOfLocalDay(calendar, day.zone, day.localDay, day.slotMinutes);
  assert.equal(periods.length, day.consumption.length, `day ${day.localDay} has as many periods as slots`);
  periodsKept.set(day, { calendar, periods });
  return periods;
}

/** What an account has used before the day, for versions with tiers. */
export type PositionOf = (accountId: string) => TierPosition;
const nothingUsed: PositionOf = () => ({ monthConsumption: 0, yearConsumption: 0 });

/** Whether a version's charge of a slot depends on what was used before it. */
export const hasTiers = (version: PriceVersionTerms): boolean =>
  version.terms.tiers !== null && version.terms.priceSeriesId === null;

/**
 * Charges every known slot of the day to the account that owns it, at the price in force when it begins.
 * @param positionOf asked only where a version has tiers
 */
export function rateSlotDay(
  day: SlotDay,
  spans: readonly AccountSpan[],
  book: PriceBook,
  positionOf: PositionOf = nothingUsed,
): SlotDayCharge {
  const length = slotLengthMs(day.slotMinutes);
  const dayEndMs = day.firstSlotMs + day.consumption.length * length;
  const touching = spans.filter(
    (span) => span.openedAtMs < dayEndMs && (span.closedAtMs === null || span.closedAtMs > day.firstSlotMs),
  );
  if (touching.length === 0) return emptyCharge(day.consumption.length);
  const accountIndex: number[] = [];
  const versionIndex: number[] = [];
  const amountMicros: number[] = [];
  const accountIds: string[] = [];
  const priceVersionIds: string[] = [];
  /** Priced since the day began, by place of the account. */
  const used: number[] = [];
  day.consumption.forEach((consumption, slot) => {
    const startMs = day.firstSlotMs + slot * length;
    const owner = consumption === null ? undefined : ownerOfSlot(touching, startMs);
    if (consumption === null || owner === undefined) {
      accountIndex.push(0);
      versionIndex.push(noAccount);
      amountMicros.push(0);
      return;
    }
    const place = placeOf(accountIds, owner.accountId);
    accountIndex.push(place);
    const before = used[place - 1] ?? 0;
    if (chargedQuantity[owner.medium] !== day.quantity) {
      versionIndex.push(quantityNotCharged);
      amountMicros.push(0);
      return;
    }
    const version = priceInForce(book.inOrder(owner.priceSchemeId), startMs);
    const amount =
      version === null
        ? null
        : (plainAmount(day, slot, version) ??
          chargePartsOf(day, slot, version, book, advanced(positionOf(owner.accountId), before))
            ?.amountMicros ??
          null);
    if (version === null || amount === null) {
      versionIndex.push(noPriceInForce);
      amountMicros.push(0);
      return;
    }
    used[place - 1] = before + consumption;
    versionIndex.push(placeOf(priceVersionIds, version.priceVersionId));
    amountMicros.push(amount);
  });
  const charge = { accountIndex, versionIndex, amountMicros, accountIds, priceVersionIds };
  return { ...charge, ...positionsOfDay(charge, book, positionOf) };
}

/** Of a version whose rates depend on the period alone; null of others. */
function plainAmount(day: SlotDay, slot: number, version: PriceVersionTerms): number | null {
  if (!hasPlainRates(version)) return null;
  const period = periodsOfDay(day, version)[slot] as TouPeriod;
  return chargeAmountMicros(day.consumption[slot] as number, plainRate(version, period));
}

/** A slot's charge with its parts by tier. */
export function chargePartsOf(
  day: SlotDay,
  slot: number,
  version: PriceVersionTerms,
  book: PriceBook,
  position: TierPosition,
): { readonly parts: readonly ChargePart[]; readonly amountMicros: number } | null {
  const rated = {
    period: periodsOfDay(day, version)[slot] as TouPeriod,
    season: seasonOfDay(version.calendar, day.localDay),
    startMs: day.firstSlotMs + slot * slotLengthMs(day.slotMinutes),
    consumption: day.consumption[slot] ?? 0,
    position,
  };
  return chargeSlot(version, rated, book.series);
}

export const advanced = (position: TierPosition, consumption: number): TierPosition => ({
  monthConsumption: position.monthConsumption + consumption,
  yearConsumption: position.yearConsumption + consumption,
});

/** Where each account stands before the day: kept where a version of the day counts by month, or by year. */
function positionsOfDay(
  { accountIds, priceVersionIds }: Pick<SlotDayCharge, 'accountIds' | 'priceVersionIds'>,
  book: PriceBook,
  positionOf: PositionOf,
): Pick<SlotDayCharge, 'monthPositions' | 'yearPositions'> {
  const counts = (span: 'month' | 'year'): boolean =>
    priceVersionIds.some((id) => {
      const version = book.version(id);
      return hasTiers(version) && version.terms.tiers?.span === span;
    });
  return {
    monthPositions: counts('month') ? accountIds.map((id) => positionOf(id).monthConsumption) : [],
    yearPositions: counts('year') ? accountIds.map((id) => positionOf(id).yearConsumption) : [],
  };
}

/** Place of an id in a list of distinct ids, from 1; added when new. */
function placeOf(ids: string[], id: string): number {
  const place = ids.indexOf(id);
  if (place >= 0) return place + 1;
  ids.push(id);
  return ids.length;
}

/** Part of a charge with one price: of energy by period, season and tier where they make a difference; or an item of a month. */
export interface DayLine {
  readonly component: ChargeComponent;
  /** Of a month's item: its name in the version. */
  readonly item: string | null;
  readonly season: string | null;
  /** From 0; null where the version has none. */
  readonly tier: number | null;
  readonly period: TouPeriod | null;
  readonly priceVersionId: string | null;
  readonly unpricedReason: UnpricedReason | null;
  readonly consumption: number;
  readonly amountMicros: number;
  /** Numbers that explain an item of a month. */
  readonly working?: ItemWorking | undefined;
}

/** What one account is charged for the day: absolute. */
export interface AccountDay {
  readonly accountId: string;
  readonly lines: readonly DayLine[];
  /** Slots by quality code: measured, estimated, edited, missing. */
  readonly slotsByQuality: readonly number[];
}

export const lineKey = (line: DayLine): string =>
  `${line.period ?? ''}|${line.priceVersionId ?? ''}|${line.unpricedReason ?? ''}|${line.tier ?? ''}|${line.season ?? ''}|${line.component}|${line.item ?? ''}`;

/** How the slots of a version on a day are told apart on lines. */
interface VersionOfDay {
  readonly version: PriceVersionTerms;
  readonly periods: readonly TouPeriod[];
  readonly season: string | null;
  readonly tiered: boolean;
}

function versionOfDay(day: SlotDay, version: PriceVersionTerms): VersionOfDay {
  const { seasonRates, tiers } = version.terms;
  const seasonal = [seasonRates, ...(tiers?.steps ?? []).map((step) => step.seasonRates)].some(
    (rates) => Object.keys(rates).length > 0,
  );
  return {
    version,
    periods: periodsOfDay(day, version),
    season: seasonal ? seasonOfDay(version.calendar, day.localDay) : null,
    tiered: hasTiers(version),
  };
}

/** Sums lines of one price; a line is made when its price first comes up. */
class LineSums {
  readonly #sums = new Map<string, { -readonly [K in keyof DayLine]: DayLine[K] }>();

  add(key: string, consumption: number, amountMicros: number, line: () => DayLine): void {
    const known = this.#sums.get(key);
    if (known === undefined) {
      this.#sums.set(key, { ...line(), consumption, amountMicros });
      return;
    }
    known.consumption += consumption;
    known.amountMicros += amountMicros;
  }

  lines(): readonly DayLine[] {
    return [...this.#sums.values()];
  }
}

/** The day's charge by account, summed by period, price version, season and tier; unpriced consumption by reason. */
export function accountDays(day: SlotDay, charge: SlotDayCharge, book: PriceBook): readonly AccountDay[] {
  const versions = charge.priceVersionIds.map((id) => versionOfDay(day, book.version(id)));
  return charge.accountIds.map((accountId, accountPlace) => {
    const sums = new LineSums();
    const slotsByQuality = [0, 0, 0, 0];
    const position = storedPosition(charge, accountPlace);
    let used = 0;
    charge.accountIndex.forEach((place, slot) => {
      if (place !== accountPlace + 1) return;
      const quality = day.quality[slot] as number;
      slotsByQuality[quality] = (slotsByQuality[quality] ?? 0) + 1;
      const versionIndex = charge.versionIndex[slot] as number;
      const consumption = day.consumption[slot] ?? 0;
      if (versionIndex <= 0) {
        sums.add(`${versionIndex}`, consumption, 0, () => unpricedLine(versionIndex));
        return;
      }
      const version = versions[versionIndex - 1] as VersionOfDay;
      const period = version.periods[slot] as TouPeriod;
      if (version.tiered) {
        const before = advanced(position, used);
        for (const part of chargePartsOf(day, slot, version.version, book, before)?.parts ?? []) {
          const key = `${versionIndex}${period}${part.tier}`;
          const line = (): DayLine => pricedLine(version, period, part.tier);
          sums.add(key, part.consumption, part.amountMicros, line);
        }
      } else {
        const line = (): DayLine => pricedLine(version, period, null);
        sums.add(`${versionIndex}${period}`, consumption, charge.amountMicros[slot] as number, line);
      }
      used += consumption;
    });
    return { accountId, lines: sums.lines(), slotsByQuality };
  });
}

/** Where an account stood before the day, as it is kept with the day. */
export const storedPosition = (
  { monthPositions, yearPositions }: Pick<SlotDayCharge, 'monthPositions' | 'yearPositions'>,
  accountPlace: number,
): TierPosition => ({
  monthConsumption: monthPositions[accountPlace] ?? 0,
  yearConsumption: yearPositions[accountPlace] ?? 0,
});

const pricedLine = ({ version, season }: VersionOfDay, period: TouPeriod, tier: number | null): DayLine => ({
  component: 'energy',
  item: null,
  season,
  tier,
  period,
  priceVersionId: version.priceVersionId,
  unpricedReason: null,
  consumption: 0,
  amountMicros: 0,
});

const unpricedLine = (versionIndex: number): DayLine => ({
  component: 'energy',
  item: null,
  season: null,
  tier: null,
  period: null,
  priceVersionId: null,
  unpricedReason: unpricedReasonOf(versionIndex),
  consumption: 0,
  amountMicros: 0,
});

export function unpricedReasonOf(versionIndex: number): UnpricedReason | null {
  if (versionIndex === noPriceInForce) return 'no-price-in-force';
  if (versionIndex === quantityNotCharged) return 'quantity-not-charged';
  return null;
}

const addLines = (line: DayLine, added: DayLine): DayLine => ({
  ...line,
  consumption: line.consumption + added.consumption,
  amountMicros: line.amountMicros + added.amountMicros,
});

/** Lines that turn `before` into `after` when added; those that change nothing are left out. */
export function differenceLines(before: readonly DayLine[], after: readonly DayLine[]): readonly DayLine[] {
  const differences = new Map<string, DayLine>(after.map((line) => [lineKey(line), line]));
  for (const line of before) {
    const key = lineKey(line);
    const taken = { ...line, consumption: 0 - line.consumption, amountMicros: 0 - line.amountMicros };
    const left = differences.get(key);
    differences.set(key, left === undefined ? taken : addLines(left, taken));
  }
  return [...differences.values()].filter((line) => line.consumption !== 0 || line.amountMicros !== 0);
}
