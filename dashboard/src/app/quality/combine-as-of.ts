// SPDX-License-Identifier: Apache-2.0
import type { AsOf } from '@wattledger/contracts';

/** One account of quality for several answers shown together. The newest reading of the one that is furthest behind. */
export function combineAsOf(all: readonly AsOf[]): AsOf | null {
  if (all.length === 0) return null;
  const sum = (pick: (asOf: AsOf) => number): number => all.reduce((total, asOf) => total + pick(asOf), 0);
  const instants = all.map((asOf) => asOf.asOfMs).filter((instant) => instant !== null);
  return {
    asOfMs: instants.length === 0 ? null : Math.min(...instants),
    slotsMeasured: sum((asOf) => asOf.slotsMeasured),
    slotsEstimated: sum((asOf) => asOf.slotsEstimated),
    slotsEdited: sum((asOf) => asOf.slotsEdited),
    slotsMissing: sum((asOf) => asOf.slotsMissing),
    points: sum((asOf) => asOf.points),
    pointsStale: sum((asOf) => asOf.pointsStale),
  };
}
