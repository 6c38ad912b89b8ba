// SPDX-License-Identifier: Apache-2.0
/**
 * Interval energy of one register becomes a cumulative count: each interval adds to it, and its end is a reading. Pure.
 *
 * A hole in the series ends with a reading of quality "missing" that shows no movement. Energy of an interval without
 * length (the spring gap) is carried to the next one. Where a file takes up what an earlier one imported, it continues
 * the earlier count, so that the same rows always make the same readings.
 */
import type { Span } from './interval-labels.ts';

export interface Checkpoint {
  readonly count: number;
  /** The reading at this instant ends a hole. */
  readonly afterHole: boolean;
}

/** What earlier imports left of a register. */
export interface KnownChain {
  readonly firstMs: number;
  readonly endMs: number;
  readonly endCount: number;
  /** Counts at instants where a file may begin. */
  readonly checkpoints: ReadonlyMap<number, Checkpoint>;
}

export interface ChainReading {
  readonly instantMs: number;
  readonly count: number;
  readonly missing: boolean;
}

export type Added =
  | {
      readonly kind: 'added';
      readonly readings: readonly ChainReading[];
      readonly hole: boolean;
      readonly overlapDifference: number | null;
    }
  /** Without length: kept for the next interval. */
  | { readonly kind: 'carried' }
  /** Said before, in the same words. */
  | { readonly kind: 'repeated' }
  | { readonly kind: 'contradiction'; readonly earlier: number }
  | { readonly kind: 'out-of-order'; readonly afterMs: number }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'overlap'; readonly message: string };

export class IntervalChain {
  readonly #known: KnownChain | null;
  /** Points of this run where a later file may begin. */
  #fresh: { readonly instantMs: number; readonly checkpoint: Checkpoint }[] = [];
  #begun = false;
  #count = 0;
  #firstMs = 0;
  #last: { readonly startMs: number; readonly endMs: number; readonly added: number } | null = null;
  #carried = 0;
  #endCompared = false;

  constructor(known: KnownChain | null) {
    this.#known = known;
  }

  /** Energy that no interval has taken yet. */
  get carried(): number {
    return this.#carried;
  }

  /** What this run leaves for later files; null: it brought nothing. Takes the new checkpoints with it. */
  takeProgress(): {
    readonly firstMs: number;
    readonly endMs: number;
    readonly endCount: number;
    readonly checkpoints: readonly { readonly instantMs: number; readonly checkpoint: Checkpoint }[];
  } | null {
    if (this.#last === null) return null;
    const checkpoints = this.#fresh;
    this.#fresh = [];
    return { firstMs: this.#firstMs, endMs: this.#last.endMs, endCount: this.#count, checkpoints };
  }

  /** @param count energy of the interval in whole counts, not negative */
  add(span: Span, count: number): Added {
    const { startMs, endMs } = span;
    const last = this.#last;
    if (endMs <= startMs) {
      this.#carried += count;
      return { kind: 'carried' };
    }
    if (last !== null && startMs < last.endMs) {
      if (startMs !== last.startMs || endMs !== last.endMs)
        return { kind: 'out-of-order', afterMs: last.endMs };
      return count === last.added ? { kind: 'repeated' } : { kind: 'contradiction', earlier: last.added };
    }
    const readings: ChainReading[] = [];
    let hole = false;
    if (!this.#begun) {
      const opening = this.#open(startMs);
      if ('message' in opening) return { kind: 'overlap', message: opening.message };
      ({ hole } = opening);
      readings.push(opening.reading);
    } else if (last !== null && startMs > last.endMs) {
      hole = true;
      readings.push({ instantMs: startMs, count: this.#count, missing: true });
    }
    const overlapDifference = this.#compareAt(startMs, readings);
    const grown = this.#count + count + this.#carried;
    if (!Number.isSafeInteger(grown)) return { kind: 'too-large' };
    if (span.midnight || !this.#begun) {
      const afterHole = readings.some((reading) => reading.missing);
      this.#fresh.push({ instantMs: startMs, checkpoint: { count: this.#count, afterHole } });
    }
    if (!this.#begun) this.#firstMs = startMs;
    this.#begun = true;
    this.#count = grown;
    this.#carried = 0;
    this.#last = { startMs, endMs, added: count };
    readings.push({ instantMs: endMs, count: grown, missing: false });
    return { kind: 'added', readings, hole, overlapDifference };
  }

  /** The count at which this file begins. */
  #open(
    startMs: number,
  ): { readonly reading: ChainReading; readonly hole: boolean } | { readonly message: string } {
    const known = this.#known;
    if (known === null) return { reading: { instantMs: startMs, count: 0, missing: false }, hole: false };
    if (startMs >= known.endMs) {
      this.#count = known.endCount;
      this.#endCompared = true;
      const hole = startMs > known.endMs;
      return { reading: { instantMs: startMs, count: known.endCount, missing: hole }, hole };
    }
    const checkpoint = known.checkpoints.get(startMs);
    if (checkpoint !== undefined) {
      this.#count = checkpoint.count;
      return {
        reading: { instantMs: startMs, count: checkpoint.count, missing: checkpoint.afterHole },
        hole: false,
      };
    }
    const from = new Date(known.firstMs).toISOString();
    const to = new Date(known.endMs).toISOString();
    const what =
      startMs < known.firstMs
        ? 'begins before what was imported earlier'
        : 'begins in the middle of a day that was imported earlier';
    return {
      message: `the series ${what} (${from} … ${to}): let the file begin at a local midnight within that time, or at its end`,
    };
  }

  /**
   * Where this file runs over what was imported before, the counts must agree. Where they do not, the earlier ones
   * stand and this run goes on from them.
   * @returns this run's count less the earlier one; null: they agree, or there is nothing to compare
   */
  #compareAt(startMs: number, readings: ChainReading[]): number | null {
    const known = this.#known;
    if (known === null || !this.#begun) return null;
    let expected: number | undefined;
    if (startMs >= known.endMs) {
      if (this.#endCompared) return null;
      this.#endCompared = true;
      expected = known.endCount;
    } else expected = known.checkpoints.get(startMs)?.count;
    if (expected === undefined || expected === this.#count) return null;
    const difference = this.#count - expected;
    this.#count = expected;
    for (const [index, reading] of readings.entries()) readings[index] = { ...reading, count: expected };
    return difference;
  }
}
