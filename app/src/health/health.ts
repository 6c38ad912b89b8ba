// SPDX-License-Identifier: Apache-2.0
/** What the pipeline has done with the readings: accepted → counted → charged, and what waits. Pure. */
import type { Lag } from '@wattledger/platform';

export interface PipelineLag {
  /** Records of the meter log that are durable. */
  readonly acceptedRecords: number;
  /** Of them, those whose energy is not counted yet. */
  readonly uncountedRecords: number;
  /** Records of interval energy that are not charged yet. */
  readonly unchargedRecords: number;
  /** When the oldest record that is not yet charged was accepted, ms; null when everything is. */
  readonly oldestUnchargedMs: number | null;
}

/** From the lag of the stream on the meter log and of charging on interval energy. */
export function pipelineLag(counting: Lag, charging: Lag): PipelineLag {
  const waiting = [counting.oldestMs, charging.oldestMs].filter((ms) => ms !== null);
  return {
    acceptedRecords: counting.headOffset,
    uncountedRecords: counting.records,
    unchargedRecords: charging.records,
    oldestUnchargedMs: waiting.length === 0 ? null : Math.min(...waiting),
  };
}

const rank = { ok: 0, degraded: 1, failed: 2 } as const;
export type HealthState = keyof typeof rank;

/** A pipeline this far behind is said to be degraded: a reading interval of half an hour still holds. */
export const oldestUnchargedMsMax = 10 * 60_000;

/** The worst of all parts; a pipeline that lags too far counts as degraded. */
export function overallState(
  parts: readonly HealthState[],
  pipeline: PipelineLag,
  nowMs: number,
): HealthState {
  const lagging =
    pipeline.oldestUnchargedMs !== null && nowMs - pipeline.oldestUnchargedMs > oldestUnchargedMsMax;
  return parts.reduce<HealthState>(
    (worst, state) => (rank[state] > rank[worst] ? state : worst),
    lagging ? 'degraded' : 'ok',
  );
}
