// SPDX-License-Identifier: Apache-2.0
/** Whether a reading on a meter's time line counts, and why not. Codes are those of the warehouse's Enum8. */
import type { HeldReason } from '@wattledger/contracts/http/stream';

export const verdicts = {
  accepted: 0,
  conflict: 1,
  registerFell: 2,
  impossibleValue: 3,
  notMounted: 4,
  unknownMeter: 5,
  outsideSegment: 6,
} as const;
export type Verdict = (typeof verdicts)[keyof typeof verdicts];

const reasons: readonly (HeldReason | 'accepted')[] = [
  'accepted',
  'conflict',
  'register-fell',
  'impossible-value',
  'not-mounted',
  'unknown-meter',
  'outside-segment',
];
/** The word of a code, as the warehouse and the screens have it. */
export function wordOfVerdict(verdict: Verdict): HeldReason | 'accepted' {
  return reasons[verdict] as HeldReason | 'accepted';
}
