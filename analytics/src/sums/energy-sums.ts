// SPDX-License-Identifier: Apache-2.0
/** Energy of groups over buckets, with quality: the one place where rows of the warehouse become numbers of an answer. */
import type { Quantity } from '@wattledger/contracts';
import type { SlotCounts } from '@wattledger/contracts/http/analytics';
import type { Warehouse } from '@wattledger/platform';
import type { Grid } from '../calendar/span.ts';
import { ExpectedSlots, type BucketEdges } from '../coverage/expected-slots.ts';
import { noGroup, type GroupedTerms, type Term } from '../selection/net-terms.ts';
import { meteredSpans, mountingsOf, type Site } from '../site/site.ts';
import {
  bucketDays,
  closedSecond,
  endDayAt,
  firstDayFrom,
  partsOf,
  startOfDayNumber,
  type SpanParts,
} from './ranges.ts';
import {
  pointsPerStatement,
  sumDays,
  sumSlots,
  type DayRange,
  type KeyedPoints,
  type SlotRange,
  type Stretches,
  type SumRow,
} from './sums-store.ts';

export interface SumQuestion {
  readonly site: Site;
  readonly grid: Grid;
  readonly quantity: Quantity;
  readonly terms: GroupedTerms;
  readonly edges: BucketEdges;
  readonly nowMs: number;
}

/** One group along the buckets. */
export interface GroupSums {
  /**
   * null = no point that enters the group has a slot in the bucket. Where a meter is silent and one beneath it that
   * belongs elsewhere is not, the value is too small or negative: that keeps buckets and groups adding up, and the
   * slots missing say so.
   */
  readonly consumption: (number | null)[];
  readonly slots: SlotCounts[];
}

export interface EnergySums {
  readonly groups: readonly GroupSums[];
  /**
   * All groups together along the buckets. null = no point that enters the whole has a slot: what one group gives
   * another cancels out of it and makes nothing known.
   */
  readonly whole: readonly (number | null)[];
  /** Every point counted once, whatever number of groups it enters. */
  readonly slots: SlotCounts;
  /** Points that enter with either sign. */
  readonly points: readonly string[];
}

interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A term with the key of its (plus, minus) pair. */
interface KeyedTerm {
  readonly term: Term;
  readonly key: number;
}

class Accumulator {
  readonly #buckets: number;
  readonly #pairs: readonly { readonly plus: number; readonly minus: number }[];
  readonly consumption: Float64Array[];
  /** Slots present of points that enter the group with either sign: without any its value is unknown. */
  readonly #present: Float64Array[];
  readonly measured: Float64Array[];
  readonly estimated: Float64Array[];
  readonly edited: Float64Array[];
  readonly total = { measured: 0, estimated: 0, edited: 0 };
  readonly #whole: Float64Array;
  readonly #wholePresent: Float64Array;

  constructor(
    groups: number,
    buckets: number,
    pairs: readonly { readonly plus: number; readonly minus: number }[],
  ) {
    const make = (): Float64Array[] => Array.from({ length: groups }, () => new Float64Array(buckets));
    this.#buckets = buckets;
    this.#pairs = pairs;
    this.consumption = make();
    this.#present = make();
    this.measured = make();
    this.estimated = make();
    this.edited = make();
    this.#whole = new Float64Array(buckets);
    this.#wholePresent = new Float64Array(buckets);
  }

