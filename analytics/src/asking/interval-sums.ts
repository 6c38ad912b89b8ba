// SPDX-License-Identifier: Apache-2.0
/**
 * Several stretches of time asked at once: today, this month, this year and the spans before them overlap and touch,
 * so their edges cut one span and one pair of statements answers them all.
 */
import type { SlotCounts } from '@wattledger/contracts/http/analytics';
import { noGroup, type GroupedTerms } from '../selection/net-terms.ts';
import { addSlots, noSlots, sumEnergy, type EnergySums } from '../sums/energy-sums.ts';
import type { Asker, Scope } from './asker.ts';
import { sumKnown, type Known } from './figures.ts';

export interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The span that holds all intervals. */
export function hullOf(intervals: readonly Interval[]): Interval {
  return {
    fromMs: Math.min(...intervals.map((interval) => interval.fromMs)),
    toMs: Math.max(...intervals.map((interval) => interval.toMs)),
  };
}

export class IntervalSums {
  readonly #terms: GroupedTerms;
  readonly #sums: EnergySums;
  readonly #startsMs: readonly number[];
  readonly #hull: Interval;

  constructor(terms: GroupedTerms, sums: EnergySums, startsMs: readonly number[], hull: Interval) {
    this.#terms = terms;
    this.#sums = sums;
    this.#startsMs = startsMs;
    this.#hull = hull;
  }

  get groups(): GroupedTerms['groups'] {
    return this.#terms.groups;
  }

  /** Energy of a group in one of the intervals asked for, or one made of them. */
  valueOf(group: number, { fromMs, toMs }: Interval): Known {
    const along = this.#sums.groups[group]?.consumption ?? [];
    return sumKnown(along.filter((_value, index) => this.#isIn(index, fromMs, toMs)));
  }

  slotsOf(group: number, { fromMs, toMs }: Interval): SlotCounts {
    const along = this.#sums.groups[group]?.slots ?? [];
    return along.filter((_value, index) => this.#isIn(index, fromMs, toMs)).reduce(addSlots, noSlots);
  }

  #isIn(index: number, fromMs: number, toMs: number): boolean {
    const startMs = this.#startsMs[index] ?? NaN;
    return startMs >= fromMs && startMs < toMs;
  }

  /**
   * Other groups made of these single points; null when a point changes its place within the span, so that its energy
   * has to be asked for in stretches.
   */
  regroupedBy(terms: GroupedTerms): GroupValues | null {
    const isWhole = terms.terms.every(
      (term) => term.fromMs <= this.#hull.fromMs && term.toMs >= this.#hull.toMs,
    );
    if (!isWhole) return null;
    const indexOf = new Map(this.#terms.groups.map((group, index) => [group.id, index]));
    const members = terms.groups.map((): { readonly index: number; readonly sign: 1 | -1 }[] => []);
    for (const { pointId, plus, minus } of terms.terms) {
      const index = indexOf.get(pointId) ?? noGroup;
      members[plus]?.push({ index, sign: 1 });
      members[minus]?.push({ index, sign: -1 });
    }
    return {
      valueOf: (group, interval) => {
        let sum: Known = null;
        for (const { index, sign } of members[group] ?? []) {
          const value = this.valueOf(index, interval);
          if (value !== null) sum = (sum ?? 0) + sign * value;
        }
        return sum;
      },
      slotsOf: (group, interval) =>
        (members[group] ?? []).map(({ index }) => this.slotsOf(index, interval)).reduce(addSlots, noSlots),
    };
  }
}

/** What is known of groups by interval. */
export type GroupValues = Pick<IntervalSums, 'valueOf' | 'slotsOf'>;

/** @param terms over the hull of the intervals */
export async function sumIntervals(
  asker: Asker,
  scope: Scope,
  terms: GroupedTerms,
  intervals: readonly Interval[],
): Promise<IntervalSums> {
  const { site, grid, selection, nowMs } = scope;
  const hull = hullOf(intervals);
  const startsMs = [...new Set(intervals.flatMap(({ fromMs, toMs }) => [fromMs, toMs]))]
    .filter((ms) => ms < hull.toMs)
    .sort((a, b) => a - b);
  const sums = await sumEnergy(asker.warehouse, {
    site,
    grid,
    quantity: selection.quantity,
    terms,
    edges: { startsMs, endMs: hull.toMs },
    nowMs,
  });
  return new IntervalSums(terms, sums, startsMs, hull);
}
