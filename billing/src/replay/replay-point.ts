// SPDX-License-Identifier: Apache-2.0
/**
 * One metering point replayed: its slots rated in order by the functions that charge, its months' items, summed beside what
 * was charged. Pure.
 */
import { slotLengthMs, type Medium, type SlotMinutes } from '@wattledger/contracts';
import type { ChargeComponent } from '@wattledger/contracts/http/billing';
import type { AccountMonth, MonthFacts } from '../charging/month-plan.ts';
import { firstDayHeld, itemLine, monthInput, monthsHeld } from '../charging/month-plan.ts';
import {
  accountDays,
  rateSlotDay,
  type AccountDay,
  type AccountSpan,
  type DayLine,
  type PositionOf,
  type PriceBook,
} from '../charging/rate-slot-day.ts';
import type { ChargedSlotDay, SlotDay } from '../charging/slot-day.ts';
import { addUsed, inRatingOrder, positionsBefore, tierSpanOf, type Used } from '../charging/tier-cascade.ts';
import type { TierPosition } from '../rating/energy-charge.ts';
import { monthItems } from '../rating/month-items.ts';

/** What was charged, as the charged days stand: summed by account, month, component and period. */
export interface ChargedSum {
  readonly accountId: string;
  readonly month: string;
  readonly component: ChargeComponent;
  /** '' where there is none. */
  readonly period: string;
  readonly item: string;
  readonly consumption: number;
  readonly amountMicros: number;
}

/** Before and after of an account at the point, by the same words. */
export interface ReplayedLine extends Omit<ChargedSum, 'consumption' | 'amountMicros'> {
  consumptionBefore: number;
  consumptionAfter: number;
  beforeMicros: number;
  afterMicros: number;
}

export interface ReplayedAccount {
  readonly accountId: string;
  beforeMicros: number;
  afterMicros: number;
  /** Base units priced by the version. */
  consumption: number;
  slotsExpected: number;
  slotsKnown: number;
  slotsEstimated: number;
}

export interface PointToReplay {
  readonly meteringPointId: string;
  readonly zone: string;
  readonly medium: Medium;
  readonly priceVersionId: string;
  /** As they would be. */
  readonly spans: readonly AccountSpan[];
  readonly book: PriceBook;
  /** Whose figures are asked. */
  readonly accountIds: ReadonlySet<string>;
  /** Whole months, by day. */
  readonly days: readonly SlotDay[];
  /** Moved along: what was used before the first of the days. */
  readonly used: Used;
  readonly charged: readonly ChargedSum[];
  /** As of when the items of each account stand. */
  readonly asOfMs: (accountId: string) => number;
  /** The months replayed, 'YYYY-MM', and their bounds. */
  readonly fromMonth: string;
  readonly toMonth: string;
  readonly window: { readonly fromMs: number; readonly toMs: number };
  readonly slotMinutes: SlotMinutes;
}

export interface ReplayedPoint {
  readonly lines: readonly (ReplayedLine & { readonly meteringPointId: string })[];
  readonly accounts: readonly ReplayedAccount[];
}

type EnergyByVersion = Map<string, { consumption: number; amountMicros: number }>;

export function replayPoint(point: PointToReplay): ReplayedPoint {
  const sums = new Sums(point);
  for (const charged of point.charged) {
    const line = sums.line(charged);
    line.consumptionBefore += charged.consumption;
    line.beforeMicros += charged.amountMicros;
  }
  const energy = rateDays(point, sums);
  addItems(point, energy, sums);
  return sums.result();
}

/** Rates every day in order. Answers the energy of each account's month by version, for the items. */
function rateDays(point: PointToReplay, sums: Sums): ReadonlyMap<string, EnergyByVersion> {
  const counts = tierSpanOf(point.spans, point.book) !== null;
  const days = inRatingOrder(point.days.map((slots) => ({ before: null, slots })));
  const energy = new Map<string, EnergyByVersion>();
  days.forEach(({ slots }, place) => {
    const positions = counts ? keptPositions(positionsBefore(point.used, slots)) : undefined;
    const charge = rateSlotDay(slots, point.spans, point.book, positions);
    if (counts) addUsed(point.used, slots, charge);
    const alone =
      days[place - 1]?.slots.localDay !== slots.localDay &&
      days[place + 1]?.slots.localDay !== slots.localDay;
    for (const day of accountDays(slots, charge, point.book)) {
      if (!point.accountIds.has(day.accountId)) continue;
      addDay(sums, energy, slots.localDay.slice(0, 7), day);
      sums.seen(day, slots, alone ? null : charge.accountIndex.map((index) => charge.accountIds[index - 1]));
    }
  });
  return energy;
}

/** Asked for every slot of a day, and the same for all of them. */
function keptPositions(positionOf: PositionOf): PositionOf {
  const kept = new Map<string, TierPosition>();
  return (accountId) => {
    let position = kept.get(accountId);
    if (position === undefined) kept.set(accountId, (position = positionOf(accountId)));
    return position;
  };
}

function addDay(sums: Sums, energy: Map<string, EnergyByVersion>, month: string, day: AccountDay): void {
  const key = `${day.accountId}/${month}`;
  let byVersion = energy.get(key);
  if (byVersion === undefined) energy.set(key, (byVersion = new Map()));
  for (const line of day.lines) {
    sums.after(day.accountId, month, line);
    if (line.priceVersionId === null) continue;
    const sum = byVersion.get(line.priceVersionId);
    if (sum === undefined) byVersion.set(line.priceVersionId, { ...line });
    else {
      sum.consumption += line.consumption;
      sum.amountMicros += line.amountMicros;
    }
  }
}

