// SPDX-License-Identifier: Apache-2.0
/**
 * The items of a month, the naive way: day by day and window by window, sharing no code with rating. Doctor and tests hold
 * charging against it.
 */
import { DateTime } from 'luxon';
import {
  naiveInForce,
  naivePeriod,
  naiveRound,
  naiveSeason,
  quantityOfMedium,
  type NaiveAccount,
  type NaiveDay,
  type NaiveLines,
  type NaiveVersion,
} from './naive-charges.ts';

/** An account at a point: its times there in order, and as of when its items stand. */
export interface NaiveHolder {
  readonly accountId: string;
  readonly meteringPointId: string;
  readonly zone: string;
  readonly asOfMs: number;
  readonly spans: readonly NaiveAccount[];
}

interface Month {
  readonly month: string;
  /** Local days with the instant at which each ends. */
  readonly days: readonly { readonly day: string; readonly endMs: number }[];
  readonly startMs: number;
  readonly endMs: number;
}

/** What a version has in a month. */
interface Held {
  readonly version: NaiveVersion;
  readonly firstMs: number;
  readonly days: string[];
  finished: number;
  consumption: number;
  energyMicros: number;
  /** By component. */
  readonly sums: Map<string, number>;
  readonly items: { readonly component: string; readonly name: string; readonly amountMicros: number }[];
}

/** The first instant of a local date, also where midnight comes twice. */
function beginOf(zone: string, date: string): number {
  let ms = DateTime.fromISO(date, { zone }).startOf('day').toMillis();
  while (DateTime.fromMillis(ms - 900_000, { zone }).toISODate() === date) ms -= 900_000;
  return ms;
}

function monthsOf({ zone, spans, asOfMs }: NaiveHolder): readonly Month[] {
  const first = Math.min(...spans.map((span) => span.openedAtMs));
  const months: Month[] = [];
  let at = DateTime.fromMillis(first, { zone }).startOf('month');
  for (; at.toMillis() <= asOfMs; at = at.plus({ months: 1 })) {
    const dates = Array.from({ length: at.daysInMonth ?? 0 }, (_, index) =>
      at.plus({ days: index }).toFormat('yyyy-MM-dd'),
    );
    const next = at.plus({ months: 1 }).toFormat('yyyy-MM-dd');
    const days = dates.map((day, index) => ({ day, endMs: beginOf(zone, dates[index + 1] ?? next) }));
    months.push({
      month: at.toFormat('yyyy-MM'),
      days,
      startMs: beginOf(zone, dates[0] as string),
      endMs: beginOf(zone, next),
    });
  }
  return months;
}

const holds = (span: NaiveAccount, instantMs: number): boolean =>
  span.openedAtMs <= instantMs && (span.closedAtMs === null || instantMs < span.closedAtMs);

function heldIn(holder: NaiveHolder, month: Month, versions: readonly NaiveVersion[]): readonly Held[] {
  const held = new Map<string, Held>();
  for (const span of holder.spans) {
    for (const version of versions) {
      if (version.priceSchemeId !== span.priceSchemeId) continue;
      const firstMs = Math.max(span.openedAtMs, version.effectiveFromMs, month.startMs);
      if (firstMs >= month.endMs || !holds(span, firstMs)) continue;
      if (naiveInForce(versions, span.priceSchemeId, firstMs) !== version) continue;
      const known = held.get(version.priceVersionId);
      if (known !== undefined && known.firstMs <= firstMs) continue;
      const nothing = { consumption: 0, energyMicros: 0, sums: new Map<string, number>() };
      held.set(version.priceVersionId, { version, firstMs, days: [], finished: 0, items: [], ...nothing });
    }
  }
  for (const { day, endMs } of month.days) {
    const span = holder.spans.find((candidate) => holds(candidate, endMs - 1));
    const version = span === undefined ? null : naiveInForce(versions, span.priceSchemeId, endMs - 1);
    const mine = version === null ? undefined : held.get(version.priceVersionId);
    if (mine === undefined) continue;
    mine.days.push(day);
    if (endMs <= holder.asOfMs) mine.finished += 1;
  }
  return [...held.values()].sort((a, b) => a.firstMs - b.firstMs);
}

