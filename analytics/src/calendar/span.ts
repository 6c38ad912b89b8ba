// SPDX-License-Identifier: Apache-2.0
/**
 * The span a question is asked about, and the span it is compared with. Edges are local days of the project's zone
 * or instants on its slot grid. Pure: the time is handed in.
 */
import { DateTime } from 'luxon';
import {
  boundsOfLocalDay,
  localDayOf,
  slotLengthMs,
  slotStartOf,
  type SlotMinutes,
} from '@wattledger/contracts';
import type { ComparisonKind, Span } from '@wattledger/contracts/http/analytics';
import { RequestError } from '@wattledger/platform';
import {
  dayNumberOf,
  dayOfNumber,
  monthStart,
  sameDayBefore,
  sameTimeOn,
  startOfLocalDay,
} from './wall-clock.ts';

/** The zone and the grid everything of a project is counted on. */
export interface Grid {
  readonly zone: string;
  readonly slotMinutes: SlotMinutes;
}

/** A span with the kind of its edges, which decides how it is shifted. */
export interface AskedSpan extends Span {
  /** Both edges are local midnights: the span is whole local days. */
  readonly wholeDays: boolean;
}

/** Longest span of one question. Ten years of days are 3,653 buckets; longer questions are asked in pieces. */
export const spanDaysMax = 3_660;
const dayMs = 86_400_000;

function refuse(code: string, message: string, hint: string, path: string): RequestError {
  return new RequestError({ status: 400, code, message, hint, faults: [{ path, message }] });
}

/** Midnight that begins a local day. @throws RequestError no-such-day */
function startOfDayMs(zone: string, day: string, path: string): number {
  const parsed = DateTime.fromISO(day, { zone: 'utc' });
  if (!parsed.isValid || parsed.toISODate() !== day)
    throw refuse('no-such-day', `${day} is no day of the calendar`, 'Days are written YYYY-MM-DD.', path);
  return boundsOfLocalDay(zone, day).startMs;
}

function edgeMs(grid: Grid, text: string, path: string): number {
  if (!text.includes('T')) return startOfDayMs(grid.zone, text, path);
  const instant = DateTime.fromISO(text, { setZone: true });
  if (!instant.isValid)
    throw refuse(
      'no-such-instant',
      `${text} is no instant`,
      'Write an instant with its offset: 2026-03-01T08:00:00Z.',
      path,
    );
  const ms = instant.toMillis();
  if (ms % slotLengthMs(grid.slotMinutes) !== 0) {
    throw refuse(
      'instant-off-grid',
      `${text} does not stand on the project's grid of ${grid.slotMinutes} minutes`,
      `Energy is known per slot: use a multiple of ${grid.slotMinutes} minutes.`,
      path,
    );
  }
  return ms;
}

/** Local day when the instant is its first, else an ISO instant in UTC. */
function edgeText(zone: string, ms: number): string {
  const day = localDayOf(zone, ms);
  return startOfLocalDay(zone, day) === ms ? day : new Date(ms).toISOString().replace('.000Z', 'Z');
}

/** `now` and the newest reading decide where a running span can be compared. */
export interface Horizon {
  readonly nowMs: number;
  /** Newest reading of the points asked about; null when there is none. */
  readonly newestReadingMs: number | null;
}

/**
 * Makes a span of two instants. untilMs: see Span in the contracts; a span that is over by the clock is complete even
 * if its last readings have not come (they count as missing until they do).
 */
export function spanOf(grid: Grid, fromMs: number, toMs: number, horizon: Horizon): AskedSpan {
  const complete = horizon.nowMs >= toMs;
  const knownMs = slotStartOf(
    Math.min(horizon.nowMs, horizon.newestReadingMs ?? horizon.nowMs),
    grid.slotMinutes,
  );
  const untilMs = complete ? toMs : Math.max(fromMs, Math.min(toMs, knownMs));
  const from = edgeText(grid.zone, fromMs);
  const to = edgeText(grid.zone, toMs);
  return { from, to, fromMs, toMs, untilMs, complete, wholeDays: !from.includes('T') && !to.includes('T') };
}

/**
 * The instants of a span as asked.
 * @throws RequestError no-such-day, no-such-instant, instant-off-grid, period-empty, period-too-long
 */
export function parseEdges(
  grid: Grid,
  from: string,
  to: string,
): { readonly fromMs: number; readonly toMs: number } {
  const fromMs = edgeMs(grid, from, 'from');
  const toMs = edgeMs(grid, to, 'to');
  if (toMs <= fromMs)
    throw refuse(
      'period-empty',
      `the period ends (${to}) before it begins (${from})`,
      'The end is exclusive: one day is from=2026-03-01&to=2026-03-02.',
      'to',
    );
  if (toMs - fromMs > spanDaysMax * dayMs) {
    throw refuse(
      'period-too-long',
      `the period is longer than ${spanDaysMax} days`,
      'Ask for ten years at most at a time.',
      'to',
    );
  }
  return { fromMs, toMs };
}

/** @throws RequestError whole-days-only when an edge is an instant */
export function requireWholeDays(query: { readonly from: string; readonly to: string }, hint: string): void {
  for (const path of ['from', 'to'] as const)
    if (query[path].includes('T'))
      throw refuse('whole-days-only', 'this question is answered by whole local days', hint, path);
}