  add(bucket: number, row: SumRow): void {
    const pair = this.#pairs[row.key];
    if (pair === undefined || bucket < 0 || bucket >= this.#buckets)
      throw new Error(
        `the warehouse answered for key ${row.key}, bucket ${bucket}, which were not asked for`,
      );
    this.#addTo(pair.plus, bucket, row, 1);
    this.#addTo(pair.minus, bucket, row, -1);
    this.total.measured += row.measured;
    this.total.estimated += row.estimated;
    this.total.edited += row.edited;
    if (pair.plus !== noGroup && pair.minus !== noGroup) return;
    this.#whole[bucket] =
      (this.#whole[bucket] ?? 0) + (pair.plus === noGroup ? -row.consumption : row.consumption);
    this.#wholePresent[bucket] = (this.#wholePresent[bucket] ?? 0) + row.present;
  }

  #addTo(group: number, bucket: number, row: SumRow, sign: 1 | -1): void {
    if (group === noGroup) return;
    const plus = (values: Float64Array[], value: number): void => {
      const along = values[group];
      if (along !== undefined) along[bucket] = (along[bucket] ?? 0) + value;
    };
    plus(this.consumption, sign * row.consumption);
    plus(this.#present, row.present);
    plus(this.measured, row.measured);
    plus(this.estimated, row.estimated);
    plus(this.edited, row.edited);
  }

  whole(bucket: number): number | null {
    return (this.#wholePresent[bucket] ?? 0) > 0 ? (this.#whole[bucket] ?? 0) : null;
  }

  known(group: number, bucket: number): number | null {
    return (this.#present[group]?.[bucket] ?? 0) > 0 ? (this.consumption[group]?.[bucket] ?? 0) : null;
  }
}

/** Pairs get keys in order of first use; terms of all the span go apart from terms of stretches. */
function keyTerms(terms: readonly Term[]): {
  readonly pairs: { plus: number; minus: number }[];
  readonly keyed: KeyedTerm[];
} {
  const pairs: { plus: number; minus: number }[] = [];
  const keyOf = new Map<string, number>();
  const keyed = terms.map((term) => {
    const name = `${term.plus}/${term.minus}`;
    let key = keyOf.get(name);
    if (key === undefined) {
      keyOf.set(name, (key = pairs.length));
      pairs.push({ plus: term.plus, minus: term.minus });
    }
    return { term, key };
  });
  return { pairs, keyed };
}

/** Runs the statements a question needs and hands every row to `take` with the index of its bucket. */
class Reader {
  readonly #warehouse: Warehouse;
  readonly #question: SumQuestion;
  readonly #parts: SpanParts;
  readonly #take: (bucket: number, row: SumRow) => void;

  constructor(warehouse: Warehouse, question: SumQuestion, take: (bucket: number, row: SumRow) => void) {
    this.#warehouse = warehouse;
    this.#question = question;
    this.#parts = partsOf(question.grid, question.edges, question.nowMs);
    this.#take = take;
  }

  async read(keyed: readonly KeyedTerm[]): Promise<void> {
    const { edges } = this.#question;
    const startMs = edges.startsMs[0] ?? edges.endMs;
    const whole = keyed.filter(({ term }) => term.fromMs <= startMs && term.toMs >= edges.endMs);
    const partial = keyed.filter(
      ({ term }) => !(term.fromMs <= startMs && term.toMs >= edges.endMs) && this.#isMetered(term),
    );
    const work: Promise<void>[] = [];
    for (const page of pagesOf(whole))
      work.push(this.#readDays(page, null), this.#readSlots(page, this.#parts.slots, null));
    for (const page of pagesOf(partial))
      work.push(this.#readDaysOfStretches(page), this.#readSlotsOfStretches(page));
    await Promise.all(work);
  }

  /** Before its first meter a point may belong elsewhere in the tree, for years: there is nothing to be read of it. */
  #isMetered({ pointId, fromMs, toMs }: Term): boolean {
    const { site, quantity } = this.#question;
    const point = site.points.get(pointId);
    if (point === undefined) return false;
    return meteredSpans(site, point, quantity).some((span) => span.fromMs < toMs && span.toMs > fromMs);
  }

  #chosen(keyed: readonly KeyedTerm[]): KeyedPoints {
    return {
      projectId: this.#question.site.project.id,
      quantity: this.#question.quantity,
      points: keyed.map(({ term }) => term.pointId),
      keys: keyed.map(({ key }) => key),
    };
  }

  async #readDays(keyed: readonly KeyedTerm[], stretches: Stretches | null): Promise<void> {
    const { days } = this.#parts;
    if (days === null || keyed.length === 0) return;
    const buckets = bucketDays(this.#question.grid, this.#question.edges);
    const range: DayRange = { ...days, buckets };
    // Of buckets that begin on the same day the last holds the day; the others end before it.
    const indexOf = new Map(buckets.map((day, index) => [day, index]));
    for (const row of await sumDays(this.#warehouse, this.#chosen(keyed), range, stretches ?? undefined))
      this.#take(indexOf.get(row.bucket) ?? -1, row);
  }

  async #readSlots(
    keyed: readonly KeyedTerm[],
    ranges: readonly TimeRange[],
    stretches: Stretches | null,
  ): Promise<void> {
    if (keyed.length === 0 || ranges.length === 0) return;
    const { grid, edges, nowMs } = this.#question;
    const buckets = edges.startsMs.map((ms) => ms / 1_000);
    const range: SlotRange = {
      ranges: ranges.map(({ fromMs, toMs }) => ({ from: fromMs / 1_000, to: toMs / 1_000 })),
      closed: closedSecond(grid, nowMs),
      buckets,
    };
    const indexOf = new Map(buckets.map((second, index) => [second, index]));
    for (const row of await sumSlots(this.#warehouse, this.#chosen(keyed), range, stretches ?? undefined))
      this.#take(indexOf.get(row.bucket) ?? -1, row);
  }

  async #readDaysOfStretches(keyed: readonly KeyedTerm[]): Promise<void> {
    const { grid } = this.#question;
    const days = keyed.map(({ term }) => ({
      begins: firstDayFrom(grid, term.fromMs),
      ends: endDayAt(grid, term.toMs),
    }));
    await this.#readDays(keyed, { begins: days.map((day) => day.begins), ends: days.map((day) => day.ends) });
  }

  /** What is left of each stretch beside its whole days: the days it begins and ends inside of, and the span's own slots. */
  async #readSlotsOfStretches(keyed: readonly KeyedTerm[]): Promise<void> {
    const { grid } = this.#question;
    const { days, slots } = this.#parts;
    const ranges = new Map<string, TimeRange>();
    const pieces: { readonly term: KeyedTerm; readonly begins: number; readonly ends: number }[] = [];
    const add = (term: KeyedTerm, within: TimeRange): void => {
      const begins = Math.max(term.term.fromMs, within.fromMs);
      const ends = Math.min(term.term.toMs, within.toMs);
      if (ends <= begins) return;
      ranges.set(`${within.fromMs}/${within.toMs}`, within);
      pieces.push({ term, begins: Math.ceil(begins / 1_000), ends: Math.ceil(ends / 1_000) });
    };
    for (const term of keyed) {
      for (const range of slots) add(term, range);
      if (days === null) continue;
      for (const day of new Set(cutDays(grid, term.term))) {
        if (day < days.fromDay || day >= days.toDay || days.without.includes(day)) continue;
        add(term, { fromMs: startOfDayNumber(grid, day), toMs: startOfDayNumber(grid, day + 1) });
      }
    }
    const stretches = {
      begins: pieces.map((piece) => piece.begins),
      ends: pieces.map((piece) => piece.ends),
    };
    await this.#readSlots(
      pieces.map((piece) => piece.term),
      fewRanges([...ranges.values()]),
      stretches,
    );
  }
}

/** Beyond this many conditions reading the time between them costs less than naming them. */
const rangesMax = 40;

function fewRanges(ranges: readonly TimeRange[]): readonly TimeRange[] {
  if (ranges.length <= rangesMax) return ranges;
  return [
    {
      fromMs: Math.min(...ranges.map((range) => range.fromMs)),
      toMs: Math.max(...ranges.map((range) => range.toMs)),
    },
  ];
}

/** Local days that a stretch begins or ends inside of. */
function cutDays(grid: Grid, term: Term): number[] {
  const days: number[] = [];
  if (firstDayFrom(grid, term.fromMs) !== endDayAt(grid, term.fromMs)) days.push(endDayAt(grid, term.fromMs));
  if (firstDayFrom(grid, term.toMs) !== endDayAt(grid, term.toMs)) days.push(endDayAt(grid, term.toMs));
  return days;
}

/** Points in the order of their ids, so that a statement reads neighbouring granules. */
function* pagesOf(keyed: readonly KeyedTerm[]): Generator<readonly KeyedTerm[]> {
  const sorted = [...keyed].sort((a, b) =>
    a.term.pointId < b.term.pointId
      ? -1
      : a.term.pointId > b.term.pointId
        ? 1
        : a.term.fromMs - b.term.fromMs,
  );
  for (let start = 0; start < sorted.length; start += pointsPerStatement)
    yield sorted.slice(start, start + pointsPerStatement);
}

/** Slots that should be there: per group and bucket, and over all terms once. */
function expectedOf(question: SumQuestion): {
  readonly groups: readonly Float64Array[];
  readonly total: number;
} {
  const { site, grid, quantity, edges, nowMs } = question;
  const groups = question.terms.groups.map(() => new ExpectedSlots(edges, grid.slotMinutes, nowMs));
  const all = new ExpectedSlots(edges, grid.slotMinutes, nowMs);
  for (const term of question.terms.terms) {
    const point = site.points.get(term.pointId);
    for (const mounting of point === undefined ? [] : mountingsOf(point, quantity)) {
      groups[term.plus]?.add(mounting, term.fromMs, term.toMs);
      groups[term.minus]?.add(mounting, term.fromMs, term.toMs);
      all.add(mounting, term.fromMs, term.toMs);
    }
  }
  return {
    groups: groups.map((group) => group.counts()),
    total: all.counts().reduce((sum, count) => sum + count, 0),
  };
}

export const missingOf = (
  expected: number,
  counts: { readonly measured: number; readonly estimated: number; readonly edited: number },
): number => Math.max(0, expected - counts.measured - counts.estimated - counts.edited);

/** Adds slot counts up. */
export function addSlots(a: SlotCounts, b: SlotCounts): SlotCounts {
  return {
    measured: a.measured + b.measured,
    estimated: a.estimated + b.estimated,
    edited: a.edited + b.edited,
    missing: a.missing + b.missing,
  };
}
export const noSlots: SlotCounts = { measured: 0, estimated: 0, edited: 0, missing: 0 };

/** Asks the warehouse and adds up. Exact: whole numbers throughout, within ±2^53. */
export async function sumEnergy(warehouse: Warehouse, question: SumQuestion): Promise<EnergySums> {
  const { terms, edges } = question;
  const { pairs, keyed } = keyTerms(terms.terms);
  const sums = new Accumulator(terms.groups.length, edges.startsMs.length, pairs);
  await new Reader(warehouse, question, (bucket, row) => sums.add(bucket, row)).read(keyed);
  const expected = expectedOf(question);
  const groups = terms.groups.map((_group, group): GroupSums => {
    const slots = edges.startsMs.map((_start, bucket): SlotCounts => {
      const counts = {
        measured: sums.measured[group]?.[bucket] ?? 0,
        estimated: sums.estimated[group]?.[bucket] ?? 0,
        edited: sums.edited[group]?.[bucket] ?? 0,
      };
      return { ...counts, missing: missingOf(expected.groups[group]?.[bucket] ?? 0, counts) };
    });
    return { consumption: edges.startsMs.map((_start, bucket) => sums.known(group, bucket)), slots };
  });
  return {
    groups,
    whole: edges.startsMs.map((_start, bucket) => sums.whole(bucket)),
    slots: { ...sums.total, missing: missingOf(expected.total, sums.total) },
    points: [...new Set(terms.terms.map((term) => term.pointId))],
  };
}
