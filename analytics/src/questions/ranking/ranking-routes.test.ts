// SPDX-License-Identifier: Apache-2.0
/** Goal: what is ranked is what each point measured, or what belongs to a tenant or place, counted slot by slot. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { localDayOf } from '@wattledger/contracts';
import type { ProjectRankingAnswer, RankingAnswer } from '@wattledger/contracts/http/analytics';
import { makeWorld, Naive, startQuestions, type Questions } from '../../testing/index.ts';

jest.setTimeout(600_000);
let questions: Questions;
beforeAll(async () => {
  questions = await startQuestions('ranking');
});
afterAll(async () => await questions.stop());

describe('ranking over HTTP', () => {
  test('of points, tenants and places', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.constantFrom('point', 'tenant', 'place'),
        fc.constantFrom('absolute', 'per-m2', 'per-head'),
        async (seed, by, measure) => {
          const world = makeWorld(seed);
          await questions.add(world);
          const naive = new Naive(world);
          const window = world.windows[0];
          const span = {
            from: localDayOf(world.zone, window?.fromMs ?? 0),
            to: localDayOf(world.zone, (window?.toMs ?? 0) + 86_400_000),
          };
          const answer = await questions.ask<RankingAnswer>(`/api/projects/${world.projectId}/ranking`, {
            ...span,
            by,
            measure,
            among: 'all',
            placeLevel: 'floor',
            compare: 'previous',
          });
          const { fromMs, toMs } = answer.period;
          const takes = (id: string): boolean => naive.point(id).role !== 'generation';
          const net = naive.net(
            (id, ms) => {
              if (!takes(id)) return null;
              if (by === 'tenant') return naive.inherited(id, ms, (point) => point.tenantId) ?? 'rest';
              return (
                naive
                  .placesAround(naive.inherited(id, ms, (point) => point.placeId))
                  .find((place) => place.kind === 'floor')?.id ?? 'rest'
              );
            },
            fromMs,
            toMs,
          );
          for (const row of answer.rows) {
            const own = net.get(row.id ?? '');
            const expected =
              by === 'point'
                ? naive.gross(row.id ?? '', fromMs, toMs)
                : own?.known === true
                  ? own.consumption
                  : null;
            expect({ id: row.id, value: row.figure.consumption }).toEqual({ id: row.id, value: expected });
            if (measure === 'absolute') expect(row.value).toBe(expected);
            else if (row.value !== null)
              expect(row.value).toBeCloseTo((expected ?? NaN) / (row.divisor ?? NaN), 2);
            if (row.rank === null) expect(row.unranked).not.toBeNull();
          }
          if (by === 'point')
            expect(answer.rowsTotal).toBe(world.points.filter((point) => takes(point.id)).length);
          const ranks = answer.rows.map((row) => row.rank ?? Infinity);
          expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
        },
      ),
      { numRuns: 8 },
    );
  });

  test('a limit is told as such', async () => {
    const world = makeWorld(8);
    await questions.add(world);
    const answer = await questions.ask<RankingAnswer>(`/api/projects/${world.projectId}/ranking`, {
      from: '2024-03-01',
      to: '2024-03-02',
      among: 'all',
      limit: '1',
    });
    expect(answer.rows.length).toBe(1);
    expect(answer.notes).toContain('rows-truncated');
  });

  test('projects stand against each other, each by its own days', async () => {
    const worlds = [makeWorld(21), makeWorld(22)];
    for (const world of worlds) await questions.add(world);
    const span = { from: '2023-01-01', to: '2025-12-31', limit: '1000' };
    const answer = await questions.ask<ProjectRankingAnswer>('/api/ranking', span);
    expect(answer.comparisonAsOf).toBeNull();
    const compared = await questions.ask<ProjectRankingAnswer>('/api/ranking', {
      ...span,
      from: '2024-01-01',
      to: '2025-01-01',
      compare: 'previous',
    });
    // The year before of all is what they say of that year when asked for it.
    const before = await questions.ask<ProjectRankingAnswer>('/api/ranking', {
      ...span,
      from: '2023-01-01',
      to: '2024-01-01',
    });
    expect(compared.comparisonAsOf).toEqual(before.asOf);
    for (const world of worlds) {
      const naive = new Naive(world);
      const all = naive
        .net(
          (id) => (naive.point(id).role === 'generation' ? null : 'total'),
          world.windows[0]?.fromMs ?? 0,
          world.windows[1]?.toMs ?? 0,
        )
        .get('total');
      expect(answer.rows.find((row) => row.id === world.projectId)?.figure.consumption).toBe(
        all?.known === true ? all.consumption : null,
      );
    }
  });
});
