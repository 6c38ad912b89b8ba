// SPDX-License-Identifier: Apache-2.0
/**
 * The load model: how much a load consumes, as a pure function of its seed and the time. A day has a whole amount;
 * the half-hours share it out by cumulative rounding, so that they add up to the day exactly, and the minutes of a
 * half-hour share that out again. The total consumed since the first day is therefore one function of the instant
 * that never falls, and history and a live register are the same function read at different instants.
 */
import { dayKindOf } from './day-kinds.ts';
import { darkMinutesOf, meanTemperatureTenths, temperatureTenths } from './climate.ts';
import { draw, drawBelow, drawPermille } from './seeded-draws.ts';
import { halfHourLevels, loadShapes, type LoadKind, type LoadShape } from './load-shapes.ts';
import { halfHourMs, type DayNumber, type LocalDayLine } from './local-day-line.ts';

/** Bumped when the same arguments no longer give the same amounts: registers are then carried over by checkpoint. */
export const loadModelVersion = 1;

export interface LoadProfile {
  readonly kind: LoadKind;
  /** Consumption of an ordinary working day in mild weather: Wh, or litres for water. */
  readonly dayConsumption: number;
  readonly seed: number;
  /** Before this day nobody had moved in: a twentieth of the consumption. */
  readonly fromDay?: DayNumber;
}

/** Weather, calendar and zone that the loads of one site share. */
export interface LoadSite {
  readonly days: LocalDayLine;
  readonly climateSeed: number;
}

/** Weights of the half-hours of one day for one kind of load, before a load's own noise. */
interface KindDay {
  readonly weights: Int32Array;
  readonly total: number;
}

const minutesOfHalfHour = 30;
const minuteMs = halfHourMs / minutesOfHalfHour;

const levelsCache = new Map<LoadKind, { readonly day: Int32Array; readonly dayOff: Int32Array }>();
function levelsOf(kind: LoadKind): { readonly day: Int32Array; readonly dayOff: Int32Array } {
  let levels = levelsCache.get(kind);
  if (levels === undefined) {
    const shape = loadShapes[kind];
    levels = { day: halfHourLevels(shape.day), dayOff: halfHourLevels(shape.dayOff ?? shape.day) };
    levelsCache.set(kind, levels);
  }
  return levels;
}

function weatherPermille(shape: LoadShape, tenths: number): number {
  const warm = Math.max(0, tenths - shape.coolingFrom * 10) * shape.cooling;
  const cold = Math.max(0, shape.heatingFrom * 10 - tenths) * shape.heating;
  return shape.steady + Math.floor((warm + cold) / 10);
}

function weighDay(kind: LoadKind, site: LoadSite, day: DayNumber): KindDay {
  const shape = loadShapes[kind];
  const dayKind = dayKindOf(day);
  const levels = dayKind === 'workday' ? levelsOf(kind).day : levelsOf(kind).dayOff;
  const mean = meanTemperatureTenths(site.climateSeed, day);
  const count = site.days.halfHoursOf(day);
  const weights = new Int32Array(count);
  let total = 0;
  for (let index = 0; index < count; index += 1) {
    // On a day of 23 or 25 hours the clock's shape is kept by place in the day; the last half-hours stand for the rest.
    const halfHour = Math.min(index, 47);
    let level = Math.floor(((levels[halfHour] ?? 0) * shape.levels[dayKind]) / 1000);
    if (shape.followsDarkness === true) level = Math.floor((level * darkMinutesOf(day, halfHour)) / 30);
    const weight =
      shape.standby + Math.floor((level * weatherPermille(shape, temperatureTenths(mean, halfHour))) / 1000);
    weights[index] = weight;
    total += weight;
  }
  return { weights, total };
}

/** Total weight of an ordinary working day in mild weather (18 °C, equinox): what `dayConsumption` refers to. */
function mildTotalOf(kind: LoadKind): number {
  const shape = loadShapes[kind];
  let total = 0;
  for (const [halfHour, level] of levelsOf(kind).day.entries()) {
    const burning =
      shape.followsDarkness === true ? Math.floor((level * darkMinutesOf(80, halfHour)) / 30) : level;
    total += shape.standby + Math.floor((burning * weatherPermille(shape, 180)) / 1000);
  }
  return Math.max(1, total);
}

export interface LoadCurve {
  /** Whole consumption of a local day. */
  consumptionOfDay(day: DayNumber): number;
  /**
   * Consumption since the day began at the end of each half-hour, in `into`, which must hold one more than the day's
   * half-hours; into[0] = 0. Returns how many half-hours the day has.
   */
  fillDay(day: DayNumber, into: Float64Array): number;
  /** Consumption since the first day began; never falls as the instant grows. 0 before the first day. */
  consumedUntil(instantMs: number): number;
  /** Consumption since the first day began until the day begins. */
  consumedBefore(day: DayNumber): number;
  /** Rate at an instant, base units per hour (W for electricity). */
  rateAt(instantMs: number): number;
}

/** Kind-days are shared by all loads of a site: a building has many shops but one weather. */
export interface LoadModel {
  curve(profile: LoadProfile): LoadCurve;
}

export function createLoadModel(site: LoadSite, firstDay: DayNumber): LoadModel {
  const kindDays = new Map<LoadKind, Map<DayNumber, KindDay>>();
  const kindDayOf = (kind: LoadKind, day: DayNumber): KindDay => {
    let days = kindDays.get(kind);
    if (days === undefined) kindDays.set(kind, (days = new Map()));
    let known = days.get(day);
    if (known === undefined) days.set(day, (known = weighDay(kind, site, day)));
    return known;
  };
  return { curve: (profile) => createLoadCurve(profile, site, firstDay, kindDayOf) };
}

