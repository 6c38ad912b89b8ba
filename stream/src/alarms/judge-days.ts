// SPDX-License-Identifier: Apache-2.0
/** What a metering point's days say against its own usual days: over-consumption and abnormal consumption. Pure. */
import { above, figure, good, thresholdOf, worstOf, type Finding, type Thresholds } from './finding.ts';

export interface PointDay {
  /** YYYY-MM-DD. */
  readonly localDay: string;
  readonly consumption: number;
  readonly nightConsumption: number;
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
/** A tenth of the usual is no change, however regular somebody lives. */
const spreadShareMin = 0.1;
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
function usualOf(values: readonly number[], floor: number): Usual | null {
  if (values.length < usualDaysMin) return null;
  const median = medianOf(values);
  const deviation = madScale * medianOf(values.map((value) => Math.abs(value - median)));
  return { median, spread: Math.max(deviation, spreadShareMin * median, floor) };
}

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
  const usual = usualOf(
    days
      .slice(0, -1)
      .filter(isKnown)
      .map((day) => day.consumption),
    0,
  );
  if (times > 0 && usual !== null && usual.median >= thresholdOf(thresholds, 'usualWhMin')) {
    const most = times * usual.median;
    findings.push({
      verdict: above(dayWh, most, most),
      facts: { dayWh: figure(dayWh), usualWh: figure(usual.median), limit: figure(most) },
    });
  }
  return worstOf(findings);
}

export function judgeAbnormal(point: PointDays, thresholds: Thresholds): Finding {
  return worstOf([standing(point, thresholds), suddenChange(point, thresholds), nightUse(point, thresholds)]);
}

/** It usually moves every day, and now it stands still. */
function standing({ days, standingHours }: PointDays, thresholds: Thresholds): Finding {
  const limit = thresholdOf(thresholds, 'standingHours');
  if (limit === 0) return good;
  // Days before the standstill: those within it say nothing of what is usual.
  const before = days.slice(0, -1 - Math.ceil(standingHours / 24)).filter(isKnown);
  const usual = usualOf(
    before.map((day) => day.consumption),
    0,
  );
  const moves = before.every((day) => day.consumption > 0);
  if (usual === null || !moves || usual.median < thresholdOf(thresholds, 'usualWhMin')) return good;
  return {
    verdict: standingHours >= limit ? 'bad' : 'good',
    facts: { cause: 'standing-still', hours: figure(standingHours), usualWh: figure(usual.median) },
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
  const ofDay = usualOf(
    before.map((day) => day.consumption),
    0,
  );
  if (ofDay === null || ofDay.median < usualWhMin) return good;
  const usual = usualOf(before.map(valueOf), spreadShareMin * usualWhMin);
  if (usual === null) return good;
  const value = valueOf(newest);
  const difference = value - usual.median;
  const deviations = difference / usual.spread;
  // Less at night is nobody's worry.
  const counted = cause === 'night-use' ? deviations : Math.abs(deviations);
  return {
    verdict: above(counted, limit, limit / 2),
    facts: {
      cause,
      localDay: newest.localDay,
      [cause === 'night-use' ? 'nightWh' : 'dayWh']: figure(value),
      usualWh: figure(usual.median),
      deviations: figure(deviations),
    },
  };
}
