// SPDX-License-Identifier: Apache-2.0
/** A selection's energy by group and bucket with its comparison: what most questions are made of. */
import type { AsOf } from '@wattledger/contracts';
import type {
  AnswerHead,
  Bucket,
  ComparisonKind,
  Figure,
  Grain,
  Grouping,
  NoteKind,
  SlotCounts,
} from '@wattledger/contracts/http/analytics';
import { unitOfMedium } from '@wattledger/contracts/http/analytics';
import { RequestError } from '@wattledger/platform';
import { bucketsOf, counterpartsOf, type Counterparts } from '../calendar/buckets.ts';
import {
  comparisonSpan,
  localDaysIn,
  shiftOf,
  spanOf,
  type AskedSpan,
  type Shift,
} from '../calendar/span.ts';
import { asOfOf, newestReading } from '../coverage/as-of.ts';
import type { BucketEdges } from '../coverage/expected-slots.ts';
import {
  defaultPlaceLevel,
  grossTerms,
  netTerms,
  noGroup,
  type Group,
  type GroupedTerms,
  type PlaceLevel,
} from '../selection/net-terms.ts';
import { treesOver } from '../site/site.ts';
import { addSlots, noSlots, sumEnergy, type EnergySums } from '../sums/energy-sums.ts';
import type { Asker, Scope } from './asker.ts';
import { figureOf, sumKnown, type Known } from './figures.ts';

/** Most numbers of one answer: series × buckets. */
export const cellsMax = 250_000;

export interface EnergyQuestion {
  readonly fromMs: number;
  readonly toMs: number;
  /** A kind of comparison, or the shift itself (month on month: one month, whatever the span). */
  readonly compare: ComparisonKind | Shift;
  /** null = one bucket, the span itself. */
  readonly grain: Grain | null;
  readonly grouping: Grouping;
  readonly placeLevel?: PlaceLevel | undefined;
  /** For grouping by point. */
  readonly among?: 'all' | 'ends';
  /**
   * Whose newest reading ends the part that can be compared: of the points that make the selection's total, so that the
   * total and its groups are compared over the same time however it is grouped; or (the default) of all points that
   * enter, where each row stands for itself and a silent main must not hold back the others.
   */
  readonly comparable?: 'by-total' | 'by-rows';
}

/** One group along the buckets. */
export interface AskedSeries {
  readonly consumption: readonly Known[];
  readonly slots: readonly SlotCounts[];
  /** Up to untilMs only. */
  readonly samePart: readonly Known[];
}

export interface AskedEnergy {
  readonly scope: Scope;
  readonly span: AskedSpan;
  readonly comparison: AskedSpan | null;
  readonly buckets: readonly Bucket[];
  /** Null without a comparison. */
  readonly counterparts: Counterparts | null;
  readonly groups: readonly Group[];
  /** How the points enter the groups. */
  readonly terms: GroupedTerms;
  /** Parallel to groups. */
  readonly series: readonly AskedSeries[];
  /** Along the buckets' counterparts, then along what of the comparison stands alone. */
  readonly seriesBefore: readonly AskedSeries[] | null;
  /** All groups together. Only for groups that add up. */
  readonly whole: Figure;
  readonly asOf: AsOf;
  readonly comparisonAsOf: AsOf | null;
  readonly notes: readonly NoteKind[];
}

/** Bucket starts with `untilMs` among them, and the bucket each fine one is part of. */
interface FineEdges {
  readonly edges: BucketEdges;
  readonly bucketOf: readonly number[];
  readonly untilMs: number;
}

function fineEdges(buckets: readonly (Bucket | null)[], untilMs: number, endMs: number): FineEdges {
  const startsMs: number[] = [];
  const bucketOf: number[] = [];
  const inOrder = buckets
    .flatMap((bucket, index) => (bucket === null ? [] : [{ bucket, index }]))
    .sort((a, b) => a.bucket.startMs - b.bucket.startMs);
  inOrder.forEach(({ bucket, index }) => {
    startsMs.push(bucket.startMs);
    bucketOf.push(index);
    if (untilMs > bucket.startMs && untilMs < bucket.endMs) {
      startsMs.push(untilMs);
      bucketOf.push(index);
    }
  });
  return { edges: { startsMs, endMs }, bucketOf, untilMs };
}

function fold(sums: EnergySums, fine: FineEdges, buckets: number): AskedSeries[] {
  return sums.groups.map((group) => {
    const consumption: Known[] = Array.from({ length: buckets }, () => null);
    const samePart: Known[] = Array.from({ length: buckets }, () => null);
    const slots: SlotCounts[] = Array.from({ length: buckets }, () => noSlots);
    fine.bucketOf.forEach((bucket, index) => {
      const value = group.consumption[index] ?? null;
      consumption[bucket] = sumKnown([consumption[bucket] ?? null, value]);
      slots[bucket] = addSlots(slots[bucket] ?? noSlots, group.slots[index] ?? noSlots);
      if ((fine.edges.startsMs[index] ?? 0) < fine.untilMs)
        samePart[bucket] = sumKnown([samePart[bucket] ?? null, value]);
    });
    return { consumption, slots, samePart };
  });
}

