// SPDX-License-Identifier: Apache-2.0
/** A meter folded again from its kept readings, against what is stored of it. Pure. */
import type { KeptReading } from '../interval-energy/kept-reading.ts';
import { MeterEffects } from '../interval-energy/meter-effects.ts';
import type { MeterState, RegisterState } from '../interval-energy/meter-state.ts';
import { planOf } from '../interval-energy/meter-fold.ts';
import type { SegmentState } from '../interval-energy/segment-state.ts';
import { foldWhole } from '../interval-energy/whole-register.ts';

/** A slot as it stands in the warehouse. */
export interface StandingSlot {
  readonly segmentId: string;
  readonly meteringPointId: string;
  readonly quantity: string;
  readonly startMs: number;
  readonly consumption: number;
  readonly quality: number;
}

export interface Differences {
  readonly slotsCompared: number;
  readonly slotsDifferent: number;
  readonly verdictsDifferent: number;
  /** Segments whose remembered closing − opening, rollovers or number of readings is another. */
  readonly statesDifferent: number;
}
export const noDifferences: Differences = {
  slotsCompared: 0,
  slotsDifferent: 0,
  verdictsDifferent: 0,
  statesDifferent: 0,
};

export interface MeterComparison extends Differences {
  /** The rows that put it right. */
  readonly effects: MeterEffects;
  readonly state: MeterState;
}

export interface CompareOptions {
  readonly state: MeterState;
  /** All kept readings by register; their verdicts are those stored. */
  readonly readings: ReadonlyMap<string, readonly KeptReading[]>;
  readonly standing: readonly StandingSlot[];
  /** Slots before this are not compared. */
  readonly fromMs: number;
  /** Of the rows that put it right: not below any that stands. */
  readonly revision: number;
}

const keyOf = (slot: Pick<StandingSlot, 'meteringPointId' | 'quantity' | 'segmentId' | 'startMs'>): string =>
  `${slot.meteringPointId} ${slot.quantity} ${slot.segmentId} ${slot.startMs}`;

export function compareMeter({
  state,
  readings,
  standing,
  fromMs,
  revision,
}: CompareOptions): MeterComparison {
  const effects = new MeterEffects();
  const registers = new Map<string, RegisterState>();
  const standingByKey = new Map(standing.map((slot) => [keyOf(slot), slot]));
  let slotsCompared = 0;
  let slotsDifferent = 0;
  let verdictsDifferent = 0;
  for (const [register, kept] of readings) {
    const whole = foldWhole(state.inForce, planOf(state, register), kept);
    registers.set(register, whole.state);
    for (const [reading, verdict] of whole.verdicts) {
      if (verdict === reading.verdict) continue;
      verdictsDifferent += 1;
      effects.judgeAgain(register, reading, verdict, revision);
    }
    for (const { inForce, slots } of whole.laid) {
      const { segmentId, meteringPointId, quantity } = inForce.segment;
      for (const [startMs, { consumption, quality }] of slots) {
        const key = keyOf({ meteringPointId, quantity, segmentId, startMs });
        const stands = standingByKey.get(key);
        standingByKey.delete(key);
        if (startMs < fromMs) continue;
        slotsCompared += 1;
        if (stands?.consumption === consumption && stands.quality === quality) continue;
        slotsDifferent += 1;
        effects
          .segmentSlots(inForce, 0)
          .slots.set(startMs, { consumption, quality, revision, deleted: false });
      }
    }
  }
  const stray = [...standingByKey.values()].filter((slot) => slot.startMs >= fromMs);
  for (const slot of stray) removeStray(effects, slot, revision);
  const next: MeterState = { ...state, registers };
  return {
    slotsCompared: slotsCompared + stray.length,
    slotsDifferent: slotsDifferent + stray.length,
    verdictsDifferent,
    statesDifferent: differentStates(state, next),
    effects,
    state: next,
  };
}

/** A slot that no reading gives. */
function removeStray(effects: MeterEffects, slot: StandingSlot, revision: number): void {
  const { meteringPointId, quantity, segmentId, startMs } = slot;
  const key = `${meteringPointId} ${quantity} ${segmentId}`;
  let found = effects.slots.get(key);
  if (found === undefined)
    effects.slots.set(
      key,
      (found = { segmentId, meteringPointId, quantity, register: '', slots: new Map(), receivedAt: 0 }),
    );
  found.slots.set(startMs, { consumption: 0, quality: 3, revision, deleted: true });
}

function differentStates(before: MeterState, after: MeterState): number {
  let different = 0;
  for (const [register, { segments }] of after.registers) {
    for (const [segmentId, state] of segments) {
      const stored = before.registers.get(register)?.segments.get(segmentId);
      if (stored === undefined || factsOf(stored) !== factsOf(state)) different += 1;
    }
  }
  return different;
}

/** What a state says of the energy; how it remembers gaps is its own affair. */
function factsOf({ extents, tail, rollovers, rolloverConsumption, readings }: SegmentState): string {
  const first = extents[0]?.first;
  const last = extents.at(-1)?.last;
  return JSON.stringify([
    first,
    last,
    tail?.doubt?.confirmed ?? false,
    rollovers,
    rolloverConsumption,
    readings,
  ]);
}
