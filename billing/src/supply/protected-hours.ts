// SPDX-License-Identifier: Apache-2.0
/**
 * Protected (non-disablement) hours and days: local time in which supply is not interrupted for want of credit. Shaped
 * after the special-day and friendly-hours tables of payment meters. Pure.
 */
import { DateTime } from 'luxon';
import type { ProtectionCalendar } from '@wattledger/contracts/http/billing';

const minuteMs = 60_000;

/** What of a calendar says when it holds. */
export type ProtectedTimes = Pick<ProtectionCalendar, 'name' | 'spans' | 'days' | 'fromDay' | 'toDay'>;

/** Whether a calendar concerns an account: everybody, unless it names kinds of tenants or accounts. */
export const concerns = (
  calendar: Pick<ProtectionCalendar, 'tenantClasses' | 'accountIds'>,
  account: { readonly accountId: string; readonly tenantClass: string | null },
): boolean =>
  (calendar.tenantClasses.length === 0 && calendar.accountIds.length === 0) ||
  calendar.accountIds.includes(account.accountId) ||
  (account.tenantClass !== null && calendar.tenantClasses.includes(account.tenantClass));

interface LocalMinute {
  readonly day: string;
  readonly weekday: number;
  readonly weekdayYesterday: number;
  readonly minute: number;
}

function localMinute(zone: string, atMs: number): LocalMinute {
  const local = DateTime.fromMillis(atMs, { zone });
  return {
    day: local.toISODate() ?? '',
    weekday: local.weekday,
    weekdayYesterday: local.weekday === 1 ? 7 : local.weekday - 1,
    minute: local.hour * 60 + local.minute,
  };
}

/**
 * Whether an instant lies in a protected span. Spans are local wall-clock time: a span that begins at 22:00 begins
 * when clocks show 22:00, also on days of 23 or 25 hours. Wall-clock minutes that occur twice in the autumn are
 * protected both times. A span belongs to the day on which it begins, and that day must lie in the calendar's time.
 */
export const inProtectedHours = (calendar: ProtectedTimes, zone: string, atMs: number): boolean =>
  spansHold(calendar, localMinute(zone, atMs));

function spansHold({ spans, fromDay, toDay }: ProtectedTimes, at: LocalMinute): boolean {
  const valid = (day: string): boolean => (fromDay ?? '') <= day && day <= (toDay ?? '9999-12-31');
  const yesterdayValid = (): boolean => (fromDay === null && toDay === null) || valid(dayBefore(at.day));
  return spans.some(
    (span) =>
      (valid(at.day) &&
        span.weekdays.includes(at.weekday) &&
        at.minute >= span.fromMinute &&
        at.minute < span.toMinute) ||
      (at.minute < span.toMinute - 1440 && span.weekdays.includes(at.weekdayYesterday) && yesterdayValid()),
  );
}

const dayBefore = (day: string): string =>
  new Date(Date.parse(`${day}T12:00:00Z`) - 24 * 60 * minuteMs).toJSON().slice(0, 10);

/** The protected day an instant lies on, with its name. */
export function protectedDayAt(
  calendar: ProtectedTimes,
  zone: string,
  atMs: number,
): ProtectionCalendar['days'][number] | undefined {
  const { day } = localMinute(zone, atMs);
  return calendar.days.find((special) => special.day === day);
}

export function isProtected(calendars: readonly ProtectedTimes[], zone: string, atMs: number): boolean {
  const at = localMinute(zone, atMs);
  return calendars.some(
    (calendar) => spansHold(calendar, at) || calendar.days.some(({ day }) => day === at.day),
  );
}

/** How far ahead an edge is looked for; after that the slow timer looks again anyway. */
const lookAheadMs = 26 * 60 * minuteMs;

/**
 * The next instant after `atMs` at which protection (hours or day) begins or ends, or null when none comes within
 * 26 hours. Edges lie on whole minutes, so candidates are the spans' own minutes on the neighbouring days.
 */
export function nextProtectionEdge(
  calendars: readonly ProtectedTimes[],
  zone: string,
  atMs: number,
): number | null {
  if (calendars.length === 0) return null;
  const today = DateTime.fromMillis(atMs, { zone }).startOf('day');
  const spans = calendars.flatMap((calendar) => calendar.spans);
  const minutes = new Set([0, ...spans.flatMap((span) => [span.fromMinute, span.toMinute % 1440])]);
  const candidates: number[] = [];
  for (const days of [0, 1, 2]) {
    const day = today.plus({ days });
    for (const minute of minutes) {
      candidates.push(day.set({ hour: Math.floor(minute / 60), minute: minute % 60 }).toMillis());
    }
    // A change of the clocks moves wall-clock time without passing a span's own minute.
    if (day.offset === day.plus({ days: 1 }).offset) continue;
    for (let hour = 0; hour < 26; hour += 0.5) candidates.push(day.toMillis() + hour * 60 * minuteMs);
  }
  const ahead = [...new Set(candidates)]
    .filter((candidate) => candidate > atMs && candidate <= atMs + lookAheadMs)
    .sort((a, b) => a - b);
  const now = isProtected(calendars, zone, atMs);
  return ahead.find((candidate) => isProtected(calendars, zone, candidate) !== now) ?? null;
}

/** Steps of 26 hours that an end of protection is looked for: more than a month. */
const stepsMax = 40;

/** The first instant from `atMs` on that is not protected; null when none comes within a month. */
export function unprotectedFrom(
  calendars: readonly ProtectedTimes[],
  zone: string,
  atMs: number,
): number | null {
  if (!isProtected(calendars, zone, atMs)) return atMs;
  for (let step = 0; step < stepsMax; step += 1) {
    const edgeMs = nextProtectionEdge(calendars, zone, atMs + step * lookAheadMs);
    if (edgeMs !== null) return edgeMs;
  }
  return null;
}

/** The calendar that protects at an instant, and until when anything does. */
export function protectionAt(
  calendars: readonly ProtectedTimes[],
  zone: string,
  atMs: number,
): { readonly name: string; readonly untilMs: number | null } | null {
  for (const calendar of calendars) {
    const day = protectedDayAt(calendar, zone, atMs);
    if (day === undefined && !inProtectedHours(calendar, zone, atMs)) continue;
    return { name: day?.name ?? calendar.name, untilMs: unprotectedFrom(calendars, zone, atMs) };
  }
  return null;
}
