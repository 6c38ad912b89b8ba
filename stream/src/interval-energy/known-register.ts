// SPDX-License-Identifier: Apache-2.0
/** A register whose stored readings over a span of time are in hand: the slow path for all its segments and holes. */
import type { KeptReading } from './kept-reading.ts';
import {
  insertSteps,
  NeedsMore,
  slotsIn,
  stepOf,
  stretchOf,
  toUnits,
  type Step,
  type Stretch,
} from './known-stretch.ts';
import type { MeterEffects } from './meter-effects.ts';
import {
  segmentStateOf,
  withCover,
  type Cover,
  type MountingInForce,
  type RegisterState,
} from './meter-state.ts';
import { isOutsideReadings, segmentIndexAt, type RegisterPlan, type SegmentInForce } from './segment-plan.ts';
import type { SegmentState } from './segment-state.ts';
import { rolloversIn, stateOfStretch, type RolloverSum } from './stretch-state.ts';
import { sameValue } from './unit-reading.ts';
import { verdicts, type Verdict } from './verdict.ts';

/** Stored readings of a register, all there are within the span. */
export interface StoredReadings {
  readonly fromMs: number;
  readonly toMs: number;
  /** In order of time. */
  readonly readings: readonly KeptReading[];
}

/** Why a reading belongs to no segment. */
export function verdictInHole(
  inForce: MountingInForce | null,
  plan: RegisterPlan,
  instantMs: number,
): Verdict {
  if (inForce === null) return verdicts.unknownMeter;
  return isOutsideReadings(plan, instantMs) ? verdicts.outsideSegment : verdicts.notMounted;
}

/** At the instant of an opening or closing reading another value is a conflict; null at any other instant. */
export function verdictAtAnchor(inForce: SegmentInForce, reading: KeptReading): Verdict | null {
  const { opening, closing } = inForce;
  const anchor =
    opening?.instantMs === reading.instantMs
      ? opening
      : closing?.instantMs === reading.instantMs
        ? closing
        : null;
  if (anchor === null) return null;
  return toUnits(inForce, reading).baseUnits === anchor.baseUnits ? verdicts.accepted : verdicts.conflict;
}

interface OpenStretch {
  readonly stretch: Stretch;
  readonly rolloversBefore: RolloverSum;
  readonly earlier: SegmentState;
  added: number;
}

export class KnownRegister {
  readonly #plan: RegisterPlan;
  readonly #state: RegisterState | undefined;
  /** Own copies: a verdict given here must not leak into another attempt at the same fold. */
  readonly #stored: StoredReadings;
  /** Every stored reading in the span by instant, new ones included. */
  readonly #byInstant = new Map<number, KeptReading>();
  readonly #stretches = new Map<number, OpenStretch>();
  /** Records before this offset are in the state; what a later record stored or judged is not to be relied on. */
  readonly #position: number;
  #holes: readonly Cover[];
  #holeReadings: number;

