// SPDX-License-Identifier: Apache-2.0
/** Energy or money per time-of-use period, stacked along time or as one bar a row. Pure. */
import type { TouPeriod } from '@wattledger/contracts';
import { categoryAxis, chartBase, legend, tooltipHtml, valueAxis, type Options } from '../chart/axes.ts';
import type { Palette } from '../chart/palette.ts';

export interface RatesDrawing {
  readonly labels: readonly string[];
  readonly titles: readonly string[];
  readonly periods: readonly {
    readonly period: TouPeriod;
    readonly name: string;
    readonly values: readonly number[];
  }[];
  readonly written: (value: number) => string;
  readonly axisText: (value: number) => string;
  readonly share: (share: number) => string;
  readonly total: string;
  readonly palette: Palette;
}

export function ratesChart(input: RatesDrawing): Options {
  const { palette } = input;
  return {
    ...chartBase(palette),
    legend: legend(
      palette,
      input.periods.map((period) => period.name),
    ),
    grid: [{ left: 60, right: 12, top: 34, bottom: 26, outerBoundsMode: 'none' }],
    xAxis: [categoryAxis(palette, { labels: input.labels })],
    yAxis: [valueAxis(palette, input.axisText)],
    // Cheap at the bottom, dear on top: the height of the dear part is what one looks for.
    series: [...input.periods].reverse().map((period) => ({
      type: 'bar',
      stack: 'all',
      name: period.name,
      color: palette.tou[period.period],
      barMaxWidth: 40,
      data: [...period.values],
    })),
    tooltip: {
      ...(chartBase(palette)['tooltip'] as Options),
      axisPointer: { type: 'shadow' },
      formatter: (points: readonly { readonly dataIndex: number }[]) => {
        const index = points[0]?.dataIndex ?? 0;
        const total = input.periods.reduce((sum, period) => sum + (period.values[index] ?? 0), 0);
        return tooltipHtml(input.titles[index] ?? '', [
          ...input.periods.map((period) => ({
            colour: palette.tou[period.period],
            name: period.name,
            value: input.written(period.values[index] ?? 0),
            note: total === 0 ? '' : input.share((period.values[index] ?? 0) / total),
          })),
          { colour: null, name: input.total, value: input.written(total) },
        ]);
      },
    },
  };
}
