// SPDX-License-Identifier: Apache-2.0
/** What would be counted if the segments of a register were these: the same fold as the real one, over the readings at hand. */
import type { Segment } from '@wattledger/contracts';
import { mountingInForce } from '../interval-energy/meter-state.ts';
import { emptyPlan } from '../interval-energy/segment-plan.ts';
import { verdicts } from '../interval-energy/verdict.ts';
import { foldWhole } from '../interval-energy/whole-register.ts';
import type { HeldEvidence } from './held-evidence.ts';

export interface Trial {
  /** Base units counted from the first reading at hand to the newest. */
  readonly consumption: number;
  /** Instants of the readings that count. */
  readonly counted: ReadonlySet<number>;
  /** No register waits for a decision any more. */
  readonly settles: boolean;
}

export function tryOut(
  { mounting, readings, segment: { register } }: Pick<HeldEvidence, 'mounting' | 'readings' | 'segment'>,
  segments: readonly Segment[],
  untilMs = Infinity,
): Trial {
  const fromMs = readings[0]?.instantMs ?? 0;
  const cut = segments
    .filter(({ toMs }) => toMs === null || toMs > fromMs)
    // What was before the readings at hand is settled: the first of them counts.
    .map((one) => (one.fromMs >= fromMs ? one : { ...one, fromMs, openingReading: null }));
  const inForce = mountingInForce({ ...mounting, segments: cut }, 0);
  const plan = inForce.plans.get(register) ?? emptyPlan(register, 0);
  const {
    verdicts: given,
    laid,
    state,
  } = foldWhole(
    inForce,
    plan,
    readings.filter(({ instantMs }) => instantMs <= untilMs),
  );
  const counted = new Set<number>();
  for (const [reading, verdict] of given) if (verdict === verdicts.accepted) counted.add(reading.instantMs);
  let consumption = 0;
  for (const { slots } of laid) for (const slot of slots.values()) consumption += slot.consumption;
  const settles = [...state.segments.values()].every(({ tail }) => tail?.doubt?.confirmed !== true);
  return { consumption, counted, settles };
}
