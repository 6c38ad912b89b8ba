// SPDX-License-Identifier: Apache-2.0
/** Today, this month and this year of a selection against the spans before, in one go. */
import type { AsOf } from '@wattledger/contracts';
import type { Coverage, Figure } from '@wattledger/contracts/http/analytics';
import type { Asker, Scope } from './asker.ts';
import { figureOf } from './figures.ts';
import { hullOf, sumIntervals, type Interval, type IntervalSums } from './interval-sums.ts';
import { comparisonSpan, currentEdges, shiftOf, spanOf, type AskedSpan } from '../calendar/span.ts';
import { asOfOf, newestReading } from '../coverage/as-of.ts';
import { defaultPlaceLevel, grossTerms, netTerms, type GroupedTerms } from '../selection/net-terms.ts';
import { treesOver } from '../site/site.ts';

export const units = ['day', 'month', 'year'] as const;
export type Unit = (typeof units)[number];

/** A running span, and the same part of the span before it. */
export interface Compared {
  readonly span: AskedSpan;
  readonly before: AskedSpan | null;
}

export const samePartOf = ({ fromMs, untilMs }: AskedSpan): Interval => ({ fromMs, toMs: untilMs });

/** The running spans as they can be compared, by what is known of the selection's points. */
export interface CurrentSpans {
  readonly day: Compared;
  readonly month: Compared;
  readonly year: Compared;
  /** This month against the same days a year ago. */
  readonly monthLastYear: Compared;
}

/** @param newestReadingOf the newest reading of what makes the selection's figure over a span; null when there is none */
export function currentSpans(scope: Scope, newestReadingOf: (span: Interval) => number | null): CurrentSpans {
  const { grid, nowMs } = scope;
  const compared = (unit: Unit, kind: 'previous' | 'last-year'): Compared => {
    const edges = currentEdges(grid, unit, nowMs);
    const newestReadingMs = newestReadingOf(edges);
    const span = spanOf(grid, edges.fromMs, edges.toMs, { nowMs, newestReadingMs });
    return { span, before: comparisonSpan(grid, span, shiftOf(span, kind)) };
  };
  return {
    day: compared('day', 'previous'),
    month: compared('month', 'previous'),
    year: compared('year', 'previous'),
    monthLastYear: compared('month', 'last-year'),
  };
}

export function intervalsOf({ span, before }: Compared): Interval[] {
  return [span, samePartOf(span), ...(before === null ? [] : [samePartOf(before)])].filter(
    (interval) => interval.toMs > interval.fromMs,
  );
}

/** A figure from whatever knows values by interval. */
export function figureFrom(
  valueOf: (interval: Interval) => number | null,
  { span, before }: Compared,
): Figure {
  return figureOf(
    valueOf(span),
    valueOf(samePartOf(span)),
    before === null ? null : valueOf(samePartOf(before)),
  );
}

export interface CurrentFigures {
  readonly today: Figure;
  readonly month: Figure;
  readonly year: Figure;
  readonly monthLastYear: Figure;
  readonly coverage: Readonly<Record<'today' | 'month' | 'year' | 'monthLastYear', Coverage>>;
}

/** The points that make the figures, and the spans as they can be compared. */
export interface Current {
  readonly spans: CurrentSpans;
  readonly terms: GroupedTerms;
}

export function currentOf(scope: Scope, among: 'total' | 'single-points' = 'total'): Current {
  const { site, selection, lastReadingOf } = scope;
  // Where comparable energy ends depends on the points, and the points on the widest span asked for.
  const rough = hullOf(Object.values(currentSpans(scope, () => null)).flatMap(intervalsOf));
  const trees = treesOver(site, selection.quantity, rough.fromMs, rough.toMs);
  const terms =
    among === 'total'
      ? netTerms(site, selection, trees, 'none', defaultPlaceLevel(site, selection))
      : grossTerms(site, selection, trees, 'all');
  // Points that made the figure only in a span before say nothing about where this one ends.
  const spans = currentSpans(scope, (span) => newestReading(pointsWithin(terms, span), lastReadingOf));
  return { spans, terms };
}

/** Points that enter at some time of the span. */
function pointsWithin({ terms }: GroupedTerms, span: Interval): string[] {
  const inside = terms.filter((term) => term.fromMs < span.toMs && term.toMs > span.fromMs);
  return [...new Set(inside.map((term) => term.pointId))];
}

/** Figures of the first group of `current`: the selection's total, or the one point that was asked for. */
export async function askCurrentFigures(
  asker: Asker,
  scope: Scope,
  { spans, terms }: Current = currentOf(scope),
): Promise<CurrentFigures> {
  const sums = await sumIntervals(asker, scope, terms, Object.values(spans).flatMap(intervalsOf));
  const figure = (compared: Compared): Figure =>
    figureFrom((interval) => sums.valueOf(0, interval), compared);
  const asOf = (interval: Interval): AsOf => asOfInterval(scope, terms, sums, interval);
  const coverage = ({ span, before }: Compared): Coverage => ({
    asOf: asOf(span),
    before: before === null ? null : asOf(samePartOf(before)),
  });
  const { day, month, year, monthLastYear } = spans;
  return {
    today: figure(day),
    month: figure(month),
    year: figure(year),
    monthLastYear: figure(monthLastYear),
    coverage: {
      today: coverage(day),
      month: coverage(month),
      year: coverage(year),
      monthLastYear: coverage(monthLastYear),
    },
  };
}

function asOfInterval(scope: Scope, terms: GroupedTerms, sums: IntervalSums, span: Interval): AsOf {
  const { site, lastReadingOf, nowMs } = scope;
  const points = pointsWithin(terms, span);
  return asOfOf({ site, points, slots: sums.slotsOf(0, span), lastReadingOf, span, nowMs });
}

/** Without the month a year ago, which only the project page tells. */
export function coverageOfSpans({
  today,
  month,
  year,
}: CurrentFigures['coverage']): Record<'today' | 'month' | 'year', Coverage> {
  return { today, month, year };
}
