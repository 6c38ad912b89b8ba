// SPDX-License-Identifier: Apache-2.0
import { driftParameter } from './clock-drift.ts';
import type { LocalTime, MeterDriver, PollOutcome } from './meter-driver.ts';

/** A clock loses a second or two in that time; the line has better to do than to ask for it in every poll. */
const lookEveryMs = 86_400_000;

/** Looks at the clocks of a line's meters behind their polls, of each at most once a day (and after a start). */
export class ClockWatch {
  readonly #lookedMs = new Map<string, number>();

  /** @returns the outcome, with the drift among the parameters when the clock was looked at */
  async withDrift(
    meterId: string,
    driver: MeterDriver,
    outcome: PollOutcome,
    time: LocalTime,
  ): Promise<PollOutcome> {
    const { answer } = outcome;
    const nowMs = time.nowMs();
    if (answer === null || driver.readClock === undefined) return outcome;
    if (nowMs - (this.#lookedMs.get(meterId) ?? -Infinity) < lookEveryMs) return outcome;
    this.#lookedMs.set(meterId, nowMs);
    const { driftSeconds, fault } = await driver.readClock(time);
    const drift = driftSeconds === null ? {} : { [driftParameter]: driftSeconds };
    const seen = fault === null ? null : ({ kind: 'impossible-value', text: fault } as const);
    return {
      answer: { ...answer, parameters: { ...answer.parameters, ...drift } },
      fault: outcome.fault ?? seen,
    };
  }

  /** Its clock was set: the next poll looks again. */
  forget(meterId: string): void {
    this.#lookedMs.delete(meterId);
  }
}
