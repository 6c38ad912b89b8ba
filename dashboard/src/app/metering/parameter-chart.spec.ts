// SPDX-License-Identifier: Apache-2.0
import type { ParametersAnswer } from '@wattledger/contracts/http/analytics';
import type { Palette } from '../chart/palette.ts';
import { bucketName, parameterChart, writtenValue } from './parameter-chart.ts';

const series = (name: string, mean: (number | null)[]) => ({
  ...{ name, mean, last: mean, count: mean.map((value) => (value === null ? 0 : 2)) },
  min: mean.map((value) => (value === null ? null : value - 1000)),
  max: mean.map((value) => (value === null ? null : value + 1000)),
});
const answer = (grain: ParametersAnswer['grain'], labels: string[], ...all: ParametersAnswer['series']) =>
  ({
    grain,
    buckets: labels.map((label) => ({ label, startMs: 0, endMs: 0 })),
    series: all,
  }) as unknown as ParametersAnswer;
const palette = { series: ['#1', '#2', '#3'], font: '' } as unknown as Palette;
const drawing = (of: ParametersAnswer) => ({
  ...{ answer: of, unit: 'kW', divisor: 1000, fromLowest: false, limit: null, palette, locale: 'en-GB' },
  names: of.series.map(({ name }) => name),
});
type Drawn = { series: { data: (number | null)[]; name?: string }[] };

test('several parameters are lines; what is not known stays empty; values are written in the unit', () => {
  const both = answer(
    'hour',
    ['2026-01-02T08:00', '2026-01-02T09:00'],
    series('a', [2000, null]),
    series('b', [1, 2]),
  );
  const { series: drawn } = parameterChart(drawing(both)) as unknown as Drawn;
  expect(drawn.map(({ name, data }) => [name, data])).toEqual([
    ['a', [2, null]],
    ['b', [0.001, 0.002]],
  ]);
  expect(writtenValue(1234.5678, 1000, 'en-GB')).toBe('1.2346');
  expect(writtenValue(null, 1, 'en-GB')).toBe('–');
});

test('one alone has the band between its lowest and highest; polls by themselves have none', () => {
  const one = (grain: ParametersAnswer['grain']) =>
    (
      parameterChart(drawing(answer(grain, ['2026-01-02T08:00:10'], series('a', [5000])))) as unknown as Drawn
    ).series.map(({ data }) => data);
  expect(one('hour')).toEqual([[4], [2], [5]]);
  expect(one('raw')).toEqual([[5]]);
});

test('a poll is named to the second', () => {
  expect(bucketName(answer('raw', ['2026-01-02T08:00:10']), 0, 'en-GB')).toContain('08:00:10');
});
