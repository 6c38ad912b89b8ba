// SPDX-License-Identifier: Apache-2.0
/** Ordering by a measure, with ties and gaps stated. Pure. */
import type { Figure, RankingRow, SlotCounts, Subject } from '@wattledger/contracts/http/analytics';
import { ratioOf, sumKnown } from '../../asking/figures.ts';
import { instantText, type Table } from '../../csv/csv.ts';

export type RankingMeasure = 'absolute' | 'per-m2' | 'per-head';

/** What is ranked: a subject with its energy and what it may be divided by. */
export interface Candidate {
  readonly subject: Subject;
  readonly figure: Figure;
  readonly areaM2: number | null;
  readonly headcount: number | null;
  readonly slots: SlotCounts;
  readonly placeName: string | null;
  readonly tenantName: string | null;
}

export interface RankingOptions {
  readonly measure: RankingMeasure;
  readonly order: 'highest' | 'lowest';
  readonly limit: number;
}

export interface Ranked {
  readonly rows: RankingRow[];
  readonly rowsTotal: number;
  readonly rowsUnranked: number;
  readonly rowsConsumption: number | null;
}

function divisorOf(candidate: Candidate, measure: RankingMeasure): number | null {
  const divisor = measure === 'per-m2' ? candidate.areaM2 : measure === 'per-head' ? candidate.headcount : 1;
  return divisor === null || divisor <= 0 ? null : divisor;
}

function unrankedReason(candidate: Candidate, measure: RankingMeasure): RankingRow['unranked'] {
  if (divisorOf(candidate, measure) === null) return measure === 'per-m2' ? 'no-area' : 'no-headcount';
  return candidate.figure.consumption === null ? 'no-energy-known' : null;
}

/**
 * Orders two quotients a/b exactly: by cross-multiplying whole numbers where both divide by whole numbers, so that
 * equal ratios tie and rounding of a division decides nothing.
 */
function compareQuotients(
  a: { readonly value: number; readonly divisor: number },
  b: { readonly value: number; readonly divisor: number },
): number {
  if (Number.isInteger(a.divisor) && Number.isInteger(b.divisor)) {
    const left = BigInt(a.value) * BigInt(b.divisor);
    const right = BigInt(b.value) * BigInt(a.divisor);
    return left < right ? -1 : left > right ? 1 : 0;
  }
  return a.value / a.divisor - b.value / b.divisor;
}

/** Rank of each: equal values share a rank, and the next one is left out (1, 2, 2, 4). null stays null. */
export function ranksOf(
  quotients: readonly ({ readonly value: number; readonly divisor: number } | null)[],
  order: 'highest' | 'lowest',
): (number | null)[] {
  const sign = order === 'highest' ? -1 : 1;
  const sorted = quotients
    .flatMap((quotient, index) => (quotient === null ? [] : [{ quotient, index }]))
    .sort((a, b) => sign * compareQuotients(a.quotient, b.quotient));
  const ranks: (number | null)[] = quotients.map(() => null);
  sorted.forEach(({ quotient, index }, position) => {
    const previous = sorted[position - 1];
    const tied = previous !== undefined && compareQuotients(previous.quotient, quotient) === 0;
    ranks[index] = tied ? (ranks[previous.index] ?? null) : position + 1;
  });
  return ranks;
}

/** Ranks the candidates; those without a rank stand last, in the order given. */
export function rank(candidates: readonly Candidate[], { measure, order, limit }: RankingOptions): Ranked {
  const quotientOf = (
    candidate: Candidate,
    value: number | null,
  ): { value: number; divisor: number } | null => {
    const divisor = divisorOf(candidate, measure);
    return value === null || divisor === null ? null : { value, divisor };
  };
  const ranks = ranksOf(
    candidates.map((candidate) => quotientOf(candidate, candidate.figure.consumption)),
    order,
  );
  const ranksBefore = ranksOf(
    candidates.map((candidate) => quotientOf(candidate, candidate.figure.before)),
    order,
  );
  const total = sumKnown(candidates.map((candidate) => candidate.figure.consumption));
  const heldBy = new Map<number, number>();
  for (const value of ranks) if (value !== null) heldBy.set(value, (heldBy.get(value) ?? 0) + 1);
  const rows = candidates.map((candidate, index): RankingRow => {
    const own = ranks[index] ?? null;
    const divisor = divisorOf(candidate, measure);
    return {
      ...candidate.subject,
      rank: own,
      tied: own !== null && (heldBy.get(own) ?? 0) > 1,
      unranked: own === null ? unrankedReason(candidate, measure) : null,
      rankBefore: ranksBefore[index] ?? null,
      figure: candidate.figure,
      divisor: measure === 'absolute' ? null : divisor,
      value: quotient(candidate.figure.consumption, divisor),
      valueBefore: quotient(candidate.figure.before, divisor),
      share: ratioOf(candidate.figure.consumption, total),
      slots: candidate.slots,
      placeName: candidate.placeName,
      tenantName: candidate.tenantName,
    };
  });
  const ordered = rows
    .map((row, index) => ({ row, index }))
    .sort((a, b) => (a.row.rank ?? Infinity) - (b.row.rank ?? Infinity) || a.index - b.index);
  return {
    rows: ordered.slice(0, limit).map(({ row }) => row),
    rowsTotal: rows.length,
    rowsUnranked: rows.filter((row) => row.rank === null).length,
    rowsConsumption: total,
  };
}

/** Shown to a thousandth of a base unit. */
function quotient(value: number | null, divisor: number | null): number | null {
  return value === null || divisor === null ? null : Math.round((value / divisor) * 1_000) / 1_000;
}

export function rankingTable(ranked: Ranked, unit: string, asOfMs: number | null): Table {
  return {
    columns: [
      'rank',
      'tied',
      'unranked',
      'kind',
      'code',
      'name',
      'place',
      'tenant',
      `consumption_${unit}`,
      'divisor',
      'value',
      'share',
      `before_${unit}`,
      'change_share',
      'rank_before',
      'slots_measured',
      'slots_estimated',
      'slots_missing',
      'as_of',
    ],
    rows: ranked.rows.map((row) => [
      row.rank,
      row.tied ? 'yes' : 'no',
      row.unranked,
      row.kind,
      row.code,
      row.name,
      row.placeName,
      row.tenantName,
      row.figure.consumption,
      row.divisor,
      row.value,
      row.share,
      row.figure.before,
      row.figure.changeShare,
      row.rankBefore,
      row.slots.measured,
      row.slots.estimated,
      row.slots.missing,
      instantText(asOfMs),
    ]),
  };
}
