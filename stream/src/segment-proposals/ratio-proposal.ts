// SPDX-License-Identifier: Apache-2.0
/**
 * A meter that tells its ratio tells another one, and its register counts on: nothing is held, but from that instant on
 * each count stands for more or less energy. Pure.
 */
import type { Mounting, Segment } from '@wattledger/contracts';
import type { KeptReading } from '../interval-energy/kept-reading.ts';
import type { Explained } from './explain.ts';
import type { DeviceRatioChange } from './held-evidence.ts';
import { division, proof, reduced } from './rules.ts';
import { tryOut } from './trial.ts';

export interface RatioEvidence {
  readonly meterId: string;
  readonly mounting: Mounting;
  readonly segment: Segment;
  /** All segments of the register. */
  readonly segments: readonly Segment[];
  /** Stored readings of the register in order of time; the first one counts. */
  readonly readings: readonly KeptReading[];
  readonly change: DeviceRatioChange;
}

/**
 * The segments that the change falls into and that multiplied by the old ratio. Where a mounting has another multiplier
 * (1: the meter multiplies by itself) a change in the meter changes nothing here.
 */
export function segmentsOfRatio(
  mounting: Mounting,
  { from, sinceMs }: DeviceRatioChange,
): readonly Segment[] {
  return mounting.segments.filter(
    ({ fromMs, toMs, closingReading, multiplierNumerator, multiplierDenominator }) =>
      fromMs < sinceMs &&
      (toMs === null || toMs > sinceMs) &&
      closingReading === null &&
      multiplierNumerator === from * multiplierDenominator,
  );
}

export function explainRatioChange(evidence: RatioEvidence, proposalId: string): Explained {
  const { segment, segments, change } = evidence;
  // In thousandths, so that a ratio of 0.1 is a fraction of whole numbers too.
  const multiplier = reduced(
    segment.multiplierNumerator * Math.round(change.to * 1000),
    segment.multiplierDenominator * Math.round(change.from * 1000),
  );
  const divided = division(evidence, change.sinceMs, { ...multiplier, openingReading: null });
  const before = tryOut(evidence, segments, change.sinceMs).consumption;
  const now = tryOut(evidence, segments);
  const trial = tryOut(evidence, divided.segments);
  const untouched = new Set(segments);
  return {
    consumptionNow: now.consumption - before,
    explanations: [
      {
        kind: 'ratio-change',
        confidence: 'likely',
        evidence: [proof('device-ratio-changed', true, { ...change })],
        atMs: change.sinceMs,
        before: [segment],
        after: divided.segments.filter((one) => !untouched.has(one)),
        consumption: trial.consumption - before,
        consumptionChange: trial.consumption - now.consumption,
        readingsCounted: 0,
        settles: trial.settles,
        request: { ...divided.request, madeFrom: { proposalId, segments: [...segments] } },
      },
    ],
  };
}
