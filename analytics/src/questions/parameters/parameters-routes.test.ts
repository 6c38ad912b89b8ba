// SPDX-License-Identifier: Apache-2.0
/** Goal: every figure of a bucket is that of the polls in it. Method: random polls, the answer against a plain loop over them. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import type { RegistrySnapshot } from '@wattledger/contracts';
import type { ParameterNames, ParametersAnswer } from '@wattledger/contracts/http/analytics';
import { Dice, makeWorld, snapshotsOf, startQuestions, type Questions } from '../../testing/index.ts';

jest.setTimeout(600_000);
let questions: Questions;
beforeAll(async () => {
  questions = await startQuestions('parameters');
});
afterAll(async () => await questions.stop());

/** The table forgets what is older than three years by the engine's own clock: a day of the far future stays. */
const beginMs = Date.parse('2071-10-23T22:00:00Z');
const dayMs = 86_400_000;
const span = { from: '2071-10-24', to: '2071-10-27' };
const zone = 'Europe/Berlin';

interface Poll {
  readonly atMs: number;
  /** Thousandths. */
  readonly values: Readonly<Record<string, number>>;
}

async function tellMeter(projectId: string, meterId: string): Promise<void> {
  const project = snapshotsOf(makeWorld(1))[0];
  if (project?.entity !== 'project' || project.snapshot === null)
    throw new Error('a world begins with its project');
  const told: RegistrySnapshot[] = [
    {
      entity: 'project',
      id: projectId,
      projectId,
      snapshot: { ...project.snapshot, id: projectId, zone, slotMinutes: 15 },
    },
    {
      entity: 'meter',
      id: meterId,
      projectId,
      snapshot: {
        ...{ id: meterId, projectId, serial: meterId, modelId: null, gatewayId: null, unitId: null },
        ...{ lineAddress: null, pollIntervalSeconds: null, switchable: false, enabled: true },
      },
    },
  ];
  await questions.tell(told);
}

async function fill(projectId: string, meterId: string, polls: readonly Poll[]): Promise<void> {
  const rows = polls.flatMap(({ atMs, values }) =>
    Object.entries(values).map(([name, value]) => [projectId, meterId, name, atMs, value]),
  );
  const columns = ['project_id', 'meter_id', 'parameter', 'instant', 'value_thousandths'];
  await questions.parts.warehouse.insert('parameters', columns, rows);
  // A repeated delivery lies beside the first until parts merge.
  await questions.parts.warehouse.insert('parameters', columns, rows.slice(0, 20));
}

const names = ['voltage.l1', 'power.active.total', 'pf.total'];
function pollsOf(dice: Dice, count: number): readonly Poll[] {
  let atMs = beginMs - dayMs / 4;
  return Array.from({ length: count }, () => {
    atMs += dice.whole(1, 3_600_000);
    const values = Object.fromEntries(
      names.filter(() => dice.chance(0.8)).map((name) => [name, dice.whole(-250_000, 250_000)]),
    );
    return { atMs, values };
  });
}

/** One figure of one bucket, by the plainest reading of its definition. */
function naive(polls: readonly Poll[], name: string, { startMs, endMs }: { startMs: number; endMs: number }) {
  const values = polls
    .filter(({ atMs }) => startMs <= atMs && atMs < endMs)
    .map((poll) => poll.values[name])
    .filter((value) => value !== undefined);
  if (values.length === 0) return { min: null, mean: null, max: null, last: null, count: 0 };
  const mean = Math.round(values.reduce((sum, value) => sum + value, 0) / values.length);
  return {
    min: Math.min(...values) / 1000,
    mean: mean / 1000,
    max: Math.max(...values) / 1000,
    last: (values.at(-1) ?? 0) / 1000,
    count: values.length,
  };
}

const path = (projectId: string, meterId: string): string =>
  `/api/projects/${projectId}/meters/${meterId}/parameters`;

