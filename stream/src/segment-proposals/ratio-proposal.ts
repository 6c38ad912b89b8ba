// SPDX-License-Identifier: Apache-2.0
/**
 * A meter that tells its ratio tells another one, and its register counts on: nothing is held, but from that instant on
 * each count stands for more or less energy. Pure.
 */
import type { Mounting, Segment } from '@wattledger/contracts';
import type { KeptReading } from '../interval-energy/kept-reading.ts';
import { verdicts } from '../interval-energy/verdict.ts';
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
  const atMs = dividedAt(evidence);
  const divided = division(evidence, atMs, { ...multiplier, openingReading: null });
  const before = tryOut(evidence, segments, atMs).consumption;
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
        atMs,
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

/**
 * The reading that came with the news, or the last one before it: a segment ends and the next begins with one and the same
 * reading, so that nothing falls between them.
 */
function dividedAt({ segment, readings, change: { sinceMs } }: RatioEvidence): number {
  const last = readings.findLast(
    ({ instantMs, verdict }) => instantMs <= sinceMs && verdict === verdicts.accepted,
  );
  return last === undefined || last.instantMs <= segment.fromMs ? sinceMs : last.instantMs;
}
