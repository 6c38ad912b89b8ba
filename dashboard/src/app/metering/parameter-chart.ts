// SPDX-License-Identifier: Apache-2.0
/** Electrical parameters over time: a line of means per parameter; of a single one also the band between lowest and highest. Pure. */
import type { ParametersAnswer, ParameterSeries } from '@wattledger/contracts/http/analytics';
import { categoryAxis, chartBase, legend, tooltipHtml, valueAxis, type Options } from '../chart/axes.ts';
import { axisLabel, fullLabel } from '../chart/bucket-label.ts';
import type { Palette } from '../chart/palette.ts';
import { formatTick, numberFormat } from '../format/quantity-format.ts';

export interface ParameterDrawing {
  readonly answer: ParametersAnswer;
  /** Along the series. */
  readonly names: readonly string[];
  readonly unit: string;
  readonly divisor: number;
  /** The axis begins near the lowest value, where zero says nothing (voltage, frequency). */
  readonly fromLowest: boolean;
  /** Below it an alarm is raised. */
  readonly limit: { readonly value: number; readonly name: string } | null;
  readonly palette: Palette;
  readonly locale: string;
}

/** With few values a line alone would not show those that stand alone. */
const symbolsUpTo = 60;

export function bucketName({ grain, buckets }: ParametersAnswer, index: number, locale: string): string {
  const label = buckets[index]?.label ?? '';
  return grain === 'raw'
    ? `${fullLabel(label, 'slot', locale)}${label.slice(16)}`
    : fullLabel(label, grain, locale);
}

export function writtenValue(value: number | null | undefined, divisor: number, locale: string): string {
  if (value === null || value === undefined) return '–';
  return numberFormat(locale, { maximumSignificantDigits: 5 }).format(value / divisor);
}

export function parameterChart(input: ParameterDrawing): Options {
  const { answer, names, palette, locale } = input;
  const { buckets, grain } = answer;
  const singleDay = new Set(buckets.map(({ label }) => label.slice(0, 10))).size <= 1;
  const single = answer.series.length === 1 ? answer.series[0] : undefined;
  return {
    ...chartBase(palette),
    legend: legend(palette, names),
    grid: [{ left: 52, right: 20, top: names.length > 1 ? 34 : 12, bottom: 26, outerBoundsMode: 'none' }],
    xAxis: [
      categoryAxis(palette, {
        labels: buckets.map(({ label }) =>
          axisLabel(label, grain === 'raw' ? 'slot' : grain, singleDay, locale),
        ),
        boundaryGap: false,
      }),
    ],
    yAxis: [valueAxis(palette, (value) => formatTick(value, locale), { scale: input.fromLowest })],
    series: [
      ...(single === undefined || grain === 'raw' ? [] : band(single, input)),
      ...answer.series.map((series, index) => ({
        ...meanLine(series, names[index] ?? series.name, input),
        color: palette.series[index % palette.series.length],
        ...(index === 0 ? limitLine(input) : {}),
      })),
    ],
    tooltip: { ...(chartBase(palette)['tooltip'] as Options), formatter: tooltipOf(input) },
  };
}

function meanLine(series: ParameterSeries, name: string, { divisor }: ParameterDrawing): Options {
  return {
    type: 'line',
    name,
    smooth: false,
    symbolSize: 4,
    // Also between the labels of the axis.
    showAllSymbol: true,
    showSymbol: series.mean.filter((value) => value !== null).length <= symbolsUpTo,
    lineStyle: { width: 1.8 },
    data: series.mean.map((value) => (value === null ? null : value / divisor)),
  };
}

function band(series: ParameterSeries, { divisor, palette }: ParameterDrawing): readonly Options[] {
  const part = {
    ...{ type: 'line', stack: 'band', showSymbol: false, silent: true, color: palette.ink3 },
    ...{ lineStyle: { opacity: 0 }, stackStrategy: 'all' },
  };
  return [
    { ...part, data: series.min.map((value) => (value === null ? null : value / divisor)) },
    {
      ...part,
      areaStyle: { color: palette.ink3, opacity: 0.16 },
      data: series.max.map((value, index) => {
        const low = series.min[index] ?? null;
        return value === null || low === null ? null : (value - low) / divisor;
      }),
    },
  ];
}

function limitLine({ limit, divisor, palette }: ParameterDrawing): Options {
  if (limit === null) return {};
  return {
    markLine: {
      ...{ silent: true, symbol: 'none', data: [{ yAxis: limit.value / divisor }] },
      lineStyle: { color: palette.loss, type: 'dashed' },
      label: { formatter: limit.name, position: 'insideStartTop', color: palette.ink2 },
    },
  };
}

function tooltipOf(input: ParameterDrawing): (points: readonly { readonly dataIndex: number }[]) => string {
  const { answer, names, divisor, unit, palette, locale } = input;
  const written = (value: number | null | undefined): string => writtenValue(value, divisor, locale);
  return (points) => {
    const index = points[0]?.dataIndex ?? 0;
    return tooltipHtml(
      bucketName(answer, index, locale),
      answer.series.map((series, at) => ({
        colour: palette.series[at % palette.series.length] ?? null,
        name: names[at] ?? series.name,
        value: `${written(series.mean[index])} ${unit}`,
        note:
          (series.count[index] ?? 0) > 1
            ? `${written(series.min[index])} … ${written(series.max[index])}`
            : '',
      })),
    );
  };
}
