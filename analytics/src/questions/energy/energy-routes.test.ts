// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: every number of the energy question equals a slot-by-slot count over random worlds.
 * Method: fast-check draws a seed, the world is put into the real warehouse with superseded, deleted and unmerged
 * rows, the question is asked over HTTP, and testing/naive.ts counts again from the definitions.
 */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import type { EnergyAnswer } from '@wattledger/contracts/http/analytics';
import { localDayOf } from '@wattledger/contracts';
import { Dice, makeWorld, Naive, startQuestions, type Belongs, type Questions, type World } from '../../testing/index.ts';

jest.setTimeout(180_000);
let questions: Questions;
beforeAll(async () => {
  questions = await startQuestions('energy');
});
afterAll(async () => await questions.stop());

interface Asked {
  readonly query: Record<string, string>;
  /** Who a point's net energy belongs to, by the definition of the filter and the grouping. */
  readonly belongs: Belongs;
}

/** A random question together with its meaning. */
function drawQuestion(naive: Naive, dice: Dice): Asked {
  const { world } = naive;
  const query: Record<string, string> = {};
  const filters: ((id: string, ms: number) => boolean)[] = [];
  if (dice.chance(0.3)) {
    const points = new Set([dice.of(world.points).id, dice.of(world.points).id]);
    query['points'] = [...points].join(',');
    filters.push((id, ms) => naive.isAtOrBelow(id, points, ms));
    filters.push((id) => naive.point(id).role !== 'generation' || points.has(id));
  } else {
    filters.push((id) => naive.point(id).role !== 'generation');
  }
  if (dice.chance(0.3)) {
    const place = dice.of(world.places).id;
    query['places'] = place;
    filters.push((id, ms) => naive.placesAround(naive.inherited(id, ms, (point) => point.placeId)).some((around) => around.id === place));
  }
  if (dice.chance(0.25)) {
    const tenant = dice.of(world.tenants).id;
    query['tenants'] = tenant;
    filters.push((id, ms) => naive.inherited(id, ms, (point) => point.tenantId) === tenant);
  }
  if (dice.chance(0.25)) {
    query['subItems'] = 'lighting,tenant,other';
    filters.push((id, ms) => ['lighting', 'tenant', 'other'].includes(naive.subItem(id, ms) ?? ''));
  }
  const grouping = dice.of(['none', 'place', 'tenant', 'sub-item'] as const);
  query['grouping'] = grouping;
  if (grouping === 'place') query['placeLevel'] = dice.of(['building', 'floor', 'room']);
  const owner = (id: string, ms: number): string => {
    if (grouping === 'none') return 'total';
    if (grouping === 'tenant') return naive.inherited(id, ms, (point) => point.tenantId) ?? 'rest';
    if (grouping === 'sub-item') return naive.subItem(id, ms) ?? 'rest';
    return naive.placesAround(naive.inherited(id, ms, (point) => point.placeId)).find((around) => around.kind === query['placeLevel'])?.id ?? 'rest';
  };
  return { query, belongs: (id, ms) => (filters.every((filter) => filter(id, ms)) ? owner(id, ms) : null) };
}

function drawSpan(world: World, dice: Dice): { from: string; to: string } {
  const window = dice.of(world.windows);
  const first = localDayOf(world.zone, window.fromMs + dice.whole(0, 2) * 86_400_000);
  const last = localDayOf(world.zone, window.toMs + dice.whole(-1, 1) * 86_400_000);
  if (dice.chance(0.3)) {
    const length = world.slotMinutes * 60_000;
    const fromMs = Math.ceil((window.fromMs + dice.whole(0, 30) * 1_800_000) / length) * length;
    return { from: new Date(fromMs).toISOString(), to: new Date(fromMs + dice.whole(1, 90) * length).toISOString() };
  }
  return { from: first, to: last };
}

describe('energy of groups', () => {
  test('equals the count slot by slot, bucket by bucket, and the groups add up to the whole', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1_000_000 }), async (seed) => {
        const world = makeWorld(seed);
        await questions.add(world);
        const naive = new Naive(world);
        const dice = new Dice(seed + 1);
        for (let round = 0; round < 3; round += 1) {
          const { query, belongs } = drawQuestion(naive, dice);
          const span = drawSpan(world, dice);
          const grain = dice.of(['slot', 'hour', 'day', 'week', 'month', 'year']);
          const answer = await questions.ask<EnergyAnswer>(`/api/projects/${world.projectId}/energy`, { ...query, ...span, grain });
          const seen = new Set<string>();
          answer.buckets.forEach((bucket, index) => {
            const expected = naive.net(belongs, bucket.startMs, bucket.endMs);
            for (const series of answer.series) {
              const name = series.subject.id ?? (series.subject.kind === 'total' ? 'total' : 'rest');
              seen.add(name);
              const value = expected.get(name);
              expect({ name, bucket, value: series.consumption[index] }).toEqual({ name, bucket, value: value?.known === true ? value.consumption : null });
            }
            for (const name of expected.keys()) expect(seen).toContain(name);
          });
          const sum = answer.series.flatMap((series) => series.consumption).reduce<number>((total, value) => total + (value ?? 0), 0);
          expect(answer.total.consumption ?? 0).toBe(sum);
          expect(answer.buckets[0]?.startMs).toBe(grain === 'slot' ? Math.ceil(answer.period.fromMs / (world.slotMinutes * 60_000)) * world.slotMinutes * 60_000 : answer.period.fromMs);
        }
      }),
      { numRuns: 12 },
    );
  });
});
