// SPDX-License-Identifier: Apache-2.0
/** A register folded from nothing: all its readings under one plan. What a new mounting, a rebuild and the doctor use. */
import type { KeptReading } from './kept-reading.ts';
import { ownReadings, verdictAtAnchor, verdictInHole } from './known-register.ts';
import { allSlots, stretchOf } from './known-stretch.ts';
import { withCover, type Cover, type MountingInForce, type RegisterState } from './meter-state.ts';
import { segmentIndexAt, type RegisterPlan, type SegmentInForce } from './segment-plan.ts';
import { emptyState, type SegmentState } from './segment-state.ts';
import { qualityOfMask } from './slot-span.ts';
import { stateOfStretch } from './stretch-state.ts';
import type { Verdict } from './verdict.ts';

export interface LaidSlots {
  readonly inForce: SegmentInForce;
  readonly slots: ReadonlyMap<number, { readonly consumption: number; readonly quality: number }>;
}

export interface WholeRegister {
  readonly verdicts: ReadonlyMap<KeptReading, Verdict>;
  readonly laid: readonly LaidSlots[];
  readonly state: RegisterState;
}

const noRollovers = { rollovers: 0, rolloverConsumption: 0 };

/** @param kept all readings stored of the register, in order of time; they are not changed */
export function foldWhole(
  inForce: MountingInForce | null,
  plan: RegisterPlan,
  kept: readonly KeptReading[],
): WholeRegister {
  const verdicts = new Map<KeptReading, Verdict>();
  const atAnchors = new Map<SegmentInForce, number>();
  let holes: readonly Cover[] = [];
  let holeReadings = 0;
  for (const reading of kept) {
    const segment = plan.segments[segmentIndexAt(plan, reading.instantMs)];
    if (segment === undefined) {
      verdicts.set(reading, verdictInHole(inForce, plan, reading.instantMs));
      holes = withCover(holes, [reading.instantMs, reading.instantMs]);
      holeReadings += 1;
      continue;
    }
    const atAnchor = verdictAtAnchor(segment, reading);
    if (atAnchor === null) continue;
    verdicts.set(reading, atAnchor);
    atAnchors.set(segment, (atAnchors.get(segment) ?? 0) + 1);
  }
  const segments = new Map<string, SegmentState>();
  const laid: LaidSlots[] = [];
  for (const segment of plan.segments) {
    const own = ownReadings(segment, kept);
    const borrowed = segment.borrowsEnd
      ? (kept.find((reading) => reading.instantMs === segment.endMs) ?? null)
      : null;
    const stretch = stretchOf(segment, { own, borrowed, leftOpen: false, rightOpen: false });
    for (const step of stretch.steps) if (step.kept !== null) verdicts.set(step.kept, step.verdict);
    laid.push({ inForce: segment, slots: slotsOf(stretch) });
    const state = stateOfStretch(
      stretch,
      emptyState,
      noRollovers,
      own.length + (atAnchors.get(segment) ?? 0),
    );
    segments.set(segment.segment.segmentId, state);
  }
  return { verdicts, laid, state: { segments, holes, holeReadings } };
}

function slotsOf(stretch: ReturnType<typeof stretchOf>): LaidSlots['slots'] {
  const slots = new Map<number, { consumption: number; quality: number }>();
  const run = allSlots(stretch);
  if (run === null) return slots;
  for (let index = 0; index < run.consumption.length; index += 1) {
    slots.set(run.firstSlotMs + index * run.slotMs, {
      consumption: run.consumption[index] as number,
      quality: qualityOfMask(run.mask[index] as number),
    });
  }
  return slots;
}