function addItem(held: Held, component: string, name: string, amountMicros: number): void {
  held.items.push({ component, name, amountMicros });
  held.sums.set(component, (held.sums.get(component) ?? 0) + amountMicros);
}

interface PowerSlot {
  readonly startMs: number;
  readonly minutes: number;
  readonly place: number;
  readonly day: string;
  readonly consumption: number;
}

/** The account's slots under a version, whatever segment they came from, by start. */
function powerSlots(
  holder: NaiveHolder,
  days: readonly NaiveDay[],
  version: NaiveVersion,
  versions: readonly NaiveVersion[],
): ReadonlyMap<number, PowerSlot> {
  const slots = new Map<number, PowerSlot>();
  for (const day of days) {
    for (const { startMs, consumption } of day.slots) {
      const span = holder.spans.find((candidate) => holds(candidate, startMs));
      if (span === undefined || quantityOfMedium[span.medium] !== day.quantity) continue;
      if (naiveInForce(versions, span.priceSchemeId, startMs) !== version) continue;
      const sum = consumption + (slots.get(startMs)?.consumption ?? 0);
      const minutes = day.slotMinutes;
      const place = Math.round((startMs - day.firstSlotMs) / (minutes * 60_000));
      slots.set(startMs, { startMs, minutes, place, day: day.localDay, consumption: sum });
    }
  }
  return slots;
}

function addDemand(
  holder: NaiveHolder,
  held: Held,
  slots: ReadonlyMap<number, PowerSlot>,
  daysInMonth: number,
): void {
  const { version } = held;
  for (const item of version.terms.demand) {
    const peaks = new Map<string, number>();
    for (const first of slots.values()) {
      const many = Math.max(1, item.windowMinutes / first.minutes);
      if (item.window === 'block' && first.place % many !== 0) continue;
      const window = Array.from({ length: many }, (_, index) =>
        slots.get(first.startMs + index * first.minutes * 60_000),
      ).filter((slot) => slot !== undefined);
      const whole =
        window.length === many &&
        window.every((slot) => slot.minutes === first.minutes) &&
        (item.window === 'sliding' || window.every((slot) => slot.day === first.day));
      const last = window.at(-1);
      if (!whole || last === undefined) continue;
      const period = naivePeriod(version.calendar, holder.zone, last.startMs);
      if (item.period !== null && item.period !== period) continue;
      const energy = window.reduce((sum, slot) => sum + slot.consumption, 0);
      const powerW = (energy * 60) / (many * first.minutes);
      const season = naiveSeason(version.calendar, last.day);
      peaks.set(season, Math.max(peaks.get(season) ?? 0, powerW));
    }
    let total = 0n;
    for (const day of held.days) {
      const season = naiveSeason(version.calendar, day);
      const rate = item.seasonRatesMicros[season] ?? item.rateMicros;
      total += BigInt(peaks.get(season) ?? 0) * BigInt(rate);
    }
    addItem(held, 'demand', item.name, naiveRound(total, 1000n * BigInt(daysInMonth)));
  }
}

function addFixed(held: readonly Held[], contractedW: number, daysInMonth: number): void {
  const whole = 1000n * BigInt(daysInMonth);
  const totals = new Map<string, bigint>();
  for (const part of held) {
    for (const { name, per, basis, amountMicros } of part.version.terms.fixed) {
      const before = totals.get(name) ?? 0n;
      const times = basis === 'kw' ? contractedW : 1000;
      const share = per === 'day' ? daysInMonth : 1;
      const after = before + BigInt(amountMicros) * BigInt(times) * BigInt(part.finished) * BigInt(share);
      totals.set(name, after);
      addItem(part, 'fixed', name, naiveRound(after, whole) - naiveRound(before, whole));
    }
  }
}

