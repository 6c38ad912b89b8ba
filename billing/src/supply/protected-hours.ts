// SPDX-License-Identifier: Apache-2.0
/**
 * Protected (non-disablement) hours: local time in which supply is not interrupted for want of credit. Shaped after the
 * special-day and friendly-hours tables of payment meters. Pure.
 */
import { DateTime } from 'luxon';
import type { ProtectedSpan } from '@wattledger/contracts/http/billing';

const minuteMs = 60_000;

/**
 * Whether an instant lies in a protected span. Spans are local wall-clock time: a span that begins at 22:00 begins
 * when clocks show 22:00, also on days of 23 or 25 hours. Wall-clock minutes that occur twice in the autumn are
 * protected both times.
 */
export function inProtectedHours(spans: readonly ProtectedSpan[], zone: string, atMs: number): boolean {
  const local = DateTime.fromMillis(atMs, { zone });
  const minute = local.hour * 60 + local.minute;
  const yesterday = local.weekday === 1 ? 7 : local.weekday - 1;
  return spans.some(
    (span) =>
      (span.weekdays.includes(local.weekday) && minute >= span.fromMinute && minute < span.toMinute) ||
      (span.weekdays.includes(yesterday) && minute < span.toMinute - 1440),
  );
}

export const isHoliday = (holidays: readonly string[], zone: string, atMs: number): boolean =>
  holidays.includes(DateTime.fromMillis(atMs, { zone }).toISODate() ?? '');

/** How far ahead an edge is looked for; after that the slow timer looks again anyway. */
const lookAheadMs = 26 * 60 * minuteMs;

/**
 * The next instant after `atMs` at which protection (hours or holiday) begins or ends, or null when none comes within
 * 26 hours. Edges lie on whole minutes, so candidates are the spans' own minutes on the neighbouring days.
 */
export function nextProtectionEdge(
  spans: readonly ProtectedSpan[],
  holidays: readonly string[],
  zone: string,
  atMs: number,
): number | null {
  const isProtected = (instantMs: number): boolean =>
    inProtectedHours(spans, zone, instantMs) || isHoliday(holidays, zone, instantMs);
  const today = DateTime.fromMillis(atMs, { zone }).startOf('day');
  const minutes = new Set([0, ...spans.flatMap((span) => [span.fromMinute, span.toMinute % 1440])]);
  const candidates: number[] = [];
  for (const days of [0, 1, 2]) {
    const day = today.plus({ days });
    for (const minute of minutes) {
      candidates.push(day.set({ hour: Math.floor(minute / 60), minute: minute % 60 }).toMillis());
    }
    // A change of the clocks moves wall-clock time without passing a span's own minute.
    for (let hour = 0; hour < 24; hour += 1) candidates.push(day.toMillis() + hour * 60 * minuteMs);
  }
  const ahead = [...new Set(candidates)]
    .filter((candidate) => candidate > atMs && candidate <= atMs + lookAheadMs)
    .sort((a, b) => a - b);
  const now = isProtected(atMs);
  return ahead.find((candidate) => isProtected(candidate) !== now) ?? null;
}
