// SPDX-License-Identifier: Apache-2.0
/** Instants and local days into text, in the project's zone and the reader's locale. Pure. */

const formatters = new Map<string, Intl.DateTimeFormat>();

function dateTimeFormat(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale}|${JSON.stringify(options)}`;
  let found = formatters.get(key);
  if (found === undefined) formatters.set(key, (found = new Intl.DateTimeFormat(locale, options)));
  return found;
}

export type InstantStyle = 'time' | 'time-seconds' | 'date' | 'date-time' | 'date-time-seconds' | 'day-time';

const instantOptions: Readonly<Record<InstantStyle, Intl.DateTimeFormatOptions>> = {
  time: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  'time-seconds': { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  date: { year: 'numeric', month: 'short', day: 'numeric' },
  'date-time': {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  },
  'date-time-seconds': {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  },
  'day-time': { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
};

export function formatInstant(
  instantMs: number | null | undefined,
  style: InstantStyle,
  zone: string,
  locale: string,
): string {
  if (instantMs === null || instantMs === undefined) return '–';
  return dateTimeFormat(locale, { ...instantOptions[style], timeZone: zone }).format(instantMs);
}

export type DayStyle = 'day' | 'day-short' | 'weekday-day' | 'month' | 'month-short' | 'year';

const dayOptions: Readonly<Record<DayStyle, Intl.DateTimeFormatOptions>> = {
  day: { year: 'numeric', month: 'short', day: 'numeric' },
  'day-short': { month: 'short', day: 'numeric' },
  'weekday-day': { weekday: 'short', year: 'numeric', month: 'short', day: 'numeric' },
  month: { year: 'numeric', month: 'long' },
  'month-short': { year: 'numeric', month: 'short' },
  year: { year: 'numeric' },
};

/** A local day is a calendar date without a zone: it is written in UTC so that no zone can shift it. */
export function formatDay(day: string, style: DayStyle, locale: string): string {
  return dateTimeFormat(locale, { ...dayOptions[style], timeZone: 'UTC' }).format(
    Date.parse(`${day}T00:00:00Z`),
  );
}

/** The local day that holds the instant. */
export function dayOfInstant(instantMs: number, zone: string): string {
  return dateTimeFormat('en-CA', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    timeZone: zone,
  }).format(instantMs);
}

/** Minutes since local midnight. */
export function minuteOfInstant(instantMs: number, zone: string): number {
  const parts = dateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: zone,
  }).formatToParts(instantMs);
  const part = (type: string): number =>
    Number(parts.find((candidate) => candidate.type === type)?.value ?? 0);
  return part('hour') * 60 + part('minute');
}

/** "3 minutes ago", in the largest unit that fits. */
export function formatAge(ageMs: number, locale: string): string {
  const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
  ];
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });
  for (const [unit, length] of steps) {
    if (Math.abs(ageMs) >= length) return relative.format(-Math.trunc(ageMs / length), unit);
  }
  return relative.format(-Math.max(0, Math.trunc(ageMs / 1000)), 'second');
}
