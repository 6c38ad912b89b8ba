// SPDX-License-Identifier: Apache-2.0
/** Goal: links carry what the points measured under the parent of the time; ends and losses add up to what came in. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { localDayOf } from '@wattledger/contracts';
import type { EnergyFlowAnswer } from '@wattledger/contracts/http/analytics';
import { makeWorld, Naive, startQuestions, type Questions } from '../../testing/index.ts';

jest.setTimeout(600_000);
let questions: Questions;
beforeAll(async () => {
  questions = await startQuestions('energy_flow');
});
afterAll(async () => await questions.stop());

describe('energy flow over HTTP', () => {
  test('links equal a count slot by slot', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.constantFrom('sub-item', 'place', 'tenant', 'none'),
        async (seed, ends) => {
          const world = makeWorld(seed);
          await questions.add(world);
          const naive = new Naive(world);
          const window = world.windows[0];
          const span = {
            from: localDayOf(world.zone, window?.fromMs ?? 0),
            to: localDayOf(world.zone, (window?.toMs ?? 0) + 86_400_000),
          };
          const answer = await questions.ask<EnergyFlowAnswer>(
            `/api/projects/${world.projectId}/energy-flow`,
            { ...span, ends },
          );
          const takers = world.points.filter((point) => point.role !== 'generation').map((point) => point.id);
          const under = new Map<string, number>();
          const own = new Map<string, number>();
          for (const ms of naive.slotStarts(answer.period.fromMs, answer.period.toMs)) {
            for (const id of takers) {
              const parent = naive.meteredParent(id, ms);
              const energy = naive.energy(id, ms);
              own.set(id, (own.get(id) ?? 0) + energy);
              if (parent !== null) under.set(`${parent} ${id}`, (under.get(`${parent} ${id}`) ?? 0) + energy);
            }
          }
          const isPoint = (id: string): boolean => takers.includes(id);
          for (const link of answer.links.filter(
            (candidate) => isPoint(candidate.source) && isPoint(candidate.target),
          )) {
            expect({ link: `${link.source} ${link.target}`, consumption: link.consumption }).toEqual({
              link: `${link.source} ${link.target}`,
              consumption: under.get(`${link.source} ${link.target}`),
            });
          }
          const out = (id: string): number =>
            answer.links
              .filter((link) => link.source === id)
              .reduce((sum, link) => sum + link.consumption, 0);
          const gained = (id: string): number =>
            answer.links
              .filter((link) => link.target === id && link.kind === 'generation')
              .reduce((sum, link) => sum + link.consumption, 0);
          for (const node of answer.nodes.filter((candidate) => isPoint(candidate.id))) {
            const excess = answer.excesses.find((one) => one.meteringPointId === node.id)?.excess ?? 0;
            const passed = (own.get(node.id) ?? 0) + gained(node.id) + excess;
            // With nothing for ends a point without children is an end itself.
            expect({ id: node.id, out: out(node.id) }).toEqual({
              id: node.id,
              out: ends === 'none' && out(node.id) === 0 ? 0 : passed,
            });
          }
          expect(answer.counting).toBe('gross');
        },
      ),
      { numRuns: 8 },
    );
  });

  test('drilling begins at the root and shows the way back; a root of another medium is refused', async () => {
    const seeds = Array.from({ length: 200 }, (_unused, index) => 3_000_000 + index);
    const deep = (seed: number): string | undefined => {
      const world = makeWorld(seed);
      const naive = new Naive(world);
      const end = (world.windows[1]?.toMs ?? 0) - 1;
      return world.points.find(
        (point) =>
          point.role !== 'generation' &&
          naive.link(point.id, end) !== null &&
          naive.linkedChildren(point.id, end).length > 0,
      )?.id;
    };
    const seed = seeds.find((candidate) => deep(candidate) !== undefined) ?? 0;
    const world = makeWorld(seed);
    await questions.add(world);
    const root = deep(seed) ?? '';
    const span = {
      from: localDayOf(world.zone, world.windows[1]?.fromMs ?? 0),
      to: localDayOf(world.zone, world.windows[1]?.toMs ?? 0),
    };
    const answer = await questions.ask<EnergyFlowAnswer>(`/api/projects/${world.projectId}/energy-flow`, {
      ...span,
      root,
    });
    expect(answer.path.at(-1)?.meteringPointId).toBe(root);
    expect(answer.path.length).toBeGreaterThan(1);
    expect(answer.links.every((link) => link.target !== root)).toBe(true);
    const refused = await questions.askAs(undefined, `/api/projects/${world.projectId}/energy-flow`, {
      ...span,
      root,
      medium: 'water',
    });
    expect(refused).toMatchObject({ status: 404, body: { code: 'no-such-metering-point' } });
  });
});
