// SPDX-License-Identifier: Apache-2.0
/** What is remembered of a meter between batches. */
import type { Mounting } from '@wattledger/contracts';
import { plansOf, type RegisterPlan, type SegmentInForce } from './segment-plan.ts';
import { emptyState, type SegmentState } from './segment-state.ts';

/** A span of time, both ends included. */
export type Cover = readonly [fromMs: number, toMs: number];

export interface RegisterState {
  readonly segments: ReadonlyMap<string, SegmentState>;
  /** Where readings are stored that belong to no segment; none is stored in a hole outside these. */
  readonly holes: readonly Cover[];
  readonly holeReadings: number;
}

export interface MountingInForce {
  readonly mounting: Mounting;
  /** Offset of its record. */
  readonly offset: number;
  readonly plans: ReadonlyMap<string, RegisterPlan>;
}

export interface MeterState {
  readonly projectId: string;
  readonly meterId: string;
  /** Null until the registry has told of the meter. */
  readonly inForce: MountingInForce | null;
  /** How often zone, slot length or calendar were told anew, the first mounting included. */
  readonly calendarNumber: number;
  readonly registers: ReadonlyMap<string, RegisterState>;
}

export const emptyRegister: RegisterState = { segments: new Map(), holes: [], holeReadings: 0 };

export const unknownMeter = (projectId: string, meterId: string): MeterState => ({
  projectId,
  meterId,
  inForce: null,
  calendarNumber: 0,
  registers: new Map(),
});

export const mountingInForce = (mounting: Mounting, offset: number): MountingInForce => ({
  mounting,
  offset,
  plans: plansOf(mounting),
});

export function segmentStateOf(register: RegisterState | undefined, inForce: SegmentInForce): SegmentState {
  return register?.segments.get(inForce.segment.segmentId) ?? emptyState;
}

/** Readings stored of a register, whatever their verdict. */
export function readingsStored(register: RegisterState | undefined): number {
  if (register === undefined) return 0;
  let count = register.holeReadings;
  for (const segment of register.segments.values()) count += segment.readings;
  return count;
}

/** More covers than this: the nearest become one. */
const coversMax = 16;

/** Adds a span to covers kept in order, apart and few. */
export function withCover(covers: readonly Cover[], added: Cover): Cover[] {
  const result: Cover[] = [];
  let [fromMs, toMs] = added;
  for (const cover of covers) {
    if (cover[1] < fromMs || cover[0] > toMs) result.push(cover);
    else [fromMs, toMs] = [Math.min(fromMs, cover[0]), Math.max(toMs, cover[1])];
  }
  result.push([fromMs, toMs]);
  result.sort((a, b) => a[0] - b[0]);
  while (result.length > coversMax) {
    let nearest = 0;
    for (let index = 1; index + 1 < result.length; index += 1)
      if (gapAfter(result, index) < gapAfter(result, nearest)) nearest = index;
    result.splice(nearest, 2, [(result[nearest] as Cover)[0], (result[nearest + 1] as Cover)[1]]);
  }
  return result;
}
const gapAfter = (covers: readonly Cover[], index: number): number =>
  (covers[index + 1] as Cover)[0] - (covers[index] as Cover)[1];

export const meetsCover = (covers: readonly Cover[], [fromMs, toMs]: Cover): boolean =>
  covers.some((cover) => cover[0] <= toMs && cover[1] >= fromMs);
