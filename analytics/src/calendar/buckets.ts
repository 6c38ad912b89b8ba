// SPDX-License-Identifier: Apache-2.0
/** A span cut at the local calendar: what charts and tables have on their time axis. */
import { boundsOfLocalDay, localDayOf, slotLengthMs } from '@wattledger/contracts';
import type { Bucket, Grain } from '@wattledger/contracts/http/analytics';
import { RequestError } from '@wattledger/platform';
import { shiftedRange, type AskedSpan, type Grid, type Shift } from './span.ts';
import { dayNumberOf, dayOfNumber, monthStart, startOfLocalDay, timeOfDay } from './wall-clock.ts';

/** Most buckets of one answer: ten years of days, 40 days of quarter-hours. */
export const bucketsMax = 4_000;

const hourMs = 3_600_000;

/** Monday of the week that holds the day. */
function mondayOf(day: string): number {
  const number = dayNumberOf(day);
  // 1970-01-01 was a Thursday.
  return number - ((((number + 3) % 7) + 7) % 7);
}

/** The first edge after `ms` of a grain of a day or more. */
function nextEdge(zone: string, ms: number, grain: 'day' | 'week' | 'month' | 'year'): number {
  const day = localDayOf(zone, ms);
  switch (grain) {
    case 'day':
      return boundsOfLocalDay(zone, day).endMs;
    case 'week':
      return startOfLocalDay(zone, dayOfNumber(mondayOf(day) + 7));
    case 'month':
      return startOfLocalDay(zone, monthStart(day, 1));
    case 'year':
      return startOfLocalDay(zone, monthStart(`${day.slice(0, 4)}-01-01`, 12));
  }
}

/** Hours of a local day are counted from its start, so that zones half an hour off have hours of their own clock. */
function nextHour(zone: string, ms: number): number {
  const day = boundsOfLocalDay(zone, localDayOf(zone, ms));
  return Math.min(day.endMs, day.startMs + (Math.floor((ms - day.startMs) / hourMs) + 1) * hourMs);
}

function labelOf(zone: string, ms: number, grain: Grain): string {
  const day = localDayOf(zone, ms);
  switch (grain) {
    case 'year':
      return day.slice(0, 4);
    case 'month':
      return day.slice(0, 7);
    case 'week':
      return dayOfNumber(mondayOf(day));
    case 'day':
      return day;
    default:
      return `${day}T${timeOfDay(zone, ms)}`;
  }
}

/**
 * Buckets of a span, in order, touching; the first and the last may be cut by the span.
 * @throws RequestError too-many-buckets
 */
export function bucketsOf(
  grid: Grid,
  span: { readonly fromMs: number; readonly toMs: number },
  grain: Grain,
): Bucket[] {
  const buckets: Bucket[] = [];
  const slotMs = slotLengthMs(grid.slotMinutes);
  // A slot belongs to the day in which it begins: where midnight is off the grid, the day's first slot begins after it.
  let startMs = grain === 'slot' ? Math.ceil(span.fromMs / slotMs) * slotMs : span.fromMs;
  while (startMs < span.toMs) {
    const next =
      grain === 'slot'
        ? (Math.floor(startMs / slotMs) + 1) * slotMs
        : grain === 'hour'
          ? nextHour(grid.zone, startMs)
          : nextEdge(grid.zone, startMs, grain);
    const endMs = Math.min(span.toMs, next);
    buckets.push({ label: labelOf(grid.zone, startMs, grain), startMs, endMs });
    if (buckets.length > bucketsMax) {
      throw new RequestError({
        status: 400,
        code: 'too-many-buckets',
        message: `the period has more than ${bucketsMax} ${grain}s`,
        hint: 'Choose a coarser grain or a shorter period.',
        faults: [{ path: 'grain', message: `at most ${bucketsMax}` }],
      });
    }
    startMs = endMs;
  }
  return buckets;
}

/** A comparison cut to stand beside the buckets of a span. */
export interface Counterparts {
  /** Parallel to the buckets; null where there is none (29 February a year before, 29 to 31 March against February). */
  readonly beside: readonly (Bucket | null)[];
  /**
   * What of the comparison stands beside no bucket (29 February of the year before, 29 to 31 January against February),
   * cut at the same grain.
   */
  readonly alone: readonly Bucket[];
}

/**
 * The counterpart of each bucket under a shift, cut to the comparison. Counterparts keep the order of their buckets
 * and do not overlap; together with what is left alone they cover the comparison.
 */
export function counterpartsOf(
  grid: Grid,
  buckets: readonly Bucket[],
  shift: Shift,
  comparison: AskedSpan,
  grain: Grain,
): Counterparts {
  const within = (ms: number): number => Math.min(comparison.toMs, Math.max(comparison.fromMs, ms));
  const alone: Bucket[] = [];
  let endMs = comparison.fromMs;
  const leaveAlone = (toMs: number): void => {
    if (toMs > endMs) alone.push(...bucketsOf(grid, { fromMs: endMs, toMs }, grain));
  };
  const beside = buckets.map((bucket): Bucket | null => {
    const range = shiftedRange(grid, { fromMs: bucket.startMs, toMs: bucket.endMs }, shift);
    const fromMs = within(range.fromMs);
    const toMs = within(range.toMs);
    if (toMs <= fromMs) return null;
    leaveAlone(fromMs);
    endMs = toMs;
    return { label: labelOf(grid.zone, fromMs, grain), startMs: fromMs, endMs: toMs };
  });
  leaveAlone(comparison.toMs);
  return { beside, alone };
}
