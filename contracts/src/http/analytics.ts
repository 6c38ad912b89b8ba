// SPDX-License-Identifier: Apache-2.0
/**
 * Questions about energy and money, asked over HTTP. Unless a comment says otherwise:
 * - energy is whole base units of the medium (Wh, l, dm³) in `consumption`; money is whole micros of the currency;
 * - `null` means unknown (nothing was measured), never zero;
 * - instants are ms since the epoch in `…Ms`; local days are 'YYYY-MM-DD' in the project's zone; spans are half-open;
 * - shares and rates are plain ratios (0.034 = 3.4 %), null where the divisor is zero or unknown.
 *
 * What adds up. Each metering point's *net* energy is what it measures less what is metered directly beneath it.
 * Net energy belongs to the point's place, tenant and sub-item. A total, a place, a tenant or a sub-item is the sum
 * of the net energy that belongs to it, so nothing is counted twice and the parts add up to the whole exactly
 * (`counting: 'net'`). For a whole tree that equals the energy of its top-most meters. Rows of single metering
 * points show what the point itself measured, its children included (`counting: 'gross'`): they do not add up.
 */
export {
  comparisonKinds,
  type ComparisonKind,
  selectionQuery,
  periodQuery,
  projectParams,
  pointParams,
  grains,
  type Grain,
  groupings,
  type Grouping,
  placeLevels,
} from './analytics/asking.ts';
export {
  unitOfMedium,
  spanShape,
  type Span,
  noteKinds,
  type NoteKind,
  figureShape,
  type Figure,
  slotCountsShape,
  type SlotCounts,
  answerHeadShape,
  type AnswerHead,
  subjectShape,
  type Subject,
} from './analytics/answer-parts.ts';
export {
  coverageShape,
  type Coverage,
  groupOverviewShape,
  type GroupOverview,
  projectOverviewShape,
  type ProjectOverview,
} from './analytics/overview.ts';
export * from './analytics/energy.ts';
export * from './analytics/ranking.ts';
export * from './analytics/year-on-year.ts';
export * from './analytics/loss.ts';
export * from './analytics/energy-flow.ts';
export * from './analytics/multi-rate.ts';
export * from './analytics/load-profile.ts';
export * from './analytics/registers.ts';
export * from './analytics/live.ts';
export * from './analytics/parameters.ts';
