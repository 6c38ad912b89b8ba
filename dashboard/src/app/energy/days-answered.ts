// SPDX-License-Identifier: Apache-2.0
/** How many days of the longer month before answer for one day. Pure. */
import type { Bucket, Grain } from '@wattledger/contracts/http/analytics';
import { changeOf, formatChange } from '../format/quantity-format.ts';

const dayMs = 86_400_000;

/**
 * The last day of a short month answers to all the days that the month before has more: 30 November to the 30th and the
 * 31st of October. Sums need them both; drawn as one bar they would look like a peak.
 */
export function daysAnswered(
  counterpart: Pick<Bucket, 'startMs' | 'endMs'> | null | undefined,
  grain: Grain,
): number {
  if (counterpart === null || counterpart === undefined || grain !== 'day') return 1;
  return Math.max(1, Math.round((counterpart.endMs - counterpart.startMs) / dayMs));
}

/** What a tooltip says beside such a sum, and the change against the mean of its days. */
export const meanNote = (days: number): string => (days > 1 ? `÷ ${String(days)}` : '');
export function changeAgainstMean(
  value: number | null | undefined,
  before: number | null | undefined,
  days: number,
  locale: string,
): string {
  return formatChange(
    changeOf(value, before === null || before === undefined ? before : before / days),
    locale,
  );
}
