// SPDX-License-Identifier: Apache-2.0
/** Goal: energy and money per time-of-use period equal a count slot by slot and charge by charge. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { localDayOf, topics, type ChargeDay, type Principal, type TouPeriod } from '@wattledger/contracts';
import type { MultiRateAnswer } from '@wattledger/contracts/http/analytics';
import {
  Dice,
  makeWorld,
  Naive,
  periodOf,
  startQuestions,
  type Questions,
  type World,
} from '../../testing/index.ts';

jest.setTimeout(600_000);
let questions: Questions;
beforeAll(async () => {
  questions = await startQuestions('multi_rate');
});
afterAll(async () => await questions.stop());

/** A charge for most days of most segments, said twice: first wrong, then right. */
function makeCharges(world: World, dice: Dice): ChargeDay[] {
  const days = new Map<string, ChargeDay>();
  for (const slot of world.slots) {
    const localDay = localDayOf(world.zone, slot.startMs);
    const key = `${slot.segmentId}/${localDay}`;
    if (!days.has(key) && dice.chance(0.2)) continue;
    const day = days.get(key) ?? {
      projectId: world.projectId,
      accountId: `acc_${slot.pointId}`,
      meteringPointId: slot.pointId,
      segmentId: slot.segmentId,
      localDay,
      revision: 2,
      lines: [],
      unpricedConsumption: 0,
    };
    if (dice.chance(0.1)) day.unpricedConsumption += slot.consumption;
    else {
      const period = periodOf(world, slot.startMs);
      const priceVersionId = dice.of(['pvr_old', 'pvr_new']);
      let line = day.lines.find(
        (candidate) => candidate.period === period && candidate.priceVersionId === priceVersionId,
      );
      if (line === undefined)
        day.lines.push((line = { period, priceVersionId, consumption: 0, amountMicros: 0 }));
      line.consumption += slot.consumption;
      line.amountMicros += slot.consumption * dice.whole(-50, 900);
    }
    days.set(key, day);
  }
  return [
    ...days.values(),
    ...[...days.values()].filter(() => dice.chance(0.2)).map((day) => items(day, dice)),
  ];
}

/** A month's items beside a day's energy. */
const items = (day: ChargeDay, dice: Dice): ChargeDay => ({
  ...day,
  segmentId: 'month-items',
  lines: (['fixed', 'tax'] as const).map((component) => ({
    component,
    period: null,
    priceVersionId: 'pvr_new',
    consumption: 0,
    amountMicros: dice.whole(-50, 900_000),
  })),
  unpricedConsumption: 0,
});

async function charge(world: World, dice: Dice): Promise<ChargeDay[]> {
  const days = makeCharges(world, dice);
  const wrong = days.map((day): ChargeDay => ({
    ...day,
    revision: 1,
    lines: [{ period: 'tip', priceVersionId: 'pvr_wrong', consumption: 1, amountMicros: 999 }],
    unpricedConsumption: 3,
  }));
  for (const round of [wrong, days, days])
    await questions.parts.eventLog.append(
      topics.chargeDays,
      round.map((value) => ({ key: value.accountId, value })),
    );
  await questions.parts.drain();
  return days;
}

const columnsOf = (
  answer: MultiRateAnswer,
  row: MultiRateAnswer['rows'][number],
  pick: 'consumption' | 'amountMicros',
): Map<TouPeriod, number> =>
  new Map(
    answer.periods.flatMap((period, index): [TouPeriod, number][] =>
      row.cells[index]?.[pick] ? [[period, row.cells[index]?.[pick] ?? 0]] : [],
    ),
  );