/** How a span is moved into the past, on the local clock. */
export type Shift =
  | { readonly kind: 'months'; readonly months: number }
  | { readonly kind: 'days'; readonly days: number }
  | { readonly kind: 'elapsed'; readonly ms: number };

/**
 * The shift of a comparison. The period before is as many calendar months when the span is whole months, as many
 * local days when it is whole days, else the same elapsed time.
 */
export function shiftOf(span: AskedSpan, kind: ComparisonKind): Shift | null {
  if (kind === 'none') return null;
  if (kind === 'last-year') return { kind: 'months', months: 12 };
  if (!span.wholeDays) return { kind: 'elapsed', ms: span.toMs - span.fromMs };
  const from = DateTime.fromISO(span.from, { zone: 'utc' });
  const to = DateTime.fromISO(span.to, { zone: 'utc' });
  if (from.day === 1 && to.day === 1)
    return { kind: 'months', months: (to.year - from.year) * 12 + to.month - from.month };
  return { kind: 'days', days: Math.round(to.diff(from, 'days').days) };
}

/**
 * Where an edge lies after the shift, on the local clock. An edge whose day does not exist there (29 February, the 31st)
 * goes to the first instant after it, so that spans stay half-open: [29 Feb, 1 March) a year before is empty. A local
 * time that a spring change leaves out goes to the instant of the change.
 */
export function shiftEdge({ zone }: Grid, ms: number, shift: Shift): number {
  if (shift.kind === 'elapsed') return ms - shift.ms;
  const day = localDayOf(zone, ms);
  if (shift.kind === 'days') return sameTimeOn(zone, dayOfNumber(dayNumberOf(day) - shift.days), ms);
  const there = sameDayBefore(day, shift.months);
  return there === null
    ? startOfLocalDay(zone, monthStart(day, 1 - shift.months))
    : sameTimeOn(zone, there, ms);
}

/**
 * Where the end of a span or bucket lies after the shift: at the end of the counterpart of what it ends with. A midnight
 * ends the day before it: what ends with 28 February ends with 28 February a year before, whether or not a 29th
 * follows there. Where the day has no counterpart the end lies where the month that lacks it ends.
 */
function shiftEnd(grid: Grid, ms: number, shift: Shift): number {
  if (shift.kind !== 'months') return shiftEdge(grid, ms, shift);
  const last = localDayOf(grid.zone, ms - 1);
  if (boundsOfLocalDay(grid.zone, last).endMs !== ms) return shiftEdge(grid, ms, shift);
  const there = sameDayBefore(last, shift.months);
  return there === null ? shiftEdge(grid, ms, shift) : boundsOfLocalDay(grid.zone, there).endMs;
}

/**
 * Both edges of a span or bucket after the shift. Whole months stand beside whole months, of whatever length; anything
 * else beside the counterparts of its first and its last day.
 */
export function shiftedRange(
  grid: Grid,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  shift: Shift,
): { readonly fromMs: number; readonly toMs: number } {
  const wholeMonths = beginsMonth(grid, fromMs) && beginsMonth(grid, toMs);
  return {
    fromMs: shiftEdge(grid, fromMs, shift),
    toMs: wholeMonths ? shiftEdge(grid, toMs, shift) : shiftEnd(grid, toMs, shift),
  };
}

function beginsMonth({ zone }: Grid, ms: number): boolean {
  const day = localDayOf(zone, ms);
  return day.endsWith('-01') && startOfLocalDay(zone, day) === ms;
}

/**
 * The span compared with: same local calendar part (README.md, "Comparisons"). Null when nothing is left of it (29
 * February a year before).
 */
export function comparisonSpan(grid: Grid, span: AskedSpan, shift: Shift | null): AskedSpan | null {
  if (shift === null) return null;
  const { fromMs, toMs } = shiftedRange(grid, span, shift);
  if (toMs <= fromMs) return null;
  const untilMs = span.complete
    ? toMs
    : Math.min(toMs, Math.max(fromMs, onGrid(grid, shiftEdge(grid, span.untilMs, shift))));
  const from = edgeText(grid.zone, fromMs);
  const to = edgeText(grid.zone, toMs);
  return {
    from,
    to,
    fromMs,
    toMs,
    untilMs,
    complete: true,
    wholeDays: !from.includes('T') && !to.includes('T'),
  };
}

/** Slots that begin before the instant: the next grid line, so that a zone change off the grid moves no slot. */
function onGrid(grid: Grid, ms: number): number {
  const length = slotLengthMs(grid.slotMinutes);
  return Math.ceil(ms / length) * length;
}

/** Number of local days that begin in a span. */
export function localDaysIn(
  { zone }: Grid,
  span: { readonly fromMs: number; readonly toMs: number },
): number {
  return dayNumberOf(localDayOf(zone, span.toMs)) - dayNumberOf(localDayOf(zone, span.fromMs));
}

/** The local day, month or year that holds the instant. */
export function currentEdges(
  { zone }: Grid,
  unit: 'day' | 'month' | 'year',
  nowMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  const today = localDayOf(zone, nowMs);
  const [from, to] =
    unit === 'day'
      ? [today, dayOfNumber(dayNumberOf(today) + 1)]
      : unit === 'month'
        ? [monthStart(today, 0), monthStart(today, 1)]
        : [`${today.slice(0, 4)}-01-01`, monthStart(`${today.slice(0, 4)}-01-01`, 12)];
  return { fromMs: startOfLocalDay(zone, from), toMs: startOfLocalDay(zone, to) };
}
