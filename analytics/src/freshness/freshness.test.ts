// SPDX-License-Identifier: Apache-2.0
/** Goal: "as of" follows the newest accepted reading, whatever the order and repetition of messages; staleness follows the interval. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { topics, type IntervalEnergy } from '@wattledger/contracts';
import type { EnergyAnswer } from '@wattledger/contracts/http/analytics';
import { makeWorld, startQuestions, type Questions } from '../testing/index.ts';

jest.setTimeout(600_000);
let questions: Questions;
beforeAll(async () => {
  questions = await startQuestions('freshness');
});
afterAll(async () => await questions.stop());

test('the newest reading counts, late and repeated messages change nothing, silence makes stale', async () => {
  const seed = Array.from({ length: 500 }, (_unused, index) => index).find((candidate) => {
    const world = makeWorld(candidate);
    // The top point has a meter that is still there.
    return world.points[0]?.mountings.at(-1)?.toMs === null && world.lastReadingOf.size > 1;
  });
  const world = { ...makeWorld(seed ?? 0), lastReadingOf: new Map() };
  await questions.add(world);
  const top = world.points[0]?.id ?? '';
  const mounting = world.points[0]?.mountings.at(-1);
  const message = (lastReadingMs: number): IntervalEnergy => ({
    projectId: world.projectId,
    meteringPointId: top,
    segmentId: mounting?.segmentId ?? '',
    meterId: mounting?.meterId ?? '',
    quantity: 'active-import',
    zone: world.zone,
    slotMinutes: world.slotMinutes,
    localDay: '2024-01-01',
    firstSlotMs: 0,
    slotCount: 24,
    revision: 1,
    index: [],
    consumption: [],
    quality: [],
    lastReadingMs,
    lastReadingQuality: 0,
    receivedAt: 0,
  });
  const asOf = async (nowMs: number): Promise<EnergyAnswer['asOf']> => {
    questions.parts.clock.set(nowMs);
    const day = (ms: number): string => new Intl.DateTimeFormat('en-CA', { timeZone: world.zone }).format(ms);
    return (
      await questions.ask<EnergyAnswer>(`/api/projects/${world.projectId}/energy`, {
        from: day(nowMs - 86_400_000),
        to: day(nowMs + 86_400_000),
        points: top,
      })
    ).asOf;
  };
  expect(await asOf(world.nowMs)).toMatchObject({ asOfMs: null, points: 1, pointsStale: 1 });
  const newest = world.nowMs - 5 * 60_000;
  for (const ms of [newest - 60_000, newest, newest - 3_600_000, newest]) {
    await questions.parts.eventLog.append(topics.intervalEnergy, [{ key: top, value: message(ms) }]);
    await questions.parts.drain();
  }
  expect(await asOf(world.nowMs + 2_000)).toMatchObject({ asOfMs: newest, pointsStale: 0 });
  const interval = Math.max(1_800_000, world.slotMinutes * 60_000);
  expect(await asOf(newest + 2 * interval)).toMatchObject({ pointsStale: 0 });
  expect(await asOf(newest + 2 * interval + 1_001)).toMatchObject({ asOfMs: newest, pointsStale: 1 });
});
