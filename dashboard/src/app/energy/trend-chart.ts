// SPDX-License-Identifier: Apache-2.0
/** Energy over time as ECharts options. Pure: words, formats and colours are handed in. */
import type { TariffCalendar } from '@wattledger/contracts';
import {
  categoryAxis,
  chartBase,
  legend,
  tooltipHtml,
  valueAxis,
  type Options,
  type TooltipRow,
} from '../chart/axes.ts';
import { axisLabel, fullLabel } from '../chart/bucket-label.ts';
import type { Palette } from '../chart/palette.ts';
import { touRuns } from '../chart/tou-runs.ts';
import { touStrip } from '../chart/tou-strip.ts';
import { formatScaled, formatTick, type Scale } from '../format/quantity-format.ts';
import { changeAgainstMean, daysAnswered, meanNote } from './days-answered.ts';
import { isRunning, type Drawing, type DrawnSeries } from './drawn-series.ts';

export interface TrendDrawing {
  readonly drawing: Drawing;
  readonly scale: Scale;
  readonly palette: Palette;
  readonly locale: string;
  /** Series of one whole (groups): drawn one upon the other. */
  readonly stacked: boolean;
  /** Name of the series before, e.g. "Period before". */
  readonly beforeName: string;
  /** Where time-of-use periods colour the axis; null leaves the strip out. */
  readonly calendar: TariffCalendar | null;
  readonly words: {
    readonly estimated: string;
    readonly missing: string;
    readonly running: string;
    readonly total: string;
    readonly touOf: (period: string) => string;
  };
}

const stripHeight = 7;
/** Room for the labels of the value axis: fixed, so that the strip stands exactly under the slots it colours. */
const axisWidth = 52;
const fine = (drawing: Drawing): boolean => drawing.grain === 'slot' || drawing.grain === 'hour';

export function trendChart(input: TrendDrawing): Options {
  const { drawing, palette, locale } = input;
  const { buckets, grain } = drawing;
  const singleDay = new Set(buckets.map((bucket) => bucket.label.slice(0, 10))).size <= 1;
  const labels = buckets.map((bucket) => axisLabel(bucket.label, grain, singleDay, locale));
  const runs =
    input.calendar !== null && fine(drawing)
      ? touRuns(
          input.calendar,
          buckets.map((bucket) => bucket.label),
        )
      : [];
  const strip = runs.length > 0;
  const named = [
    ...drawing.series.map((series) => series.name),
    ...(drawing.series[0]?.before != null ? [input.beforeName] : []),
  ];
  const main = {
    left: axisWidth,
    right: 12,
    top: named.length > 1 ? 34 : 12,
    bottom: (strip ? 10 + stripHeight : 0) + 26,
    outerBoundsMode: 'none',
  };
  const boundaryGap = true;
  return {
    ...chartBase(palette),
    legend: legend(palette, named),
    grid: strip
      ? [main, { left: axisWidth, right: 12, height: stripHeight, bottom: 2, outerBoundsMode: 'none' }]
      : [main],
    xAxis: [
      categoryAxis(palette, { labels, boundaryGap }),
      ...(strip ? [categoryAxis(palette, { labels, gridIndex: 1, shown: false, boundaryGap })] : []),
    ],
    yAxis: [
      valueAxis(palette, (value) => formatTick(value, locale)),
      ...(strip ? [{ type: 'value', gridIndex: 1, show: false, min: 0, max: 1 }] : []),
    ],
    series: [
      ...beforeSeries(input),
      ...drawing.series.map((series, index) => energySeries(input, series, index)),
      ...(strip ? [touStrip(palette, runs, buckets.length, 1)] : []),
    ],
    tooltip: {
      ...(chartBase(palette)['tooltip'] as Options),
      axisPointer: { type: fine(drawing) ? 'line' : 'shadow' },
      formatter: (points: readonly { readonly dataIndex: number }[] | { readonly dataIndex: number }) => {
        const index =
          (Array.isArray(points)
            ? (points as readonly { readonly dataIndex: number }[])[0]
            : (points as { readonly dataIndex: number })
          )?.dataIndex ?? 0;
        return trendTooltip(
          input,
          index,
          runs.find((run) => run.from <= index && index < run.to)?.period ?? null,
        );
      },
    },
  };
}

