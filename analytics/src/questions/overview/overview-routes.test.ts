// SPDX-License-Identifier: Apache-2.0
/** Goal: the first page says the same as the questions behind it and as a count slot by slot. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { topics } from '@wattledger/contracts';
import type { EnergyAnswer, GroupOverview, ProjectOverview } from '@wattledger/contracts/http/analytics';
import { makeWorld, Naive, startQuestions, type Belongs, type Questions } from '../../testing/index.ts';

jest.setTimeout(600_000);
let questions: Questions;
beforeAll(async () => {
  questions = await startQuestions('overview');
});
afterAll(async () => await questions.stop());

/** The questions behind the page say the same, comparisons included. */
async function agreesWithEnergy(overview: ProjectOverview): Promise<void> {
  const electricity = overview.media[0];
  const ask = async (
    span: 'today' | 'month' | 'year',
    query: Record<string, string>,
  ): Promise<EnergyAnswer> => {
    const { from, to } = overview.spans[span];
    return await questions.ask<EnergyAnswer>(`/api/projects/${overview.projectId}/energy`, {
      from,
      to,
      grain: 'year',
      ...query,
    });
  };
  for (const span of ['today', 'month', 'year'] as const) {
    const answer = await ask(span, { compare: 'previous' });
    expect({ span, figure: electricity?.[span] }).toEqual({ span, figure: answer.total });
    const coverage = electricity?.coverage[span];
    expect({ span, asOf: coverage?.asOf }).toEqual({ span, asOf: answer.asOf });
    const { from, fromMs, untilMs } = answer.comparison ?? { from: '', fromMs: 0, untilMs: 0 };
    if (untilMs <= fromMs) continue;
    const before = await questions.ask<EnergyAnswer>(`/api/projects/${overview.projectId}/energy`, {
      from,
      to: new Date(untilMs).toISOString(),
      grain: 'year',
    });
    expect({ span, before: coverage?.before }).toEqual({ span, before: before.asOf });
  }
  const slots = await ask('today', { grain: 'slot' });
  expect(electricity?.curve).toMatchObject({
    slotsEstimated: slots.series[0]?.slotsEstimated,
    slotsMissing: slots.series[0]?.slotsMissing,
  });
  expect(electricity?.monthYearOnYear).toEqual((await ask('month', { compare: 'last-year' })).total);
  for (const [grouping, rows] of [
    ['sub-item', electricity?.bySubItem],
    ['place', electricity?.byPlace],
  ] as const) {
    const answer = await ask('month', { compare: 'previous', grouping });
    for (const row of rows ?? []) {
      const series = answer.series.find((one) => one.subject.id === row.id && one.subject.kind === row.kind);
      expect({ grouping, id: row.id, figure: row.month, slots: row.slots }).toEqual({
        grouping,
        id: row.id,
        figure: series?.total,
        slots: series?.slots,
      });
    }
  }
}

describe('overview', () => {
  test('figures, parts and curve equal their counts; the parts add up to the month', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1_000_000 }), async (seed) => {
        const world = makeWorld(seed);
        await questions.add(world);
        const naive = new Naive(world);
        const belongs: Belongs = (id) => (naive.point(id).role === 'generation' ? null : 'total');
        const value = (fromMs: number, toMs: number): number | null => {
          const sum = naive.net(belongs, fromMs, toMs).get('total');
          return sum?.known === true ? sum.consumption : null;
        };
        const overview = await questions.ask<ProjectOverview>(`/api/projects/${world.projectId}/overview`);
        expect(overview.counts).toMatchObject({
          meteringPoints: world.points.length,
          tenants: world.tenants.length,
          places: world.places.length,
        });
        const electricity = overview.media[0];
        expect(overview.media.map((medium) => medium.medium)).toEqual(['electricity']);
        for (const [name, span] of Object.entries(overview.spans)) {
          const figure = electricity?.[name as 'today' | 'month' | 'year'];
          expect({ name, consumption: figure?.consumption }).toEqual({
            name,
            consumption: value(span.fromMs, span.toMs),
          });
          expect(world.nowMs).toBeGreaterThanOrEqual(span.fromMs);
          expect(world.nowMs).toBeLessThan(span.toMs);
        }
        const sumOf = (
          rows: readonly { readonly month: { readonly consumption: number | null } }[],
        ): number => rows.reduce((sum, row) => sum + (row.month.consumption ?? 0), 0);
        expect(sumOf(electricity?.bySubItem ?? [])).toBe(electricity?.month.consumption ?? 0);
        expect(sumOf(electricity?.byPlace ?? [])).toBe(electricity?.month.consumption ?? 0);
        electricity?.curve.startMs.forEach((ms, index) => {
          expect({ ms, value: electricity.curve.today[index] }).toEqual({ ms, value: value(ms, ms + 1) });
        });
        await agreesWithEnergy(overview);
        const top = electricity?.topConsumers.map((row) => row.month.consumption ?? 0) ?? [];
        expect(top).toEqual([...top].sort((a, b) => b - a));
      }),
      // 10685: a main that ended this year with others that went on, and last year counted through theirs.
      { numRuns: 6, examples: [[10685]] },
    );
  });

  test('the group tells every project with what was charged', async () => {
    const world = makeWorld(77);
    await questions.add(world);
    const day = new Intl.DateTimeFormat('en-CA', { timeZone: world.zone }).format(world.nowMs);
    const charge = {
      projectId: world.projectId,
      accountId: 'acc_1',
      meteringPointId: world.points[0]?.id ?? '',
      segmentId: 'seg_1',
      localDay: day,
      unpricedConsumption: 0,
    };
    const line = (amountMicros: number) => [
      { period: 'flat' as const, priceVersionId: 'pvr_1', consumption: 10, amountMicros },
    ];
    await questions.parts.eventLog.append(topics.chargeDays, [
      { key: 'acc_1', value: { ...charge, revision: 1, lines: line(5) } },
      { key: 'acc_1', value: { ...charge, revision: 2, lines: line(7_000_000) } },
    ]);
    await questions.parts.drain();
    const group = await questions.ask<GroupOverview>('/api/overview');
    const own = group.projects.find((project) => project.projectId === world.projectId);
    expect(own).toMatchObject({
      meteringPoints: world.points.length,
      charges: { todayMicros: 7_000_000, monthMicros: 7_000_000, yearMicros: 7_000_000 },
    });
    const project = await questions.ask<ProjectOverview>(`/api/projects/${world.projectId}/overview`);
    expect(own?.media[0]?.month).toEqual(project.media[0]?.month);
  });
});
