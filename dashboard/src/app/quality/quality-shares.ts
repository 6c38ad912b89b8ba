// SPDX-License-Identifier: Apache-2.0
/** How much of an answer was measured. Pure. */
import type { AsOf } from '@wattledger/contracts';

export interface QualityShares {
  readonly slots: number;
  readonly measured: number;
  readonly estimated: number;
  readonly edited: number;
  readonly missing: number;
}

/** Shares 0…1 of the slots asked about; all zero when nothing was asked. */
export function qualityShares(
  asOf: Pick<AsOf, 'slotsMeasured' | 'slotsEstimated' | 'slotsEdited' | 'slotsMissing'>,
): QualityShares {
  const slots = asOf.slotsMeasured + asOf.slotsEstimated + asOf.slotsEdited + asOf.slotsMissing;
  const share = (count: number): number => (slots === 0 ? 0 : count / slots);
  return {
    slots,
    measured: share(asOf.slotsMeasured),
    estimated: share(asOf.slotsEstimated),
    edited: share(asOf.slotsEdited),
    missing: share(asOf.slotsMissing),
  };
}

export type Freshness = 'fresh' | 'late' | 'stale' | 'none';

/** How old the newest reading may be before we say so: two polling intervals are usual, a day is not. */
const lateMs = 90 * 60_000;
const staleMs = 24 * 3_600_000;

export function freshnessOf(asOfMs: number | null, nowMs: number): Freshness {
  if (asOfMs === null) return 'none';
  const age = nowMs - asOfMs;
  if (age > staleMs) return 'stale';
  return age > lateMs ? 'late' : 'fresh';
}
