// SPDX-License-Identifier: Apache-2.0
import type { EnergyAnswer } from '@wattledger/contracts/http/analytics';
import { addKnown, drawnValues, groups } from './drawn-series.ts';

const figure = (consumption: number) => ({
  consumption,
  samePart: consumption,
  before: null,
  change: null,
  changeShare: null,
});
const series = (id: string, values: (number | null)[]): EnergyAnswer['series'][number] => ({
  subject: { kind: 'place', id, code: id, name: id },
  total: figure(values.reduce<number>((sum, value) => sum + (value ?? 0), 0)),
  slots: { measured: 1, estimated: 0, edited: 0, missing: 0 },
  consumption: values,
  slotsEstimated: values.map(() => 1),
  slotsMissing: values.map(() => 0),
  comparison: null,
  comparisonAlone: null,
});
const answer = {
  grain: 'day',
  period: { untilMs: 0 },
  buckets: [{ label: '2026-01-01' }, { label: '2026-01-02' }],
  series: [series('small', [1, null]), series('big', [5, 6]), series('middle', [2, 2])],
} as unknown as EnergyAnswer;

test('the largest groups stand first and the rest is added up, so that nothing is lost', () => {
  const drawing = groups(answer, (subject) => subject.name ?? '', 'others', 2);
  expect(drawing.series.map((drawn) => drawn.name)).toEqual(['big', 'others']);
  expect(drawing.series[1]?.values).toEqual([3, 2]);
  expect(drawing.series[1]?.slotsEstimated).toEqual([2, 2]);
  expect(drawing.series.reduce((sum, drawn) => sum + (drawn.total.consumption ?? 0), 0)).toBe(16);
});

test('a stack is as high as its parts together; unknown is not zero', () => {
  const drawing = groups(answer, (subject) => subject.name ?? '', 'others');
  expect(drawnValues(drawing, true)).toEqual([8, 8]);
  expect(addKnown([null, null])).toBeNull();
  expect(addKnown([null, 0])).toBe(0);
});
