// SPDX-License-Identifier: Apache-2.0
/** Goal: every calendar span stands beside the same one a year or a month before, counted slot by slot. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { boundsOfLocalDay, localDayOf } from '@wattledger/contracts';
import type { ComparedAnswer } from '@wattledger/contracts/http/analytics';
import {
  makeWorld,
  Naive,
  startQuestions,
  type Belongs,
  type Questions,
  type World,
} from '../../testing/index.ts';

jest.setTimeout(600_000);
let questions: Questions;
beforeAll(async () => {
  questions = await startQuestions('year_on_year');
});
afterAll(async () => await questions.stop());

/** The start of a local day given by its parts; days past the end of a month run on into the next. */
function edge(world: World, year: number, month: number, day: number): number {
  return boundsOfLocalDay(world.zone, new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10))
    .startMs;
}
const partsOf = (day: string): [number, number, number] => [
  Number(day.slice(0, 4)),
  Number(day.slice(5, 7)),
  Number(day.slice(8, 10)),
];
const lastOf = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();
/** Of the 29th, 30th, 31st where the earlier month has none: its end. */
function clamp(year: number, month: number, day: number): [number, number, number] {
  return day > lastOf(year, month) ? [year, month + 1, 1] : [year, month, day];
}

describe('year on year and month on month', () => {
  test('each bucket and its counterpart equal their counts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.constantFrom('day', 'month', 'year', 'month-on-month'),
        async (seed, what) => {
          const world = makeWorld(seed);
          await questions.add(world);
          const naive = new Naive(world);
          const belongs: Belongs = (id) => (naive.point(id).role === 'generation' ? null : 'total');
          const value = (fromMs: number, toMs: number): number | null => {
            const sum = naive.net(belongs, fromMs, toMs).get('total');
            return sum?.known === true ? sum.consumption : null;
          };
          const window = world.windows[1];
          const from = localDayOf(world.zone, window?.fromMs ?? 0);
          const to = localDayOf(world.zone, (window?.toMs ?? 0) + 86_400_000);
          const path = what === 'month-on-month' ? 'month-on-month' : 'year-on-year';
          const answer = await questions.ask<ComparedAnswer>(`/api/projects/${world.projectId}/${path}`, {
            from,
            to,
            ...(what === 'month-on-month' ? {} : { grain: what }),
          });
          const months = what === 'month-on-month' ? 1 : 12;
          const shifted = (ms: number): number => {
            const [year, month, day] = partsOf(localDayOf(world.zone, ms));
            return edge(world, ...clamp(year, month - months, day));
          };
          /** An end: of whole months the end of whole months, else of the counterpart of the day it ends. */
          const shiftedEnd = (startMs: number, endMs: number): number => {
            const [, , firstDay] = partsOf(localDayOf(world.zone, startMs));
            const [year, month, day] = partsOf(localDayOf(world.zone, endMs - 1));
            if ((firstDay === 1 && day === lastOf(year, month)) || day > lastOf(year, month - months))
              return shifted(endMs);
            return edge(world, year, month - months, day + 1);
          };
          answer.buckets.forEach((bucket, index) => {
            const figure = answer.series[0]?.figures[index];
            expect({ bucket, consumption: figure?.consumption }).toEqual({
              bucket,
              consumption: value(bucket.startMs, bucket.endMs),
            });
            const wanted = {
              startMs: shifted(bucket.startMs),
              endMs: shiftedEnd(bucket.startMs, bucket.endMs),
            };
            if (wanted.endMs <= wanted.startMs) {
              expect(bucket.before).toBeNull();
              return;
            }
            expect(bucket.before).toMatchObject(wanted);
            const untilMs = Math.max(wanted.startMs, Math.min(wanted.endMs, answer.comparison?.untilMs ?? 0));
            expect({ bucket, before: figure?.before }).toEqual({
              bucket,
              before: untilMs > wanted.startMs ? value(wanted.startMs, untilMs) : null,
            });
          });
        },
      ),
      { numRuns: 8 },
    );
  });

  test('instants are refused with a hint', async () => {
    const world = makeWorld(3);
    await questions.add(world);
    const answer = await questions.askAs(undefined, `/api/projects/${world.projectId}/year-on-year`, {
      from: '2024-01-01T00:00:00Z',
      to: '2024-02-01',
    });
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'whole-days-only', faults: [{ path: 'from' }] },
    });
  });
});
