// SPDX-License-Identifier: Apache-2.0
/** Goal: every figure of a load profile equals the plainest computation over the slots of random worlds. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { DateTime } from 'luxon';
import fc from 'fast-check';
import { localDayOf } from '@wattledger/contracts';
import type { LoadProfileAnswer } from '@wattledger/contracts/http/analytics';
import { makeWorld, Naive, startQuestions, type Questions, type World } from '../../testing/index.ts';

jest.setTimeout(600_000);
let questions: Questions;
beforeAll(async () => {
  questions = await startQuestions('load_profile');
});
afterAll(async () => await questions.stop());

interface Plain {
  readonly ms: number;
  readonly consumption: number;
  readonly complete: boolean;
}

/** Total of the tops slot by slot, and whether 95 of 100 mounted meters have the slot. */
function plainSlots(world: World, naive: Naive, fromMs: number, toMs: number): Plain[] {
  const length = world.slotMinutes * 60_000;
  const found: Plain[] = [];
  for (const ms of naive.slotStarts(fromMs, toMs)) {
    if (ms + length > world.nowMs) continue;
    const tops = world.points
      .filter((point) => point.role !== 'generation' && naive.meteredParent(point.id, ms) === null)
      .map((point) => point.id);
    const counts = naive.slots(tops, ms, ms + 1);
    const present = counts.measured + counts.estimated + counts.edited;
    if (present === 0) continue;
    found.push({
      ms,
      consumption: tops.reduce((sum, id) => sum + naive.energy(id, ms), 0),
      complete: present >= 0.95 * (present + counts.missing),
    });
  }
  return found;
}

describe('load profile', () => {
  test('equals the plain computation', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1_000_000 }), async (seed) => {
        const world = makeWorld(seed);
        await questions.add(world);
        const naive = new Naive(world);
        const window = world.windows[1];
        const span = {
          from: localDayOf(world.zone, window?.fromMs ?? 0),
          to: localDayOf(world.zone, (window?.toMs ?? 0) + 86_400_000),
        };
        const answer = await questions.ask<LoadProfileAnswer>(
          `/api/projects/${world.projectId}/load-profile`,
          span,
        );
        const all = plainSlots(world, naive, answer.period.fromMs, answer.period.toMs);
        const counted = all.filter((slot) => slot.complete);
        const perHour = 60 / world.slotMinutes;
        const demands = counted.map((slot) => slot.consumption * perHour);
        expect(answer.slotsCounted).toBe(counted.length);
        const local = (ms: number): DateTime => DateTime.fromMillis(ms, { zone: world.zone });
        const highest = Math.max(...demands);
        if (counted.length === 0) expect(answer.maximumDemand).toBeNull();
        else {
          expect(answer.maximumDemand).toEqual({
            demandW: highest,
            slotStartMs: counted[demands.indexOf(highest)]?.ms,
            localTime: local(counted[demands.indexOf(highest)]?.ms ?? 0).toFormat("yyyy-MM-dd'T'HH:mm"),
          });
          expect(answer.meanDemandW).toBeCloseTo(
            demands.reduce((sum, demand) => sum + demand, 0) / demands.length,
            1,
          );
          const below = demands.filter((demand) => demand <= (answer.baseLoadW ?? -1)).length;
          expect(below / demands.length).toBeGreaterThanOrEqual(0.05);
          expect(
            demands.filter((demand) => demand < (answer.baseLoadW ?? -1)).length / demands.length,
          ).toBeLessThan(0.05);
        }
        for (const time of answer.averageDay) {
          const own = counted.filter((slot) => local(slot.ms).toFormat('HH:mm') === time.localTime);
          const at = own.map((slot) => slot.consumption * perHour);
          expect(time.days).toBe(own.length);
          expect(time.all).toBeCloseTo(at.reduce((sum, demand) => sum + demand, 0) / at.length, 1);
          expect([time.highest, time.lowest]).toEqual([Math.max(...at), Math.min(...at)]);
        }
        expect(answer.averageDay.reduce((sum, time) => sum + time.days, 0)).toBe(counted.length);
        answer.heatMap.days.forEach((day, row) => {
          answer.heatMap.hours[row]?.forEach((value, hour) => {
            const own = all.filter(
              (slot) => local(slot.ms).toISODate() === day && local(slot.ms).hour === hour,
            );
            expect({ day, hour, value }).toEqual({
              day,
              hour,
              value: own.length === 0 ? null : own.reduce((sum, slot) => sum + slot.consumption, 0),
            });
          });
        });
      }),
      { numRuns: 8 },
    );
  });

  test('a period that would read too much is refused before it is read', async () => {
    const world = makeWorld(5);
    await questions.add(world);
    const answer = await questions.askAs(undefined, `/api/projects/${world.projectId}/load-profile`, {
      from: '2022-01-01',
      to: '2024-01-01',
    });
    expect(answer).toMatchObject({ status: 400, body: { code: 'too-much-to-read' } });
  });
});