function energySeries(input: TrendDrawing, series: DrawnSeries, index: number): Options {
  const { drawing, palette, scale, stacked } = input;
  const colour = palette.series[index % palette.series.length]!;
  const bars = !fine(drawing) && (stacked || drawing.series.length <= 3);
  const common = {
    name: series.name,
    color: colour,
    data: series.values.map((value, bucket) =>
      bars
        ? bar(value, scale, palette, (series.slotsEstimated[bucket] ?? 0) > 0, isRunning(drawing, bucket))
        : linePoint(value, scale, isRunning(drawing, bucket)),
    ),
    z: 3,
    ...(stacked ? { stack: 'all' } : {}),
  };
  if (bars) {
    return {
      ...common,
      type: 'bar',
      barMaxWidth: 34,
      barGap: '8%',
      itemStyle: { borderRadius: stacked ? 0 : [3, 3, 0, 0] },
    };
  }
  const alone = drawing.series.length === 1 || stacked;
  return {
    ...common,
    type: 'line',
    showSymbol: drawing.buckets.length < 3,
    symbolSize: 5,
    lineStyle: { width: stacked ? 1 : 2 },
    ...(alone ? { areaStyle: { color: colour, opacity: stacked ? 0.55 : 0.13 } } : {}),
  };
}

/** A bar that holds estimated slots is hatched: its total is right, its place in time may not be. A running one is pale. */
function bar(
  value: number | null,
  scale: Scale,
  palette: Palette,
  estimated: boolean,
  running: boolean,
): unknown {
  if (value === null) return null;
  const decal = {
    symbol: 'rect',
    rotation: 0.785,
    dashArrayX: [1, 0],
    dashArrayY: [2, 4],
    color: palette.surface,
  };
  return {
    value: value / scale.divisor,
    itemStyle: { ...(estimated ? { decal } : {}), ...(running ? { opacity: 0.45 } : {}) },
  };
}

/** A slot that is not over would look like a fall to nothing: a line ends before it. */
function linePoint(value: number | null, scale: Scale, running: boolean): number | null {
  return value === null || running ? null : value / scale.divisor;
}

function beforeSeries(input: TrendDrawing): Options[] {
  const before = input.drawing.series[0]?.before;
  if (before === null || before === undefined || input.drawing.series.length !== 1) return [];
  const { beforeBuckets, grain } = input.drawing;
  const data = before.map((value, index) =>
    value === null ? null : value / input.scale.divisor / daysAnswered(beforeBuckets?.[index], grain),
  );
  const common = { name: input.beforeName, data, color: input.palette.before, z: 2 };
  return fine(input.drawing)
    ? [{ ...common, type: 'line', showSymbol: false, lineStyle: { width: 1.5, type: [4, 4] } }]
    : [{ ...common, type: 'bar', barMaxWidth: 34, barGap: '8%', itemStyle: { borderRadius: [3, 3, 0, 0] } }];
}

function trendTooltip(input: TrendDrawing, index: number, period: string | null): string {
  const { drawing, scale, locale, palette, words } = input;
  const bucket = drawing.buckets[index];
  if (bucket === undefined) return '';
  const written = (value: number | null | undefined): string =>
    value === null || value === undefined ? '–' : `${formatScaled(value, scale, locale)} ${scale.unit}`;
  const days = daysAnswered(drawing.beforeBuckets?.[index], drawing.grain);
  const rows: TooltipRow[] = drawing.series.map((series, place) => {
    const value = series.values[index] ?? null;
    return {
      colour: palette.series[place % palette.series.length]!,
      name: series.name,
      value: written(value),
      note: series.before === null ? '' : changeAgainstMean(value, series.before[index], days, locale),
    };
  });
  const before = drawing.series[0]?.before;
  const beforeBucket = drawing.beforeBuckets?.[index];
  if (
    drawing.series.length === 1 &&
    before !== null &&
    before !== undefined &&
    beforeBucket !== null &&
    beforeBucket !== undefined
  ) {
    rows.push({
      colour: palette.before,
      name: fullLabel(beforeBucket.label, drawing.grain, locale),
      value: written(before[index]),
      note: meanNote(days),
    });
  }
  if (input.stacked) {
    const total = drawing.series.reduce((sum, series) => sum + (series.values[index] ?? 0), 0);
    rows.push({ colour: null, name: words.total, value: written(total) });
  }
  const flaws = [
    drawing.series.some((series) => (series.slotsEstimated[index] ?? 0) > 0) ? words.estimated : '',
    drawing.series.some((series) => (series.slotsMissing[index] ?? 0) > 0) ? words.missing : '',
    isRunning(drawing, index) ? words.running : '',
    period === null ? '' : words.touOf(period),
  ].filter((flaw) => flaw !== '');
  return tooltipHtml(fullLabel(bucket.label, drawing.grain, locale), rows, flaws.join(' · '));
}
