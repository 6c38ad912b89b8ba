// SPDX-License-Identifier: Apache-2.0
import { slotLengthMs, type AsOf, type MeteringPointSnapshot } from '@wattledger/contracts';
import type { SlotCounts } from '@wattledger/contracts/http/analytics';
import type { Site } from '../site/site.ts';

/** How often the point's meter is read: its own interval, its gateway's, the project's, and never below a slot. */
function readingIntervalMs(site: Site, meterId: string): number {
  const meter = site.meters.get(meterId);
  const gateway = meter?.gatewayId == null ? undefined : site.gateways.get(meter.gatewayId);
  const seconds =
    meter?.pollIntervalSeconds ?? gateway?.pollIntervalSeconds ?? site.project.pollIntervalSeconds;
  return Math.max(seconds * 1_000, slotLengthMs(site.project.slotMinutes));
}

/** A point that has a meter now and no reading within twice its interval. */
export function isStale(
  site: Site,
  point: MeteringPointSnapshot,
  lastReadingMs: number | undefined,
  nowMs: number,
): boolean {
  const mounted = point.mountings.find(
    (mounting) => mounting.fromMs <= nowMs && (mounting.toMs === null || nowMs < mounting.toMs),
  );
  if (mounted === undefined) return false;
  return lastReadingMs === undefined || nowMs - lastReadingMs > 2 * readingIntervalMs(site, mounted.meterId);
}

export interface AsOfFacts {
  readonly site: Site;
  /** Points that enter the answer. */
  readonly points: readonly string[];
  readonly slots: SlotCounts;
  readonly lastReadingOf: ReadonlyMap<string, number>;
  readonly span: { readonly fromMs: number; readonly toMs: number };
  readonly nowMs: number;
}

/** What stands on every answer: how fresh it is and how much of it was measured. */
export function asOfOf({ site, points, slots, lastReadingOf, span, nowMs }: AsOfFacts): AsOf {
  const newest = newestReading(points, lastReadingOf);
  const stale = points.filter((id) => {
    const point = site.points.get(id);
    return point !== undefined && isStale(site, point, lastReadingOf.get(id), nowMs);
  });
  return {
    asOfMs: newest === null || newest < span.fromMs ? null : Math.min(newest, span.toMs),
    slotsMeasured: slots.measured,
    slotsEstimated: slots.estimated,
    slotsEdited: slots.edited,
    slotsMissing: slots.missing,
    points: points.length,
    pointsStale: stale.length,
  };
}

export function newestReading(
  points: Iterable<string>,
  lastReadingOf: ReadonlyMap<string, number>,
): number | null {
  let newest: number | null = null;
  for (const id of points) {
    const last = lastReadingOf.get(id);
    if (last !== undefined && (newest === null || last > newest)) newest = last;
  }
  return newest;
}

/** Of several projects: counts add up, the oldest "as of" holds for the whole. */
export function joinedAsOf(parts: readonly AsOf[]): AsOf {
  const known = parts.map((part) => part.asOfMs).filter((ms) => ms !== null);
  const sum = (pick: (part: AsOf) => number): number => parts.reduce((total, part) => total + pick(part), 0);
  return {
    asOfMs: known.length === 0 ? null : Math.min(...known),
    slotsMeasured: sum((part) => part.slotsMeasured),
    slotsEstimated: sum((part) => part.slotsEstimated),
    slotsEdited: sum((part) => part.slotsEdited),
    slotsMissing: sum((part) => part.slotsMissing),
    points: sum((part) => part.points),
    pointsStale: sum((part) => part.pointsStale),
  };
}
