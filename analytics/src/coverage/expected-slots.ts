// SPDX-License-Identifier: Apache-2.0
/**
 * How many slots there should be: every slot that has ended by now and during which a meter was mounted. A slot in which
 * one meter was exchanged for another is expected (and present) once of each, as the warehouse keeps slots per segment.
 */
import { slotLengthMs, type SlotMinutes } from '@wattledger/contracts';
import type { Mounting } from '../site/site.ts';

/** Bucket starts in ms, rising; the last bucket ends at endMs. A slot belongs to the bucket in which it begins. */
export interface BucketEdges {
  readonly startsMs: readonly number[];
  readonly endMs: number;
}

/** Adds up expected slots of many spans into buckets at a cost independent of their number of buckets. */
export class ExpectedSlots {
  readonly #firstSlots: readonly number[];
  readonly #lengthMs: number;
  readonly #lastSlot: number;
  /** Spans that cover the bucket whole begin (+1) and end (−1) here. */
  readonly #wholeChange: Int32Array;
  readonly #partial: Float64Array;

  /** @param nowMs slots that have not ended by then are not expected */
  constructor(edges: BucketEdges, slotMinutes: SlotMinutes, nowMs: number) {
    this.#lengthMs = slotLengthMs(slotMinutes);
    // Slot numbers on the UTC grid; a bucket holds the slots [first(i), first(i + 1)).
    this.#firstSlots = [...edges.startsMs, edges.endMs].map((ms) => Math.ceil(ms / this.#lengthMs));
    this.#lastSlot = Math.floor(nowMs / this.#lengthMs);
    this.#wholeChange = new Int32Array(edges.startsMs.length + 1);
    this.#partial = new Float64Array(edges.startsMs.length);
  }

  /** Slots of a mounting that begin in [fromMs, toMs). */
  add(mounting: Pick<Mounting, 'fromMs' | 'toMs'>, fromMs: number, toMs: number): void {
    const begin = Math.max(
      this.#firstSlots[0] ?? 0,
      Math.ceil(fromMs / this.#lengthMs),
      Math.floor(mounting.fromMs / this.#lengthMs),
    );
    const mountedEnd = mounting.toMs === null ? Infinity : Math.ceil(mounting.toMs / this.#lengthMs);
    const end = Math.min(
      this.#firstSlots.at(-1) ?? 0,
      Math.ceil(toMs / this.#lengthMs),
      mountedEnd,
      this.#lastSlot,
    );
    if (end <= begin) return;
    const first = this.#bucketOf(begin);
    const last = this.#bucketOf(end - 1);
    if (first === last) {
      this.#partial[first] = (this.#partial[first] ?? 0) + end - begin;
      return;
    }
    this.#partial[first] = (this.#partial[first] ?? 0) + (this.#firstSlots[first + 1] ?? 0) - begin;
    this.#partial[last] = (this.#partial[last] ?? 0) + end - (this.#firstSlots[last] ?? 0);
    this.#wholeChange[first + 1] = (this.#wholeChange[first + 1] ?? 0) + 1;
    this.#wholeChange[last] = (this.#wholeChange[last] ?? 0) - 1;
  }

  /** Bucket that holds the slot: the last whose first slot is at or before it. */
  #bucketOf(slot: number): number {
    let low = 0;
    let high = this.#firstSlots.length - 2;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#firstSlots[middle] ?? 0) <= slot) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  counts(): Float64Array {
    const counts = Float64Array.from(this.#partial);
    let whole = 0;
    for (let bucket = 0; bucket < counts.length; bucket += 1) {
      whole += this.#wholeChange[bucket] ?? 0;
      counts[bucket] =
        (counts[bucket] ?? 0) +
        whole * ((this.#firstSlots[bucket + 1] ?? 0) - (this.#firstSlots[bucket] ?? 0));
    }
    return counts;
  }
}