describe('multi-rate', () => {
  test('energy and money of every row and period', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.constantFrom('none', 'point', 'tenant'),
        fc.constantFrom('total', 'day'),
        async (seed, grouping, grain) => {
          const world = makeWorld(seed);
          await questions.add(world);
          const charges = await charge(world, new Dice(seed + 5));
          const naive = new Naive(world);
          const window = world.windows[1];
          const span = {
            from: localDayOf(world.zone, window?.fromMs ?? 0),
            to: localDayOf(world.zone, (window?.toMs ?? 0) + 86_400_000),
          };
          const answer = await questions.ask<MultiRateAnswer>(`/api/projects/${world.projectId}/multi-rate`, {
            ...span,
            grouping,
            grain,
          });
          const takes = (id: string): boolean => naive.point(id).role !== 'generation';
          for (const row of answer.rows) {
            const fromMs = row.bucket?.startMs ?? answer.period.fromMs;
            const toMs = row.bucket?.endMs ?? answer.period.toMs;
            const owner = row.subject.id ?? row.subject.kind;
            const energy = new Map<TouPeriod, number>();
            for (const ms of naive.slotStarts(fromMs, toMs)) {
              const tenantOf = (id: string, at: number): string =>
                naive.inherited(id, at, (point) => point.tenantId) ?? 'rest';
              const sum =
                grouping === 'point'
                  ? naive.energy(owner, ms)
                  : (naive
                      .net(
                        (id, at) => (takes(id) ? (grouping === 'none' ? 'total' : tenantOf(id, at)) : null),
                        ms,
                        ms + 1,
                      )
                      .get(owner)?.consumption ?? 0);
              if (sum !== 0) energy.set(periodOf(world, ms), (energy.get(periodOf(world, ms)) ?? 0) + sum);
            }
            const periods = [...energy].filter(([, value]) => value !== 0).sort();
            expect({
              owner,
              from: fromMs,
              periods: [...columnsOf(answer, row, 'consumption')].sort(),
            }).toEqual({ owner, from: fromMs, periods });
            const lastMs = answer.period.toMs - 1;
            const own = charges.filter((day) => {
              if (
                !takes(day.meteringPointId) ||
                day.localDay < localDayOf(world.zone, fromMs) ||
                day.localDay > localDayOf(world.zone, toMs - 1)
              )
                return false;
              if (grouping === 'none') return true;
              return grouping === 'point'
                ? day.meteringPointId === owner
                : (naive.inherited(day.meteringPointId, lastMs, (point) => point.tenantId) ?? 'rest') ===
                    owner;
            });
            const all = own.flatMap((day) => day.lines);
            const lines = all.filter((line) => line.component === undefined);
            const itemLines = all.filter((line) => line.component !== undefined);
            expect({
              owner,
              items: row.itemsMicros,
              amount: row.amountMicros,
              charged: row.chargedConsumption,
              unpriced: row.unpricedConsumption,
            }).toEqual({
              owner,
              items: itemLines.reduce((sum, line) => sum + line.amountMicros, 0),
              amount: lines.reduce((sum, line) => sum + line.amountMicros, 0),
              charged: lines.reduce((sum, line) => sum + line.consumption, 0),
              unpriced: own.reduce((sum, day) => sum + day.unpricedConsumption, 0),
            });
          }
          const versions = new Map<string, number>();
          for (const version of answer.priceVersions)
            versions.set(
              version.priceVersionId,
              (versions.get(version.priceVersionId) ?? 0) + version.amountMicros,
            );
          expect([...versions.values()].reduce((sum, amount) => sum + amount, 0)).toBe(
            answer.total.amountMicros,
          );
          expect(versions.has('pvr_wrong')).toBe(false);
          expect(answer.total.consumption ?? 0).toBe(
            answer.rows.reduce((sum, row) => sum + (row.consumption ?? 0), 0),
          );
        },
      ),
      { numRuns: 8 },
    );
  });

  test('who may not see accounts sees energy and no money', async () => {
    const world = makeWorld(11);
    await questions.add(world);
    await charge(world, new Dice(12));
    const analyst: Principal = {
      kind: 'staff',
      id: 'stf_analyst',
      name: 'Analyst',
      rightsByProject: { [world.projectId]: ['project:read', 'energy:read'] },
    };
    const window = world.windows[1];
    const query = {
      from: localDayOf(world.zone, window?.fromMs ?? 0),
      to: localDayOf(world.zone, window?.toMs ?? 0),
    };
    const answer = (await questions.askAs(analyst, `/api/projects/${world.projectId}/multi-rate`, query))
      .body as MultiRateAnswer;
    expect(answer).toMatchObject({
      moneyShown: false,
      priceVersions: [],
      total: { amountMicros: 0, chargedConsumption: 0, unpricedConsumption: 0 },
    });
    expect(
      (await questions.ask<MultiRateAnswer>(`/api/projects/${world.projectId}/multi-rate`, query)).total
        .chargedConsumption,
    ).toBeGreaterThan(0);
  });
});
