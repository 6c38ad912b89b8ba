// SPDX-License-Identifier: Apache-2.0
/** Goal: each check passes on a sound world and names what is wrong on one that was tampered with. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { localDayOf, topics, type ChargeDay } from '@wattledger/contracts';
import { makeWorld, startQuestions, type Questions, type World } from '../testing/index.ts';

jest.setTimeout(600_000);
let questions: Questions;
let world: World;
beforeAll(async () => {
  questions = await startQuestions('doctor');
  world = makeWorld(31);
  await questions.add(world);
});
afterAll(async () => await questions.stop());

const ask = async (name: RegExp): Promise<{ ok: boolean; detail: string }> => {
  const check = questions.service.doctorChecks.find((candidate) => name.test(candidate.name));
  if (check === undefined) throw new Error(`no check ${String(name)}`);
  return await check.check();
};

/** Every slot of a segment charged, day by day. */
function chargesOf(segmentId: string, pointId: string): ChargeDay[] {
  const days = new Map<string, number>();
  for (const slot of world.slots) {
    if (slot.segmentId !== segmentId) continue;
    const day = localDayOf(world.zone, slot.startMs);
    days.set(day, (days.get(day) ?? 0) + slot.consumption);
  }
  return [...days].map(([localDay, consumption]) => ({
    projectId: world.projectId,
    accountId: 'acc_1',
    meteringPointId: pointId,
    segmentId,
    localDay,
    revision: 1,
    unpricedConsumption: 1,
    lines: [
      { period: 'flat' as const, priceVersionId: 'pvr_1', consumption: consumption - 1, amountMicros: 1 },
    ],
  }));
}
const tell = async (days: readonly ChargeDay[]): Promise<void> => {
  await questions.parts.eventLog.append(
    topics.chargeDays,
    days.map((value) => ({ key: value.accountId, value })),
  );
  await questions.parts.drain();
};

test('a sound world passes; a changed charge and a changed day are named', async () => {
  const segment = world.slots[0];
  const charges = chargesOf(segment?.segmentId ?? '', segment?.pointId ?? '');
  expect(charges.length).toBeGreaterThan(3);
  await tell(charges);
  expect(await ask(/daily sums/)).toEqual({ ok: true, detail: 'holds in 1 projects' });
  expect(await ask(/charged \+ unpriced/)).toEqual({ ok: true, detail: 'holds in 1 projects' });
  expect(await ask(/taken in/)).toEqual({ ok: true, detail: 'nothing waits' });
  const middle = charges[1];
  if (middle === undefined) throw new Error('three days were charged');
  await tell([{ ...middle, revision: 2, unpricedConsumption: 2 }]);
  const charged = await ask(/charged \+ unpriced/);
  expect(charged.ok).toBe(false);
  expect(charged.detail).toContain(middle.localDay);
  await questions.parts.warehouse.command(
    `INSERT INTO days SELECT * REPLACE (consumption + 1 AS consumption, revision + 1000 AS revision) FROM days FINAL
     WHERE project_id = {project:String} AND segment_id = {segment:String} ORDER BY local_day LIMIT 1`,
    { project: world.projectId, segment: segment?.segmentId },
  );
  const days = await ask(/daily sums/);
  expect(days.ok).toBe(false);
  expect(days.detail).toContain(segment?.segmentId);
});