function addMinimum(held: readonly Held[], daysInMonth: number): void {
  const last = held.filter(({ version }) => version.terms.minimumMonthMicros > 0).at(-1);
  if (last === undefined) return;
  let minimum = 0n;
  let charged = 0;
  for (const { version, days, energyMicros, items } of held) {
    minimum += BigInt(version.terms.minimumMonthMicros) * BigInt(days.length);
    charged += energyMicros + items.reduce((sum, item) => sum + item.amountMicros, 0);
  }
  addItem(last, 'minimum', 'minimum', Math.max(0, naiveRound(minimum, BigInt(daysInMonth)) - charged));
}

function addAdjustments(held: Held): void {
  for (const { name, component, basis, value, of } of held.version.terms.adjustments) {
    const base = of.reduce(
      (sum, other) => sum + (other === 'energy' ? held.energyMicros : (held.sums.get(other) ?? 0)),
      0,
    );
    const amount =
      basis === 'share'
        ? naiveRound(BigInt(base) * BigInt(value), 1_000_000n)
        : naiveRound(BigInt(held.consumption) * BigInt(value), 1000n);
    addItem(held, component, name, amount);
  }
}

/** Adds the energy of a version's lines in the month. */
function addEnergy(held: readonly Held[], holder: NaiveHolder, month: string, energy: NaiveLines): void {
  const prefix = `${holder.accountId}/${holder.meteringPointId}/`;
  for (const [key, line] of energy) {
    if (!key.startsWith(prefix)) continue;
    const [, , , day, , versionId] = key.split('/');
    const mine = held.find(({ version }) => version.priceVersionId === versionId);
    if (mine === undefined || day?.slice(0, 7) !== month) continue;
    mine.consumption += line.consumption;
    mine.energyMicros += line.amountMicros;
  }
}

/** @param energy the lines of the holder's energy, the naive way too */
export function naiveItems(
  holder: NaiveHolder,
  versions: readonly NaiveVersion[],
  days: readonly NaiveDay[],
  energy: NaiveLines,
): NaiveLines {
  const lines: NaiveLines = new Map();
  const mine = days.filter((day) => day.meteringPointId === holder.meteringPointId);
  for (const month of monthsOf(holder)) {
    const held = heldIn(holder, month, versions);
    const daysInMonth = month.days.length;
    addEnergy(held, holder, month.month, energy);
    const ofMonth = mine.filter((day) => day.localDay.slice(0, 7) === month.month);
    for (const part of held) {
      if (part.version.terms.demand.length === 0) continue;
      addDemand(holder, part, powerSlots(holder, ofMonth, part.version, versions), daysInMonth);
    }
    const contracted = holder.spans.filter((span) => span.openedAtMs < month.endMs).at(-1)?.contractedDemandW;
    addFixed(held, contracted ?? 0, daysInMonth);
    const closedAtMs = holder.spans.at(-1)?.closedAtMs ?? Infinity;
    if (Math.min(month.endMs, closedAtMs) <= holder.asOfMs) addMinimum(held, daysInMonth);
    for (const part of held) addAdjustments(part);
    writeLines(lines, holder, month, held);
  }
  return lines;
}

function writeLines(lines: NaiveLines, holder: NaiveHolder, month: Month, held: readonly Held[]): void {
  const { accountId, meteringPointId, zone, spans } = holder;
  const opened = Math.min(
    ...spans
      .filter((span) => Math.max(span.openedAtMs, month.startMs) < (span.closedAtMs ?? Infinity))
      .map((span) => span.openedAtMs),
  );
  const firstMs = Math.max(month.startMs, opened);
  const localDay = DateTime.fromMillis(firstMs, { zone }).toFormat('yyyy-MM-dd');
  for (const { version, items } of held) {
    for (const { component, name, amountMicros } of items) {
      const key = `${accountId}/${meteringPointId}/month-items/${localDay}//${version.priceVersionId}///${component}/${name}`;
      const known = lines.get(key)?.amountMicros ?? 0;
      lines.set(key, { consumption: 0, amountMicros: known + amountMicros });
    }
  }
}
