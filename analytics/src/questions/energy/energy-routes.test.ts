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
import {
  Dice,
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
    filters.push((id, ms) =>
      naive
        .placesAround(naive.inherited(id, ms, (point) => point.placeId))
        .some((around) => around.id === place),
    );
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
    return (
      naive
        .placesAround(naive.inherited(id, ms, (point) => point.placeId))
        .find((around) => around.kind === query['placeLevel'])?.id ?? 'rest'
    );
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
    return {
      from: new Date(fromMs).toISOString(),
      to: new Date(fromMs + dice.whole(1, 90) * length).toISOString(),
    };
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
          const answer = await questions.ask<EnergyAnswer>(`/api/projects/${world.projectId}/energy`, {
            ...query,
            ...span,
            grain,
          });
          const seen = new Set<string>();
          answer.buckets.forEach((bucket, index) => {
            const expected = naive.net(belongs, bucket.startMs, bucket.endMs);
            for (const series of answer.series) {
              const name = series.subject.id ?? (series.subject.kind === 'total' ? 'total' : 'rest');
              seen.add(name);
              const value = expected.get(name);
              expect({ name, bucket, value: series.consumption[index] }).toEqual({
                name,
                bucket,
                value: value?.known === true ? value.consumption : null,
              });
            }
            for (const name of expected.keys()) expect(seen).toContain(name);
          });
          const sum = answer.series
            .flatMap((series) => series.consumption)
            .reduce<number>((total, value) => total + (value ?? 0), 0);
          expect(answer.total.consumption ?? 0).toBe(sum);
          expect(answer.buckets[0]?.startMs).toBe(
            grain === 'slot'
              ? Math.ceil(answer.period.fromMs / (world.slotMinutes * 60_000)) * world.slotMinutes * 60_000
              : answer.period.fromMs,
          );
        }
      }),
      { numRuns: 80 },
    );
  });
});

/** The instant a local day begins, by walking the clock: independent of the code under test. */
function dayStart(world: World, day: string): number {
  let ms = Date.parse(`${day}T00:00:00Z`) - 26 * 3_600_000;
  while (localDayOf(world.zone, ms) < day) ms += 900_000;
  return ms;
}
const plusDays = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
/** The same day a year before; null where there is none (29 February). */
function yearBefore(day: string): string | null {
  const wanted = `${Number(day.slice(0, 4)) - 1}${day.slice(4)}`;
  return plusDays(wanted, 0) === wanted ? wanted : null;
}

/** Each day beside its own counterpart; days of the comparison that stand alone are its 29th of February. */
function expectBuckets(
  answer: EnergyAnswer,
  own: readonly (string | null)[],
  value: (fromMs: number, toMs: number) => number | null,
): void {
  const beside = answer.comparisonBuckets ?? [];
  expect(beside.map((bucket) => bucket?.label ?? null)).toEqual(own);
  const first = own.find((day) => day !== null) ?? '';
  const last = own.findLast((day) => day !== null) ?? '';
  const alone = answer.comparisonAlone;
  const leapDay = `${first.slice(0, 4)}-02-29`;
  const isAlone =
    plusDays(leapDay, 0) === leapDay && first < leapDay && leapDay < last && !own.includes(leapDay);
  expect(alone.map((bucket) => bucket.label)).toEqual(isAlone ? [leapDay] : []);
  for (const [buckets, values] of [
    [beside, answer.series[0]?.comparison],
    [alone, answer.series[0]?.comparisonAlone],
  ] as const) {
    expect(values?.consumption).toEqual(
      buckets.map((bucket) => (bucket === null ? null : value(bucket.startMs, bucket.endMs))),
    );
  }
}

