// SPDX-License-Identifier: Apache-2.0
/** What a metering point's days say against its own usual days: over-consumption and abnormal consumption. Pure. */
import { above, figure, good, thresholdOf, worstOf, type Finding, type Thresholds } from './finding.ts';

export interface PointDay {
  /** YYYY-MM-DD. */
  readonly localDay: string;
  readonly consumption: number;
  readonly nightConsumption: number;
  /** Slots of the night of which something is known, those in which something flowed, and all of them. */
  readonly nightSlots: number;
  readonly nightMovedSlots: number;
  readonly nightSlotsOfDay: number;
  /** Slots of which something is known, and slots of the whole day. */
  readonly slots: number;
  readonly slotsOfDay: number;
}
export interface PointDays {
  /** Oldest first; the last is the day that is under way. */
  readonly days: readonly PointDay[];
  /** Hours up to the newest reading in which the register stood still, measured. */
  readonly standingHours: number;
}

/** Days that must be known before one can speak of what is usual. */
const usualDaysMin = 7;
const knownShareMin = 0.9;
/** So much of the usual is no change, however regular somebody lives. */
const spreadShareMin = 0.15;
/** Days of the same weekday, before a Saturday can be told from a sudden change. */
const weekdaysMin = 3;
/** Makes the median deviation comparable with a standard deviation. */
const madScale = 1.4826;

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

interface Usual {
  readonly median: number;
  readonly spread: number;
}

/** Median and robust spread; null where too little is known. */
function usualOf(values: readonly number[], floor: number, valuesMin = usualDaysMin): Usual | null {
  if (values.length < valuesMin) return null;
  const median = medianOf(values);
  const deviation = madScale * medianOf(values.map((value) => Math.abs(value - median)));
  return { median, spread: Math.max(deviation, spreadShareMin * median, floor) };
}

const weekdayOf = ({ localDay }: PointDay): number => new Date(`${localDay}T00:00:00Z`).getUTCDay();
const sameWeekday = (days: readonly PointDay[], as: PointDay): readonly PointDay[] =>
  days.filter((day) => weekdayOf(day) === weekdayOf(as));

const consumptionOf = (days: readonly PointDay[]): readonly number[] => days.map((day) => day.consumption);

const isKnown = ({ slots, slotsOfDay }: PointDay): boolean => slots >= knownShareMin * slotsOfDay;

export function judgeOverConsumption({ days }: PointDays, thresholds: Thresholds): Finding {
  const today = days.at(-1);
  if (today === undefined) return good;
  const findings: Finding[] = [];
  const dayWh = today.consumption;
  const limit = thresholdOf(thresholds, 'dayWh');
  if (limit > 0)
    findings.push({
      verdict: above(dayWh, limit, limit),
      facts: { dayWh: figure(dayWh), limit: figure(limit) },
    });
  const times = thresholdOf(thresholds, 'timesUsual');
  const before = days.slice(0, -1).filter(isKnown);
  const usual = usualOf(consumptionOf(before), 0);
  const ofWeekday = usualOf(consumptionOf(sameWeekday(before, today)), 0, weekdaysMin);
  if (times > 0 && usual !== null && usual.median >= thresholdOf(thresholds, 'usualWhMin')) {
    // A market day is usual on market days.
    const most = times * Math.max(usual.median, ofWeekday?.median ?? 0);
    findings.push({
      verdict: above(dayWh, most, most),
      facts: { dayWh: figure(dayWh), usualWh: figure(most / times), limit: figure(most) },
    });
  }
  return worstOf(findings);
}

export function judgeAbnormal(point: PointDays, thresholds: Thresholds): Finding {
  return worstOf([
    standing(point, thresholds, 'usualWh'),
    suddenChange(point, thresholds),
    nightUse(point, thresholds),
  ]);
}

/** Water and gas: a flow that never stops at night, and a register that stands still. */
export function judgeVolume(point: PointDays, thresholds: Thresholds): Finding {
  return worstOf([leak(point, thresholds), standing(point, thresholds, 'usualL')]);
}