function createLoadCurve(
  profile: LoadProfile,
  site: LoadSite,
  firstDay: DayNumber,
  kindDayOf: (kind: LoadKind, day: DayNumber) => KindDay,
): LoadCurve {
  const { kind, seed, dayConsumption } = profile;
  const shape = loadShapes[kind];
  const mildTotal = mildTotalOf(kind);
  // Each load grows or shrinks a little from year to year, up to 9 %, and has its own share of restlessness.
  const growthPermille = drawPermille(90, seed, 3, 3) - 1000;
  const shift = drawBelow(3, seed, 5, 5) - 1;

  const consumptionOfDay = (day: DayNumber): number => {
    const { total } = kindDayOf(kind, day);
    const plain = Math.floor((dayConsumption * total) / mildTotal);
    const noise = drawPermille(shape.dayNoise, seed, day, 1);
    const growth = 1000 + Math.round((growthPermille * (day - firstDay)) / 365);
    const away = shape.away > 0 && drawBelow(1000, seed, Math.floor(day / 3), 2) < shape.away;
    const vacant = profile.fromDay !== undefined && day < profile.fromDay;
    const present = vacant ? 50 : away ? 160 : 1000;
    return Math.floor(
      (Math.floor((plain * noise) / 1000) * Math.floor((Math.max(100, growth) * present) / 1000)) / 1000,
    );
  };

  const running = new Float64Array(64);
  const fillDay = (day: DayNumber, into: Float64Array): number => {
    const { weights } = kindDayOf(kind, day);
    const count = weights.length;
    const spread = shape.slotNoise;
    const noiseSeed = draw(seed, day, 9);
    let sum = 0;
    for (let index = 0; index < count; index += 1) {
      let from = index + shift;
      if (from < 0) from = 0;
      else if (from >= count) from = count - 1;
      const bits = draw(noiseSeed, index, 0);
      sum += (weights[from] as number) * (1000 - spread + (((bits >>> 16) * spread) >> 15));
      running[index] = sum;
    }
    const amount = consumptionOfDay(day);
    into[0] = 0;
    // `sum` is positive: every shape has a standby weight. The ratio is rounded down once, the last one is exact.
    const perWeight = amount / sum;
    for (let index = 0; index < count - 1; index += 1)
      into[index + 1] = Math.floor((running[index] as number) * perWeight);
    into[count] = amount;
    return count;
  };

  // Consumption of all days before day firstDay + i.
  let before = new Float64Array(1024);
  let daysKnown = 0;
  const consumedBefore = (day: DayNumber): number => {
    const wanted = day - firstDay;
    if (wanted <= 0) return 0;
    while (daysKnown < wanted) {
      if (daysKnown + 1 >= before.length) {
        const longer = new Float64Array(before.length * 2);
        longer.set(before);
        before = longer;
      }
      before[daysKnown + 1] = (before[daysKnown] as number) + consumptionOfDay(firstDay + daysKnown);
      daysKnown += 1;
    }
    return before[wanted] as number;
  };

  const today = { day: Number.NaN, curve: new Float64Array(64) };
  const dayCurve = (day: DayNumber): Float64Array => {
    if (today.day !== day) {
      fillDay(day, today.curve);
      today.day = day;
    }
    return today.curve;
  };

  const minuteWeight = (day: DayNumber, halfHour: number, minute: number): number =>
    700 + drawBelow(601, seed ^ 0x2545f491, day * 64 + halfHour, minute);

  const consumedUntil = (instantMs: number): number => {
    const day = site.days.dayAt(instantMs);
    if (day < firstDay) return 0;
    const curve = dayCurve(day);
    const inDay = instantMs - site.days.startMsOf(day);
    const halfHour = Math.floor(inDay / halfHourMs);
    const start = curve[halfHour] as number;
    const rest = inDay - halfHour * halfHourMs;
    if (rest === 0) return consumedBefore(day) + start;
    let done = 0;
    let whole = 0;
    const wholeMinutes = Math.floor(rest / minuteMs);
    for (let minute = 0; minute < minutesOfHalfHour; minute += 1) {
      const weight = minuteWeight(day, halfHour, minute) * minuteMs;
      whole += weight;
      if (minute < wholeMinutes) done += weight;
      else if (minute === wholeMinutes) done += (weight / minuteMs) * (rest - wholeMinutes * minuteMs);
    }
    return (
      consumedBefore(day) + start + Math.floor((((curve[halfHour + 1] as number) - start) * done) / whole)
    );
  };

  const rateAt = (instantMs: number): number => {
    const day = site.days.dayAt(instantMs);
    if (day < firstDay) return 0;
    const curve = dayCurve(day);
    const inDay = instantMs - site.days.startMsOf(day);
    const halfHour = Math.floor(inDay / halfHourMs);
    let whole = 0;
    for (let minute = 0; minute < minutesOfHalfHour; minute += 1)
      whole += minuteWeight(day, halfHour, minute);
    const here = minuteWeight(day, halfHour, Math.floor((inDay - halfHour * halfHourMs) / minuteMs));
    return Math.round((((curve[halfHour + 1] as number) - (curve[halfHour] as number)) * here * 60) / whole);
  };

  return { consumptionOfDay, fillDay, consumedUntil, consumedBefore, rateAt };
}
