// SPDX-License-Identifier: Apache-2.0
/** Calendar spans of local days. Pure: a local day is a date without a zone, so its arithmetic is done in UTC. */
import type { Grain } from '@wattledger/contracts/http/analytics';

export const periodKinds = ['day', 'week', 'month', 'year', 'free'] as const;
export type PeriodKind = (typeof periodKinds)[number];

/** Half-open span of local days [from, to). */
export interface Period {
  readonly kind: PeriodKind;
  readonly from: string;
  readonly to: string;
}

const dayMs = 86_400_000;
const dayPattern = /^\d{4}-\d\d-\d\d$/;

const instantOf = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const dayOf = (instantMs: number): string => new Date(instantMs).toISOString().slice(0, 10);

export function isDay(text: string | null | undefined): text is string {
  return text !== null && text !== undefined && dayPattern.test(text) && dayOf(instantOf(text)) === text;
}

export const addDays = (day: string, days: number): string => dayOf(instantOf(day) + days * dayMs);
export const daysBetween = (from: string, to: string): number =>
  Math.round((instantOf(to) - instantOf(from)) / dayMs);

/** The same day of another month; the last day where that month is shorter. */
export function addMonths(day: string, months: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const first = new Date(Date.UTC(year, month - 1 + months, 1));
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(date, last));
  return dayOf(first.getTime());
}

/** Monday of the week that holds the day. */
export function weekStart(day: string): string {
  return addDays(day, -((new Date(instantOf(day)).getUTCDay() + 6) % 7));
}

/** The period of a kind that holds `day`; a free one runs from `day` to `lastDay` inclusive. */
export function periodOf(kind: PeriodKind, day: string, lastDay: string = day): Period {
  switch (kind) {
    case 'day':
      return { kind, from: day, to: addDays(day, 1) };
    case 'week': {
      const from = weekStart(day);
      return { kind, from, to: addDays(from, 7) };
    }
    case 'month': {
      const from = `${day.slice(0, 7)}-01`;
      return { kind, from, to: addMonths(from, 1) };
    }
    case 'year': {
      const year = Number(day.slice(0, 4));
      return { kind, from: `${day.slice(0, 4)}-01-01`, to: `${String(year + 1).padStart(4, '0')}-01-01` };
    }
    case 'free':
      return lastDay < day
        ? { kind, from: lastDay, to: addDays(day, 1) }
        : { kind, from: day, to: addDays(lastDay, 1) };
  }
}

/** The period `steps` of its own length later (earlier when negative). */
export function shiftPeriod(period: Period, steps: number): Period {
  switch (period.kind) {
    case 'month':
      return periodOf('month', addMonths(period.from, steps));
    case 'year':
      return periodOf('year', addMonths(period.from, 12 * steps));
    default: {
      const days = daysBetween(period.from, period.to);
      return {
        kind: period.kind,
        from: addDays(period.from, steps * days),
        to: addDays(period.to, steps * days),
      };
    }
  }
}

/** The span a comparison covers. A free span before is as long; a year before is the same dates. */
export function comparedPeriod(period: Period, comparison: 'previous' | 'last-year'): Period {
  if (comparison === 'previous') return shiftPeriod(period, -1);
  if (period.kind === 'week')
    return { kind: 'free', from: addMonths(period.from, -12), to: addMonths(period.to, -12) };
  return { kind: period.kind, from: addMonths(period.from, -12), to: addMonths(period.to, -12) };
}

/** Grains that give a readable number of points for the span, finest first; the first is the natural one. */
export function grainsOf(period: Period): readonly Grain[] {
  const days = daysBetween(period.from, period.to);
  if (days <= 1) return ['slot', 'hour'];
  if (days <= 2) return ['hour', 'slot', 'day'];
  if (days <= 8) return ['hour', 'day', 'slot'];
  if (days <= 45) return ['day', 'hour', 'week'];
  if (days <= 120) return ['day', 'week', 'month'];
  if (days <= 800) return ['month', 'week', 'day', 'year'];
  return ['month', 'year'];
}
