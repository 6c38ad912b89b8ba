// SPDX-License-Identifier: Apache-2.0
/** A span cut at the local calendar: what charts and tables have on their time axis. */
import { DateTime } from 'luxon';
import { boundsOfLocalDay, slotLengthMs } from '@wattledger/contracts';
import type { Bucket, Grain } from '@wattledger/contracts/http/analytics';
import { RequestError } from '@wattledger/platform';
import { shiftEdge, type AskedSpan, type Grid, type Shift } from './span.ts';

/** Most buckets of one answer: ten years of days, 40 days of quarter-hours. */
export const bucketsMax = 4_000;

const hourMs = 3_600_000;

function localDate(zone: string, ms: number): DateTime {
  return DateTime.fromMillis(ms, { zone });
}

/** The first edge after `ms` of a grain of a day or more. */
function nextEdge(zone: string, ms: number, grain: 'day' | 'week' | 'month' | 'year'): number {
  const start = localDate(zone, ms).startOf(grain);
  const next =
    grain === 'day'
      ? start.plus({ days: 1 })
      : grain === 'week'
        ? start.plus({ weeks: 1 })
        : grain === 'month'
          ? start.plus({ months: 1 })
          : start.plus({ years: 1 });
  return boundsOfLocalDay(zone, next.toISODate() ?? '').startMs;
}

/** Hours of a local day are counted from its start, so that zones half an hour off have hours of their own clock. */
function nextHour(zone: string, ms: number): number {
  const day = boundsOfLocalDay(zone, localDate(zone, ms).toISODate() ?? '');
  return Math.min(day.endMs, day.startMs + (Math.floor((ms - day.startMs) / hourMs) + 1) * hourMs);
}

function labelOf(zone: string, ms: number, grain: Grain): string {
  const local = localDate(zone, ms);
  switch (grain) {
    case 'year':
      return local.toFormat('yyyy');
    case 'month':
      return local.toFormat('yyyy-MM');
    case 'week':
      return local.startOf('week').toISODate() ?? '';
    case 'day':
      return local.toISODate() ?? '';
    default:
      return local.toFormat("yyyy-MM-dd'T'HH:mm");
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

/**
 * The counterpart of each bucket under a shift, cut to the comparison span; null where nothing is left (29 February).
 * Counterparts touch and do not overlap, since a shift keeps the order of edges.
 */
export function counterpartsOf(
  grid: Grid,
  buckets: readonly Bucket[],
  shift: Shift,
  comparison: AskedSpan,
  grain: Grain,
): (Bucket | null)[] {
  const edge = (ms: number): number =>
    Math.min(comparison.toMs, Math.max(comparison.fromMs, shiftEdge(grid, ms, shift)));
  let lastEnd: { readonly of: number; readonly at: number } | null = null;
  return buckets.map((bucket) => {
    // Buckets touch: an end is the next one's start.
    const startMs = lastEnd?.of === bucket.startMs ? lastEnd.at : edge(bucket.startMs);
    const endMs = edge(bucket.endMs);
    lastEnd = { of: bucket.endMs, at: endMs };
    return endMs > startMs ? { label: labelOf(grid.zone, startMs, grain), startMs, endMs } : null;
  });
}