function wholeOf({ whole }: EnergySums, { edges, untilMs }: FineEdges): { all: Known; samePart: Known } {
  const inPart = (_value: Known, index: number): boolean => (edges.startsMs[index] ?? 0) < untilMs;
  return { all: sumKnown(whole), samePart: sumKnown(whole.filter(inPart)) };
}

interface Asked {
  readonly terms: GroupedTerms;
  readonly treesChanged: boolean;
}

function termsOf(
  scope: Scope,
  question: EnergyQuestion,
  span: { readonly fromMs: number; readonly toMs: number },
): Asked {
  const { site, selection } = scope;
  const trees = treesOver(site, selection.quantity, span.fromMs, span.toMs);
  const terms =
    question.grouping === 'point'
      ? grossTerms(site, selection, trees, question.among ?? 'all')
      : netTerms(
          site,
          selection,
          trees,
          question.grouping,
          question.placeLevel ?? defaultPlaceLevel(site, selection),
        );
  return {
    terms,
    treesChanged:
      trees.length > 1 && terms.terms.some((term) => term.fromMs > span.fromMs || term.toMs < span.toMs),
  };
}

/** Points whose newest reading ends the comparable part. */
function pointsOfEnd(scope: Scope, question: EnergyQuestion, { terms }: GroupedTerms): string[] {
  if (question.comparable !== 'by-total') return terms.map((term) => term.pointId);
  if (question.grouping === 'point')
    return termsOf(scope, { ...question, grouping: 'none' }, question).terms.terms.map(
      (term) => term.pointId,
    );
  // What one group gives another cancels out of the total.
  return terms
    .filter((term) => (term.plus === noGroup) !== (term.minus === noGroup))
    .map((term) => term.pointId);
}

/** The same groups in the same order: those of the span, then those that only the span before had. */
function alignGroups(
  current: GroupedTerms,
  before: GroupedTerms,
): { readonly current: GroupedTerms; readonly before: GroupedTerms } {
  const keyOf = (group: Group): string => `${group.kind}/${group.id ?? ''}`;
  const groups = [...current.groups];
  const indexOf = new Map(groups.map((group, index) => [keyOf(group), index]));
  const moved = before.groups.map((group) => {
    const known = indexOf.get(keyOf(group));
    if (known !== undefined) return known;
    groups.push(group);
    return groups.length - 1;
  });
  const move = (index: number): number => (index === noGroup ? noGroup : (moved[index] ?? noGroup));
  return {
    current: { groups, terms: current.terms },
    before: {
      groups,
      terms: before.terms.map((term) => ({ ...term, plus: move(term.plus), minus: move(term.minus) })),
    },
  };
}

/** Points of the current span, over the time of the span before. */
function sameGross(current: GroupedTerms, comparison: AskedSpan): GroupedTerms {
  return {
    groups: current.groups,
    terms: current.terms.map((term) => ({ ...term, fromMs: comparison.fromMs, toMs: comparison.toMs })),
  };
}

function refuseTooMuch(groups: number, buckets: number): void {
  if (groups * buckets <= cellsMax) return;
  throw new RequestError({
    status: 400,
    code: 'too-many-values',
    message: `the answer would have ${groups} series of ${buckets} values; at most ${cellsMax} values are answered at once`,
    hint: 'Choose fewer metering points, a coarser grain or a shorter period.',
    faults: [{ path: 'grain', message: `${groups} × ${buckets} values` }],
  });
}

function notesOf(
  scope: Scope,
  question: EnergyQuestion,
  span: AskedSpan,
  comparison: AskedSpan | null,
  treesChanged: boolean,
): NoteKind[] {
  const notes: NoteKind[] = [];
  if (treesChanged) notes.push('parent-links-changed');
  if (question.compare !== 'none' && comparison === null) notes.push('no-counterpart');
  if (comparison === null) return notes;
  const more = localDaysIn(scope.grid, comparison) - localDaysIn(scope.grid, span);
  if (more !== 0) notes.push(more < 0 ? 'comparison-shorter' : 'comparison-longer');
  return notes;
}

/** What a span is compared with. */
interface Comparison {
  readonly span: AskedSpan;
  readonly counterparts: Counterparts;
  readonly asked: Asked;
}