  constructor(
    plan: RegisterPlan,
    state: RegisterState | undefined,
    stored: StoredReadings,
    position: number,
  ) {
    this.#plan = plan;
    this.#state = state;
    this.#stored = { ...stored, readings: stored.readings.map((reading) => ({ ...reading })) };
    this.#position = position;
    this.#holes = state?.holes ?? [];
    this.#holeReadings = state?.holeReadings ?? 0;
    for (const reading of this.#stored.readings) this.#byInstant.set(reading.instantMs, reading);
  }

  /** All readings in hand, in order of time. */
  readings(): readonly KeptReading[] {
    return [...this.#byInstant.values()].sort((a, b) => a.instantMs - b.instantMs);
  }

  /**
   * Takes readings of one record, in order of time, no two of one instant.
   * @throws NeedsMore
   */
  insert(
    inForce: MountingInForce | null,
    readings: readonly KeptReading[],
    effects: MeterEffects,
    offset: number,
  ): void {
    const { register } = this.#plan;
    const fresh = readings.filter((reading) => this.#isFresh(reading, effects));
    const bySegment = new Map<number, Step[]>();
    for (const reading of fresh) {
      this.#byInstant.set(reading.instantMs, reading);
      const index = segmentIndexAt(this.#plan, reading.instantMs);
      const segment = this.#plan.segments[index];
      if (segment === undefined) {
        reading.verdict = verdictInHole(inForce, this.#plan, reading.instantMs);
        this.#holes = withCover(this.#holes, [reading.instantMs, reading.instantMs]);
        this.#holeReadings += 1;
        effects.keep(register, reading);
        continue;
      }
      const atAnchor = verdictAtAnchor(segment, reading);
      if (atAnchor === null) push(bySegment, index, stepOf(segment, reading));
      else {
        reading.verdict = atAnchor;
        this.#stretch(index).added += 1;
        effects.keep(register, reading);
      }
      this.#offerToPrevious(index, reading, bySegment);
    }
    for (const [index, steps] of [...bySegment].sort((a, b) => a[0] - b[0]))
      this.#insertInto(index, steps, effects, offset);
  }

  #isFresh(reading: KeptReading, effects: MeterEffects): boolean {
    const stored = this.#byInstant.get(reading.instantMs);
    if (stored === undefined) return true;
    if (sameValue(stored, reading)) effects.repeated += 1;
    else effects.putAside('conflict', this.#plan.register, reading);
    return false;
  }

  /** The first reading of a segment may close the one before. */
  #offerToPrevious(index: number, reading: KeptReading, bySegment: Map<number, Step[]>): void {
    const previous = this.#plan.segments[index - 1];
    if (previous === undefined || !previous.borrowsEnd || previous.endMs !== reading.instantMs) return;
    push(bySegment, index - 1, { ...stepOf(previous, reading), kept: null, kind: 'borrowed' });
  }

  #insertInto(index: number, steps: readonly Step[], effects: MeterEffects, offset: number): void {
    const open = this.#stretch(index);
    const { stretch } = open;
    const { touched, judged } = insertSteps(stretch, steps);
    const own = new Set(steps.filter((step) => step.kind === 'own'));
    open.added += own.size;
    for (const step of judged) {
      const { kept, verdict } = step;
      if (kept === null) continue;
      if (own.has(step)) {
        kept.verdict = verdict;
        effects.keep(this.#plan.register, kept);
      } else {
        effects.judgeAgain(this.#plan.register, kept, verdict, offset);
      }
    }
    const receivedAt = steps.reduce((newest, step) => Math.max(newest, step.kept?.receivedAt ?? 0), 0);
    for (const [fromMs, toMs] of touched)
      effects.layRun(stretch.inForce, slotsIn(stretch, fromMs, toMs), offset, receivedAt);
  }

  #stretch(index: number): OpenStretch {
    let open = this.#stretches.get(index);
    if (open === undefined)
      this.#stretches.set(index, (open = this.#openStretch(this.#plan.segments[index] as SegmentInForce)));
    return open;
  }

  #openStretch(inForce: SegmentInForce): OpenStretch {
    const { fromMs, toMs } = this.#stored;
    const earlier = segmentStateOf(this.#state, inForce);
    const storedFrom = earlier.extents[0]?.fromMs ?? earlier.tail?.fromMs ?? Infinity;
    const storedTo = earlier.tail?.toMs ?? earlier.extents.at(-1)?.last.instantMs ?? -Infinity;
    const leftOpen = storedFrom < fromMs;
    // A reading at the end that was refused is stored too, though no extent tells of it: it must be asked again.
    const rightOpen = storedTo > toMs || (earlier.endRefused && inForce.endMs > toMs);
    const own = ownReadings(inForce, this.#stored.readings);
    const from = leftOpen ? own.findIndex((reading) => this.#counted(earlier, reading)) : 0;
    if (from < 0) throw new NeedsMore('left');
    const borrowed = inForce.borrowsEnd
      ? (this.#stored.readings.find((reading) => reading.instantMs === inForce.endMs) ?? null)
      : null;
    const stretch = stretchOf(inForce, { own: own.slice(from), borrowed, leftOpen, rightOpen });
    // From here on the verdicts are those of this position, whatever a later record has written.
    for (const { kept, verdict } of stretch.steps) if (kept !== null) kept.verdict = verdict;
    return { stretch, rolloversBefore: rolloversIn(stretch), earlier, added: 0 };
  }

  #counted(earlier: SegmentState, reading: KeptReading): boolean {
    if (reading.verdict === verdicts.accepted && reading.revision < this.#position) return true;
    return earlier.extents.some(
      ({ first, last }) => first.instantMs === reading.instantMs || last.instantMs === reading.instantMs,
    );
  }

  /** What is remembered after everything has been inserted. */
  stateAfter(): RegisterState {
    const segments = new Map(this.#state?.segments);
    for (const { stretch, rolloversBefore, earlier, added } of this.#stretches.values()) {
      segments.set(
        stretch.inForce.segment.segmentId,
        stateOfStretch(stretch, earlier, rolloversBefore, earlier.readings + added),
      );
    }
    return { segments, holes: this.#holes, holeReadings: this.#holeReadings };
  }
}

function push(map: Map<number, Step[]>, key: number, step: Step): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [step]);
  else list.push(step);
}

/** Readings of a segment in order of time, without those at the instants of its opening and closing readings. */
export function ownReadings(inForce: SegmentInForce, readings: readonly KeptReading[]): KeptReading[] {
  return readings.filter(
    (reading) =>
      reading.instantMs >= inForce.startMs &&
      (reading.instantMs < inForce.endMs || (reading.instantMs === inForce.endMs && inForce.ownsEnd)) &&
      verdictAtAnchor(inForce, reading) === null,
  );
}
