// SPDX-License-Identifier: Apache-2.0
/** Online, offline, and when an alarm is worth raising. The same rule for meters and gateways; pure. */

export interface Liveness {
  /** null: not asked yet. */
  readonly online: boolean | null;
  readonly missedCycles: number;
  readonly answersInRow: number;
  readonly alarmed: boolean;
}

export interface LivenessLimits {
  /** Cycles in a row without an answer that raise the alarm. */
  readonly missedToRaise: number;
  /** Answers in a row that clear it: a meter that comes and goes does not flood the alarm list. */
  readonly answersToClear: number;
}
export const livenessLimits: LivenessLimits = { missedToRaise: 3, answersToClear: 2 };

export interface LivenessStep {
  readonly next: Liveness;
  readonly signal: 'raised' | 'cleared' | null;
}

export const unknownLiveness: Liveness = { online: null, missedCycles: 0, answersInRow: 0, alarmed: false };

export function afterAnswer(before: Liveness, limits: LivenessLimits = livenessLimits): LivenessStep {
  const answersInRow = before.answersInRow + 1;
  const clears = before.alarmed && answersInRow >= limits.answersToClear;
  return {
    next: { online: true, missedCycles: 0, answersInRow, alarmed: before.alarmed && !clears },
    signal: clears ? 'cleared' : null,
  };
}

/** @param mayAlarm false where somebody else's alarm already says it: the meters behind a gateway that is gone */
export function afterMiss(
  before: Liveness,
  mayAlarm: boolean,
  limits: LivenessLimits = livenessLimits,
): LivenessStep {
  const missedCycles = before.missedCycles + 1;
  const raises = mayAlarm && !before.alarmed && missedCycles >= limits.missedToRaise;
  return {
    next: { online: false, missedCycles, answersInRow: 0, alarmed: before.alarmed || raises },
    signal: raises ? 'raised' : null,
  };
}
