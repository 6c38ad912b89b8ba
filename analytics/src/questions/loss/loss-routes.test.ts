// SPDX-License-Identifier: Apache-2.0
/** Goal: losses equal a slot-by-slot comparison, from daily rows and from slots, under a tree that changes. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { localDayOf } from '@wattledger/contracts';
import type { LossAnswer, LossSeriesAnswer } from '@wattledger/contracts/http/analytics';
import { Dice, makeWorld, Naive, startQuestions, type Questions, type World } from '../../testing/index.ts';

jest.setTimeout(600_000);
let questions: Questions;
beforeAll(async () => {
  questions = await startQuestions('loss');
});
afterAll(async () => await questions.stop());

function drawSpan(world: World, dice: Dice): { from: string; to: string } {
  const window = dice.of(world.windows);
  const length = world.slotMinutes * 60_000;
  const instant = (ms: number): string => new Date(Math.floor(ms / length) * length).toISOString();
  const day = (ms: number): string => localDayOf(world.zone, ms);
  const fromMs = window.fromMs + dice.whole(0, 40) * 1_800_000;
  const toMs = window.toMs - dice.whole(0, 40) * 1_800_000;
  const whole = { from: day(fromMs), to: day(toMs + 86_400_000) };
  return dice.of([
    whole,
    { from: instant(fromMs), to: instant(toMs) },
    { from: whole.from, to: instant(toMs) },
  ]);
}

describe('loss', () => {
  test('of every parent equals the comparison slot by slot', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1_000_000 }), async (seed) => {
        const world = makeWorld(seed);
        await questions.add(world);
        const naive = new Naive(world);
        const answer = await questions.ask<LossAnswer>(
          `/api/projects/${world.projectId}/loss`,
          drawSpan(world, new Dice(seed + 4)),
        );
        const { fromMs, toMs } = answer.period;
        const withChildren = world.points.filter(
          (point) =>
            point.role !== 'generation' &&
            point.mountings.length > 0 &&
            [...naive.slotStarts(fromMs, toMs)].some((ms) => naive.linkedChildren(point.id, ms).length > 0),
        );
        expect(answer.parents.map((parent) => parent.meteringPointId).sort()).toEqual(
          withChildren.map((point) => point.id).sort(),
        );
        for (const parent of answer.parents) {
          const expected = naive.loss(parent.meteringPointId, fromMs, toMs);
          const none = expected.slotsCompared === 0;
          expect(parent).toMatchObject({
            slotsCompared: expected.slotsCompared,
            slotsExpected: expected.slotsExpected,
            input: none ? null : expected.input,
            children: none ? null : expected.children,
            loss: none ? null : expected.input - expected.children,
          });
        }
        const depthOf = new Map(answer.parents.map((parent) => [parent.meteringPointId, parent.depth]));
        for (const parent of answer.parents)
          if (parent.parentId !== null) expect(parent.depth).toBe((depthOf.get(parent.parentId) ?? NaN) + 1);
      }),
      { numRuns: 8 },
    );
  });

  test('day by day adds up to the whole', async () => {
    const compares = (world: World): boolean => {
      const naive = new Naive(world);
      const window = world.windows[0];
      return (
        world.points.filter(
          (point) => naive.loss(point.id, window?.fromMs ?? 0, window?.toMs ?? 0).slotsCompared > 50,
        ).length >= 2
      );
    };
    const seed = Array.from({ length: 200 }, (_unused, index) => 2_000_000 + index).find((candidate) =>
      compares(makeWorld(candidate)),
    );
    const world = makeWorld(seed ?? 0);
    await questions.add(world);
    const window = world.windows[0];
    const span = {
      from: localDayOf(world.zone, window?.fromMs ?? 0),
      to: localDayOf(world.zone, window?.toMs ?? 0),
    };
    const all = await questions.ask<LossAnswer>(`/api/projects/${world.projectId}/loss`, span);
    expect(all.parents.length).toBeGreaterThan(0);
    for (const parent of all.parents) {
      const series = await questions.ask<LossSeriesAnswer>(
        `/api/projects/${world.projectId}/loss/${parent.meteringPointId}`,
        span,
      );
      const sum = (pick: (day: LossSeriesAnswer['days'][number]) => number | null): number =>
        series.days.reduce((total, day) => total + (pick(day) ?? 0), 0);
      expect([
        sum((day) => day.input),
        sum((day) => day.children),
        sum((day) => day.slotsCompared),
        sum((day) => day.slotsExpected),
      ]).toEqual([parent.input ?? 0, parent.children ?? 0, parent.slotsCompared, parent.slotsExpected]);
      expect(series.parent).toMatchObject({ input: parent.input, loss: parent.loss });
    }
  });

  test('a point without children, and one of another project, are refused', async () => {
    const world = makeWorld(7);
    await questions.add(world);
    const leaf = world.points.find(
      (point) => !world.points.some((other) => other.parentLinks.some((link) => link.parentId === point.id)),
    );
    const ask = async (id: string) =>
      await questions.askAs(undefined, `/api/projects/${world.projectId}/loss/${id}`, {
        from: '2024-03-01',
        to: '2024-03-02',
      });
    expect(await ask(leaf?.id ?? '')).toMatchObject({ status: 404, body: { code: 'no-children' } });
    expect(await ask('pnt_elsewhere')).toMatchObject({
      status: 404,
      body: { code: 'no-such-metering-point' },
    });
  });
});