describe('comparison and coverage', () => {
  test('the span before is the same local days, up to the same part; qualities are counted once per point', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.constantFrom('previous', 'last-year'),
        async (seed, compare) => {
          const world = makeWorld(seed);
          await questions.add(world);
          const naive = new Naive(world);
          const dice = new Dice(seed + 2);
          const from = localDayOf(
            world.zone,
            (world.windows[1]?.fromMs ?? 0) + dice.whole(1, 2) * 86_400_000,
          );
          const days = dice.whole(1, 4);
          const to = plusDays(from, days);
          const answer = await questions.ask<EnergyAnswer>(`/api/projects/${world.projectId}/energy`, {
            from,
            to,
            compare,
            grain: 'day',
          });
          const belongs: Belongs = (id) => (naive.point(id).role === 'generation' ? null : 'total');
          const { period } = answer;
          expect([period.fromMs, period.toMs, period.complete]).toEqual([
            dayStart(world, from),
            dayStart(world, to),
            world.nowMs >= period.toMs,
          ]);
          const asked = Array.from({ length: days }, (_unused, index) => plusDays(from, index));
          const own = asked.map((day) => (compare === 'previous' ? plusDays(day, -days) : yearBefore(day)));
          const found = own.filter((day) => day !== null);
          const before = { from: found[0] ?? '', to: plusDays(found.at(-1) ?? '1970-01-01', 1) };
          if (found.length === 0) {
            expect(answer.comparison).toBeNull();
            expect(answer.notes).toContain('no-counterpart');
            return;
          }
          expect([answer.comparison?.fromMs, answer.comparison?.toMs]).toEqual([
            dayStart(world, before.from),
            dayStart(world, before.to),
          ]);
          const value = (fromMs: number, toMs: number): number | null => {
            const sum = naive.net(belongs, fromMs, toMs).get('total');
            return sum?.known === true ? sum.consumption : null;
          };
          expectBuckets(answer, own, value);
          expect(answer.total.consumption).toBe(value(period.fromMs, period.toMs));
          expect(answer.total.samePart).toBe(value(period.fromMs, period.untilMs));
          expect(answer.total.before).toBe(
            value(answer.comparison?.fromMs ?? 0, answer.comparison?.untilMs ?? 0),
          );
          if (period.complete)
            expect([period.untilMs, answer.comparison?.untilMs]).toEqual([
              period.toMs,
              answer.comparison?.toMs,
            ]);
          else expect(period.untilMs).toBeLessThanOrEqual(world.nowMs);
        },
      ),
      { numRuns: 20 },
    );
  });

  test('29 February of the year before stands beside no bucket, is counted by itself and is in the total', async () => {
    // The scene around 1 March 2025, looked back at a month later.
    const isScene = ({ zone, nowMs, windows }: World): boolean =>
      zone === 'Asia/Kolkata' && nowMs > (windows[1]?.toMs ?? Infinity);
    const seed = [...Array(200).keys()].find((one) => isScene(makeWorld(one))) ?? -1;
    const world = makeWorld(seed);
    await questions.add(world);
    const naive = new Naive(world);
    for (const grain of ['day', 'hour', 'slot', 'month']) {
      const answer = await questions.ask<EnergyAnswer>(`/api/projects/${world.projectId}/energy`, {
        from: '2025-02-27',
        to: '2025-03-02',
        compare: 'last-year',
        grain,
      });
      const { comparisonAlone: alone, comparisonBuckets: beside, series, total } = answer;
      const step = grain === 'slot' ? world.slotMinutes * 60_000 : 1;
      const firstMs = Math.ceil(dayStart(world, '2024-02-29') / step) * step;
      expect(alone.every((one) => one.label.startsWith(grain === 'month' ? '2024-02' : '2024-02-29'))).toBe(
        true,
      );
      const value = (fromMs: number, toMs: number): number | null => {
        const sum = naive
          .net((id) => (naive.point(id).role === 'generation' ? null : 'total'), fromMs, toMs)
          .get('total');
        return sum?.known === true ? sum.consumption : null;
      };
      expect(series[0]?.comparisonAlone?.consumption).toEqual(
        alone.map((one) => value(one.startMs, one.endMs)),
      );
      expect(series[0]?.comparison?.consumption).toEqual(
        (beside ?? []).map((one) => (one === null ? null : value(one.startMs, one.endMs))),
      );
      expect([alone[0]?.startMs, alone.at(-1)?.endMs]).toEqual([firstMs, dayStart(world, '2024-03-01')]);
      expect(total.before).toBe(value(dayStart(world, '2024-02-27'), dayStart(world, '2024-03-02')));
      expect(answer.notes).toContain('comparison-longer');
    }
  });

  test('the total and the part that is compared are the same however the selection is grouped', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1_000_000 }), async (seed) => {
        const world = makeWorld(seed);
        await questions.add(world);
        const year = localDayOf(world.zone, world.nowMs).slice(0, 4);
        const ask = async (grouping: string): Promise<EnergyAnswer> =>
          await questions.ask<EnergyAnswer>(`/api/projects/${world.projectId}/energy`, {
            from: `${year}-01-01`,
            to: `${Number(year) + 1}-01-01`,
            compare: 'last-year',
            grain: 'month',
            grouping,
          });
        const whole = await ask('none');
        for (const grouping of ['point', 'place', 'tenant', 'sub-item']) {
          const { total, period, comparison } = await ask(grouping);
          expect({ grouping, total, period, comparison }).toEqual({
            grouping,
            total: whole.total,
            period: whole.period,
            comparison: whole.comparison,
          });
        }
      }),
      { numRuns: 8, examples: [[549832], [549296]] },
    );
  });

  test.each([
    { direction: 'import', quantity: 'active-import', isGenerator: false },
    { direction: 'export', quantity: 'active-export', isGenerator: true },
  ] as const)(
    'single points show what they measured ($direction), with every slot counted once by quality',
    async ({ direction, quantity, isGenerator }) => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: 1_000_000 }), async (seed) => {
          const world = makeWorld(seed);
          await questions.add(world);
          const naive = new Naive(world);
          const span = drawSpan(world, new Dice(seed + 3));
          const answer = await questions.ask<EnergyAnswer>(`/api/projects/${world.projectId}/energy`, {
            ...span,
            direction,
            grain: 'day',
            grouping: 'point',
          });
          // A generator gives: it stands among the points only where that is asked for.
          const asked = world.points
            .filter((point) => isGenerator || point.role !== 'generation')
            .map((point) => point.id);
          expect(answer.counting).toBe('gross');
          expect(answer.series.map((series) => series.subject.id).sort()).toEqual([...asked].sort());
          for (const series of answer.series) {
            const id = series.subject.id ?? '';
            answer.buckets.forEach((bucket, index) => {
              expect({ id, bucket, value: series.consumption[index] }).toEqual({
                id,
                bucket,
                value: naive.gross(id, bucket.startMs, bucket.endMs, quantity),
              });
              const { estimated, missing } = naive.slots([id], bucket.startMs, bucket.endMs, quantity);
              expect({
                id,
                bucket,
                estimated: series.slotsEstimated[index],
                missing: series.slotsMissing[index],
              }).toEqual({ id, bucket, estimated, missing });
            });
          }
          const all = naive.slots(asked, answer.period.fromMs, answer.period.toMs, quantity);
          const { slotsMeasured, slotsEstimated, slotsEdited, slotsMissing, points } = answer.asOf;
          expect({
            measured: slotsMeasured,
            estimated: slotsEstimated,
            edited: slotsEdited,
            missing: slotsMissing,
            points,
          }).toEqual({ ...all, points: asked.length });
        }),
        { numRuns: 40 },
      );
    },
  );
});