function addItems(point: PointToReplay, energy: ReadonlyMap<string, EnergyByVersion>, sums: Sums): void {
  const slotDays = new Map<string, ChargedSlotDay[]>();
  for (const slots of point.days) {
    const month = slots.localDay.slice(0, 7);
    const list = slotDays.get(month);
    // Demand reads slots only.
    const day = { slots, charge: noCharge, chargeRevision: 0 };
    if (list === undefined) slotDays.set(month, [day]);
    else list.push(day);
  }
  for (const accountId of point.accountIds) {
    const spans = point.spans.filter((span) => span.accountId === accountId);
    const asOfMs = point.asOfMs(accountId);
    for (const month of monthsHeld(spans, point.zone, point.window.fromMs, asOfMs)) {
      if (month < point.fromMonth || month > point.toMonth) continue;
      const of: AccountMonth = { month, zone: point.zone, asOfMs, spans };
      const facts: MonthFacts = {
        energy: energy.get(`${accountId}/${month}`) ?? new Map(),
        slotDays: slotDays.get(month) ?? [],
      };
      const input = monthInput(of, point.medium, facts, point.book);
      if (input === null) continue;
      const day = firstDayHeld(of);
      for (const item of monthItems(input)) sums.after(accountId, day.slice(0, 7), itemLine(item));
    }
  }
}

const noCharge = {
  accountIndex: [],
  versionIndex: [],
  amountMicros: [],
  accountIds: [],
  priceVersionIds: [],
  monthPositions: [],
  yearPositions: [],
};

/** Before and after as they come in. */
class Sums {
  readonly #point: PointToReplay;
  readonly #lines = new Map<string, ReplayedLine>();
  readonly #accounts = new Map<string, ReplayedAccount>();
  /** Slots of days on which several segments tell: counted once. */
  readonly #seen = new Map<string, Set<number>>();

  constructor(point: PointToReplay) {
    this.#point = point;
    for (const accountId of point.accountIds)
      this.#accounts.set(accountId, {
        accountId,
        beforeMicros: 0,
        afterMicros: 0,
        consumption: 0,
        slotsExpected: slotsExpected(point, accountId),
        slotsKnown: 0,
        slotsEstimated: 0,
      });
  }

  line(of: Pick<ChargedSum, 'accountId' | 'month' | 'component' | 'period' | 'item'>): ReplayedLine {
    const { accountId, month, component, period, item } = of;
    const key = `${accountId}|${month}|${component}|${period}|${item}`;
    let line = this.#lines.get(key);
    if (line === undefined) {
      const nothing = { consumptionBefore: 0, consumptionAfter: 0, beforeMicros: 0, afterMicros: 0 };
      line = { accountId, month, component, period, item, ...nothing };
      this.#lines.set(key, line);
    }
    return line;
  }

  after(accountId: string, month: string, added: DayLine): void {
    const { component, period, item, consumption, amountMicros, priceVersionId } = added;
    const line = this.line({ accountId, month, component, period: period ?? '', item: item ?? '' });
    line.consumptionAfter += consumption;
    line.afterMicros += amountMicros;
    const account = this.#accounts.get(accountId);
    if (account !== undefined && component === 'energy' && priceVersionId === this.#point.priceVersionId)
      account.consumption += consumption;
  }

  /** @param owners of each slot, where other segments tell of the same day; null where none does */
  seen(day: AccountDay, slots: SlotDay, owners: readonly (string | undefined)[] | null): void {
    const account = this.#accounts.get(day.accountId);
    if (account === undefined) return;
    const [measured = 0, estimated = 0, edited = 0] = day.slotsByQuality;
    account.slotsEstimated += estimated;
    if (owners === null) {
      account.slotsKnown += measured + estimated + edited;
      return;
    }
    const key = `${day.accountId}/${slots.localDay}`;
    let starts = this.#seen.get(key);
    if (starts === undefined) this.#seen.set(key, (starts = new Set()));
    owners.forEach((owner, slot) => {
      if (owner !== day.accountId || slots.quality[slot] === missingQuality) return;
      const startMs = slots.firstSlotMs + slot * slotLengthMs(slots.slotMinutes);
      if (starts.has(startMs)) return;
      starts.add(startMs);
      account.slotsKnown += 1;
    });
  }

  result(): ReplayedPoint {
    const { meteringPointId } = this.#point;
    const lines = [...this.#lines.values()].filter(
      (line) =>
        line.consumptionBefore !== 0 ||
        line.consumptionAfter !== 0 ||
        line.beforeMicros !== 0 ||
        line.afterMicros !== 0,
    );
    for (const line of lines) {
      const account = this.#accounts.get(line.accountId);
      if (account === undefined) continue;
      account.beforeMicros += line.beforeMicros;
      account.afterMicros += line.afterMicros;
    }
    return {
      lines: lines.map((line) => ({ ...line, meteringPointId })),
      accounts: [...this.#accounts.values()],
    };
  }
}

const missingQuality = 3;

/** Slots that begin in the account's time at the point and have ended. */
function slotsExpected(point: PointToReplay, accountId: string): number {
  const length = slotLengthMs(point.days[0]?.slotMinutes ?? point.slotMinutes);
  const untilMs = Math.min(point.window.toMs, Math.floor(point.asOfMs(accountId) / length) * length);
  let slots = 0;
  for (const span of point.spans) {
    if (span.accountId !== accountId) continue;
    const fromMs = Math.max(span.openedAtMs, point.window.fromMs);
    slots += Math.max(0, Math.min(span.closedAtMs ?? Infinity, untilMs) - fromMs) / length;
  }
  return Math.round(slots);
}
