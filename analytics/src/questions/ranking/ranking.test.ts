// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { figureOf } from '../../asking/figures.ts';
import { rank, type Candidate, type RankingMeasure } from './ranking.ts';

function candidate(
  id: string,
  consumption: number | null,
  areaM2: number | null = null,
  headcount: number | null = null,
  before: number | null = null,
): Candidate {
  return {
    subject: { kind: 'point', id, code: id, name: id },
    figure: figureOf(consumption, consumption, before),
    areaM2,
    headcount,
    slots: { measured: 0, estimated: 0, edited: 0, missing: 0 },
    placeName: null,
    tenantName: null,
  };
}
const options = { order: 'highest', limit: 1_000 } as const;

describe('ranking', () => {
  test('equal values share a rank and the next is left out; unknown stands last with its reason', () => {
    const ranked = rank(
      [candidate('a', 5), candidate('b', 9), candidate('c', 5), candidate('d', null), candidate('e', 1)],
      { ...options, measure: 'absolute' },
    );
    expect(ranked.rows.map((row) => [row.id, row.rank, row.tied, row.unranked])).toEqual([
      ['b', 1, false, null],
      ['a', 2, true, null],
      ['c', 2, true, null],
      ['e', 4, false, null],
      ['d', null, false, 'no-energy-known'],
    ]);
    expect([ranked.rowsTotal, ranked.rowsUnranked, ranked.rowsConsumption]).toEqual([5, 1, 20]);
  });

  test('per m² ties exactly, however the division would round; without area there is no rank', () => {
    const ranked = rank(
      [
        candidate('a', 1, 3),
        candidate('b', 3_333_333, 9_999_999),
        candidate('c', 1_000, 3_000),
        candidate('d', 7, 0),
        candidate('e', 7),
      ],
      { ...options, measure: 'per-m2' },
    );
    expect(ranked.rows.map((row) => [row.id, row.rank, row.unranked])).toEqual([
      ['a', 1, null],
      ['b', 1, null],
      ['c', 1, null],
      ['d', null, 'no-area'],
      ['e', null, 'no-area'],
    ]);
  });

  test('the rank before is the rank among the values before', () => {
    const ranked = rank([candidate('a', 3, null, null, 1), candidate('b', 2, null, null, 8)], {
      ...options,
      measure: 'absolute',
    });
    expect(ranked.rows.map((row) => [row.id, row.rank, row.rankBefore])).toEqual([
      ['a', 1, 2],
      ['b', 2, 1],
    ]);
  });

  test('a rank is one more than the number of those that are ahead', () => {
    const candidates = fc.array(
      fc.tuple(
        fc.option(fc.integer({ min: -50, max: 50 })),
        fc.option(fc.integer({ min: 0, max: 6 })),
        fc.option(fc.integer({ min: 0, max: 6 })),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(
        candidates,
        fc.constantFrom<RankingMeasure>('absolute', 'per-m2', 'per-head'),
        fc.constantFrom('highest' as const, 'lowest' as const),
        (drawn, measure, order) => {
          const list = drawn.map(([consumption, area, heads], index) =>
            candidate(`p${index}`, consumption, area, heads),
          );
          const ranked = rank(list, { measure, order, limit: 1_000 });
          const valueOf = (one: Candidate): number | null => {
            const divisor = measure === 'per-m2' ? one.areaM2 : measure === 'per-head' ? one.headcount : 1;
            // 60 is a multiple of every divisor drawn: exact in whole numbers.
            return one.figure.consumption === null || divisor === null || divisor === 0
              ? null
              : (one.figure.consumption * 60) / divisor;
          };
          for (const row of ranked.rows) {
            const own = valueOf(list.find((one) => one.subject.id === row.id) ?? candidate('', null));
            const ahead = list.filter((one) => {
              const value = valueOf(one);
              return value !== null && own !== null && (order === 'highest' ? value > own : value < own);
            });
            expect(row.rank).toBe(own === null ? null : ahead.length + 1);
            expect(row.tied).toBe(own !== null && list.filter((one) => valueOf(one) === own).length > 1);
          }
        },
      ),
    );
  });
});