describe('parameters', () => {
  test('of slots, hours and local days, over a change of the clocks', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1_000_000 }), async (seed) => {
        const [projectId, meterId] = [`prj_par_${seed}`, `mtr_par_${seed}`];
        const dice = new Dice(seed);
        const polls = pollsOf(dice, dice.whole(1, 250));
        await tellMeter(projectId, meterId);
        await fill(projectId, meterId, polls);
        for (const grain of ['slot', 'hour', 'day']) {
          const answer = await questions.ask<ParametersAnswer>(path(projectId, meterId), {
            ...span,
            grain,
            names: names.join(','),
          });
          expect(answer.buckets.length).toBe({ slot: 4 * 73, hour: 73, day: 3 }[grain]);
          for (const series of answer.series)
            for (const [index, bucket] of answer.buckets.entries())
              expect({
                min: series.min[index],
                mean: series.mean[index],
                max: series.max[index],
                last: series.last[index],
                count: series.count[index],
              }).toEqual(naive(polls, series.name, bucket));
          const known = polls.filter(
            ({ atMs, values }) =>
              atMs >= answer.fromMs && atMs < answer.toMs && Object.keys(values).length > 0,
          );
          expect(answer.asOfMs).toBe(known.at(-1)?.atMs ?? null);
        }
      }),
      { numRuns: 5 },
    );
  });

  test('raw: every poll at its instant; too many are refused with what to do', async () => {
    const [projectId, meterId] = ['prj_par_raw', 'mtr_par_raw'];
    await tellMeter(projectId, meterId);
    const polls = Array.from({ length: 5_000 }, (_, index) => ({
      atMs: beginMs + index * 10_000,
      values: { frequency: 50_000 + index },
    }));
    await fill(projectId, meterId, polls);
    const ask = { names: 'frequency,voltage.l9', grain: 'raw' };
    const answer = await questions.ask<ParametersAnswer>(path(projectId, meterId), {
      ...ask,
      ...{ from: '2071-10-23T22:00:00Z', to: '2071-10-23T23:00:00Z' },
    });
    expect(answer.buckets.map(({ startMs }) => startMs)).toEqual(polls.slice(0, 360).map(({ atMs }) => atMs));
    expect(answer.buckets[1]?.label).toBe('2071-10-24T00:00:10');
    expect(answer.series[0]?.last.slice(0, 2)).toEqual([50, 50.001]);
    expect(answer.series[1]?.last.every((value) => value === null)).toBe(true);
    const refused = await questions.askAs(undefined, path(projectId, meterId), { ...ask, ...span });
    expect(refused).toMatchObject({
      status: 400,
      body: { code: 'too-many-values', hint: expect.any(String) },
    });
  });

  test('names are told with their first and last instant; a table has a row per bucket with values', async () => {
    const [projectId, meterId] = ['prj_par_names', 'mtr_par_names'];
    await tellMeter(projectId, meterId);
    expect(await questions.ask(`${path(projectId, meterId)}/names`)).toEqual({
      ...{ projectId, meterId, keptSinceMs: null, asOfMs: null, parameters: [] },
    });
    await fill(projectId, meterId, [
      { atMs: beginMs, values: { 'voltage.l1': 231_400 } },
      { atMs: beginMs + 60_000, values: { 'voltage.l1': 230_000, 'circuit7.current.l1': -1 } },
    ]);
    expect(await questions.ask<ParameterNames>(`${path(projectId, meterId)}/names`)).toMatchObject({
      keptSinceMs: beginMs,
      asOfMs: beginMs + 60_000,
      parameters: [
        { name: 'circuit7.current.l1', firstMs: beginMs + 60_000, lastMs: beginMs + 60_000 },
        { name: 'voltage.l1', firstMs: beginMs, lastMs: beginMs + 60_000 },
      ],
    });
    const { body } = await questions.askAs(undefined, path(projectId, meterId), {
      ...{ names: 'voltage.l1,circuit7.current.l1', ...span, grain: 'day', format: 'csv' },
    });
    expect(String(body).trim().split('\r\n').slice(1)).toEqual([
      '2071-10-23T22:00:00Z,2071-10-24T22:00:00Z,voltage.l1,230,230.7,231.4,230,2',
      '2071-10-23T22:00:00Z,2071-10-24T22:00:00Z,circuit7.current.l1,-0.001,-0.001,-0.001,-0.001,1',
    ]);
  });

  test('unknown meters and names that are none are refused', async () => {
    const of = async (meterId: string, asked: string) =>
      await questions.askAs(undefined, path('prj_par_raw', meterId), { ...span, names: asked });
    expect(await of('mtr_par_names', 'frequency')).toMatchObject({
      status: 404,
      body: { code: 'no-such-meter' },
    });
    for (const asked of ['', "v') OR ('1'='1", Array.from({ length: 13 }, (_, at) => `a${at}`).join(',')])
      expect(await of('mtr_par_raw', asked)).toMatchObject({
        status: 400,
        body: { code: 'request-invalid' },
      });
  });
});
