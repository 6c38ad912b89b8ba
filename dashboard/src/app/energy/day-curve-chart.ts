// SPDX-License-Identifier: Apache-2.0
/** Today's intervals over yesterday's, with the time-of-use strip. Pure. */
import type { TouPeriod } from '@wattledger/contracts';
import { categoryAxis, chartBase, legend, tooltipHtml, valueAxis, type Options } from '../chart/axes.ts';
import type { Palette } from '../chart/palette.ts';
import type { TouRun } from '../chart/tou-runs.ts';
import { touStrip } from '../chart/tou-strip.ts';
import { changeOf, formatChange, formatScaled, formatTick, type Scale } from '../format/quantity-format.ts';

export interface DayCurve {
  /** Local times 'hh:mm' of the slots. */
  readonly times: readonly string[];
  readonly today: readonly (number | null)[];
  readonly before: readonly (number | null)[] | null;
  readonly todayName: string;
  readonly beforeName: string;
  readonly runs: readonly TouRun[];
  readonly touOf: (period: TouPeriod) => string;
  readonly scale: Scale;
  readonly palette: Palette;
  readonly locale: string;
}

export function dayCurveChart(input: DayCurve): Options {
  const { times, palette, scale, locale, runs } = input;
  const strip = runs.length > 0;
  const drawn = (values: readonly (number | null)[]): (number | null)[] =>
    values.map((value) => (value === null ? null : value / scale.divisor));
  const written = (value: number | null | undefined): string =>
    value === null || value === undefined ? '–' : `${formatScaled(value, scale, locale)} ${scale.unit}`;
  const grid = { left: 46, right: 10, top: 32, bottom: strip ? 40 : 26, outerBoundsMode: 'none' };
  return {
    ...chartBase(palette),
    legend: legend(palette, [input.todayName, ...(input.before === null ? [] : [input.beforeName])]),
    grid: strip ? [grid, { left: 46, right: 10, height: 7, bottom: 2, outerBoundsMode: 'none' }] : [grid],
    xAxis: [
      categoryAxis(palette, { labels: times }),
      ...(strip ? [categoryAxis(palette, { labels: times, gridIndex: 1, shown: false })] : []),
    ],
    yAxis: [
      valueAxis(palette, (value) => formatTick(value, locale)),
      ...(strip ? [{ type: 'value', gridIndex: 1, show: false, min: 0, max: 1 }] : []),
    ],
    series: [
      ...(input.before === null
        ? []
        : [
            {
              type: 'line',
              name: input.beforeName,
              data: drawn(input.before),
              color: palette.before,
              showSymbol: false,
              lineStyle: { width: 1.5, type: [4, 4] },
            },
          ]),
      {
        type: 'line',
        name: input.todayName,
        data: drawn(input.today),
        color: palette.series[0],
        showSymbol: false,
        lineStyle: { width: 2.2 },
        areaStyle: { color: palette.series[0], opacity: 0.14 },
      },
      ...(strip ? [touStrip(palette, runs, times.length, 1)] : []),
    ],
    tooltip: {
      ...(chartBase(palette)['tooltip'] as Options),
      formatter: (points: readonly { readonly dataIndex: number }[]) => {
        const index = points[0]?.dataIndex ?? 0;
        const run = runs.find((candidate) => candidate.from <= index && index < candidate.to);
        const rows = [
          {
            colour: palette.series[0]!,
            name: input.todayName,
            value: written(input.today[index]),
            note:
              input.before === null
                ? ''
                : formatChange(changeOf(input.today[index], input.before[index]), locale),
          },
        ];
        if (input.before !== null)
          rows.push({
            colour: palette.before,
            name: input.beforeName,
            value: written(input.before[index]),
            note: '',
          });
        return tooltipHtml(times[index] ?? '', rows, run === undefined ? undefined : input.touOf(run.period));
      },
    },
  };
}