function comparisonOf(
  scope: Scope,
  question: EnergyQuestion,
  { span, buckets, terms }: { span: AskedSpan; buckets: readonly Bucket[]; terms: GroupedTerms },
): Comparison | null {
  const { grid } = scope;
  const { compare, grain, grouping } = question;
  const shift = typeof compare === 'string' ? shiftOf(span, compare) : compare;
  const before = comparisonSpan(grid, span, shift);
  if (before === null || shift === null) return null;
  const whole = { label: before.from, startMs: before.fromMs, endMs: before.toMs };
  return {
    span: before,
    counterparts:
      grain === null ? { beside: [whole], alone: [] } : counterpartsOf(grid, buckets, shift, before, grain),
    asked:
      grouping === 'point'
        ? { terms: sameGross(terms, before), treesChanged: false }
        : termsOf(scope, question, before),
  };
}

/** The span itself or the one it is compared with, asked. */
interface Side {
  readonly series: readonly AskedSeries[];
  readonly whole: { readonly all: Known; readonly samePart: Known };
  readonly asOf: AsOf;
}

async function askSide(
  asker: Asker,
  { site, grid, selection, nowMs, lastReadingOf }: Scope,
  terms: GroupedTerms,
  buckets: readonly (Bucket | null)[],
  span: AskedSpan,
): Promise<Side> {
  const fine = fineEdges(buckets, span.untilMs, span.toMs);
  const { quantity } = selection;
  const sums = await sumEnergy(asker.warehouse, { site, grid, quantity, terms, edges: fine.edges, nowMs });
  return {
    series: fold(sums, fine, buckets.length),
    whole: wholeOf(sums, fine),
    asOf: asOfOf({ site, points: sums.points, slots: sums.slots, lastReadingOf, span, nowMs }),
  };
}

/**
 * Asks for energy by group and bucket.
 * @throws RequestError too-many-buckets, too-many-values
 */
export async function askEnergy(asker: Asker, scope: Scope, question: EnergyQuestion): Promise<AskedEnergy> {
  const { grid, nowMs, lastReadingOf } = scope;
  const asked = termsOf(scope, question, question);
  const newestReadingMs = newestReading(pointsOfEnd(scope, question, asked.terms), lastReadingOf);
  const span = spanOf(grid, question.fromMs, question.toMs, { nowMs, newestReadingMs });
  const buckets =
    question.grain === null
      ? [{ label: span.from, startMs: span.fromMs, endMs: span.toMs }]
      : bucketsOf(grid, span, question.grain);
  const comparison = comparisonOf(scope, question, { span, buckets, terms: asked.terms });
  const terms =
    comparison === null
      ? { current: asked.terms, before: asked.terms }
      : alignGroups(asked.terms, comparison.asked.terms);
  refuseTooMuch(terms.current.groups.length, buckets.length);
  const [now, before] = await Promise.all([
    askSide(asker, scope, terms.current, buckets, span),
    comparison === null
      ? null
      : askSide(
          asker,
          scope,
          terms.before,
          [...comparison.counterparts.beside, ...comparison.counterparts.alone],
          comparison.span,
        ),
  ]);
  const treesChanged = asked.treesChanged || comparison?.asked.treesChanged === true;
  return {
    scope,
    span,
    comparison: comparison?.span ?? null,
    buckets,
    counterparts: comparison?.counterparts ?? null,
    groups: terms.current.groups,
    terms: terms.current,
    series: now.series,
    seriesBefore: before?.series ?? null,
    whole: figureOf(now.whole.all, now.whole.samePart, before?.whole.samePart ?? null),
    asOf: now.asOf,
    comparisonAsOf: before?.asOf ?? null,
    notes: notesOf(scope, question, span, comparison?.span ?? null, treesChanged),
  };
}

/** A group's figure over the whole span. */
export function figureOfGroup(asked: AskedEnergy, group: number): Figure {
  const series = asked.series[group];
  return figureOf(
    sumKnown(series?.consumption ?? []),
    sumKnown(series?.samePart ?? []),
    sumKnown(asked.seriesBefore?.[group]?.samePart ?? []),
  );
}

export function slotsOfGroup(asked: AskedEnergy, group: number): SlotCounts {
  return (asked.series[group]?.slots ?? []).reduce(addSlots, noSlots);
}

/** The head that every answer of a question begins with. */
export function headOf(asked: AskedEnergy, counting: 'net' | 'gross'): AnswerHead {
  const { site, selection } = asked.scope;
  return {
    projectId: site.project.id,
    zone: site.project.zone,
    slotMinutes: site.project.slotMinutes,
    medium: selection.medium,
    direction: selection.direction,
    unit: unitOfMedium[selection.medium],
    counting,
    period: plainSpan(asked.span),
    comparison: asked.comparison === null ? null : plainSpan(asked.comparison),
    notes: [...asked.notes],
    asOf: asked.asOf,
    comparisonAsOf: asked.comparisonAsOf,
  };
}

export function plainSpan({
  from,
  to,
  fromMs,
  toMs,
  untilMs,
  complete,
}: AskedSpan): Omit<AskedSpan, 'wholeDays'> {
  return { from, to, fromMs, toMs, untilMs, complete };
}