function leak({ days }: PointDays, thresholds: Thresholds): Finding {
  const nightsMin = thresholdOf(thresholds, 'leakNights');
  if (nightsMin === 0) return good;
  // Of the day that is under way the night may not be over.
  const whole = days.slice(0, -1);
  const stopped = whole.findLastIndex((day) => !flowsAllNight(day));
  const nights = whole.length - 1 - stopped;
  const newest = whole.at(-1);
  if (newest === undefined || nights === 0) return good;
  return {
    verdict: nights >= nightsMin ? 'bad' : 'good',
    facts: { cause: 'night-flow', nights: figure(nights), nightL: figure(newest.nightConsumption) },
  };
}

/** A night of which too little is known says nothing of a leak. */
function flowsAllNight({ nightSlots, nightMovedSlots, nightSlotsOfDay }: PointDay): boolean {
  const known = nightSlots > 0 && nightSlots >= knownShareMin * nightSlotsOfDay;
  return known && nightMovedSlots === nightSlots;
}

/** It usually moves every day, and now it stands still. */
function standing(
  { days, standingHours }: PointDays,
  thresholds: Thresholds,
  unit: 'usualWh' | 'usualL',
): Finding {
  const limit = thresholdOf(thresholds, 'standingHours');
  if (limit === 0) return good;
  // Days before the standstill: those within it say nothing of what is usual.
  const before = days.slice(0, -1 - Math.ceil(standingHours / 24)).filter(isKnown);
  const usual = usualOf(consumptionOf(before), 0);
  const moves = before.every((day) => day.consumption > 0);
  if (usual === null || !moves || usual.median < thresholdOf(thresholds, `${unit}Min`)) return good;
  return {
    verdict: standingHours >= limit ? 'bad' : 'good',
    facts: { cause: 'standing-still', hours: figure(standingHours), [unit]: figure(usual.median) },
  };
}

/** The newest whole day against the days before it. */
function suddenChange({ days }: PointDays, thresholds: Thresholds): Finding {
  const limit = thresholdOf(thresholds, 'deviations');
  return limit === 0
    ? good
    : against(days, (day) => day.consumption, { thresholds, limit, cause: 'sudden-change' });
}

/** The newest whole night against the nights before it. */
function nightUse({ days }: PointDays, thresholds: Thresholds): Finding {
  const limit = thresholdOf(thresholds, 'nightDeviations');
  return limit === 0
    ? good
    : against(days, (day) => day.nightConsumption, { thresholds, limit, cause: 'night-use' });
}

function against(
  days: readonly PointDay[],
  valueOf: (day: PointDay) => number,
  {
    thresholds,
    limit,
    cause,
  }: {
    readonly thresholds: Thresholds;
    readonly limit: number;
    readonly cause: 'sudden-change' | 'night-use';
  },
): Finding {
  const whole = days.slice(0, -1).filter(isKnown);
  const newest = whole.at(-1);
  // An old day would be judged over and over.
  if (newest === undefined || newest !== days.at(-2)) return good;
  const before = whole.slice(0, -1);
  const usualWhMin = thresholdOf(thresholds, 'usualWhMin');
  const ofDay = usualOf(consumptionOf(before), 0);
  if (ofDay === null || ofDay.median < usualWhMin) return good;
  const floor = spreadShareMin * usualWhMin;
  const usual = usualOf(before.map(valueOf), floor);
  const ofWeekday = usualOf(sameWeekday(before, newest).map(valueOf), floor, weekdaysMin);
  if (usual === null || ofWeekday === null) return good;
  const value = valueOf(newest);
  // Unlike all days, and unlike the same days of the week too.
  const nearer = Math.abs(value - usual.median) < Math.abs(value - ofWeekday.median) ? usual : ofWeekday;
  const all = (value - usual.median) / usual.spread;
  const weekly = (value - ofWeekday.median) / ofWeekday.spread;
  const deviations = Math.abs(all) < Math.abs(weekly) ? all : weekly;
  // Less at night is nobody's worry.
  const counted = cause === 'night-use' ? Math.min(all, weekly) : Math.abs(deviations);
  return {
    verdict: above(counted, limit, limit / 2),
    facts: {
      cause,
      localDay: newest.localDay,
      [cause === 'night-use' ? 'nightWh' : 'dayWh']: figure(value),
      usualWh: figure(nearer.median),
      deviations: figure(deviations),
    },
  };
}
