// SPDX-License-Identifier: Apache-2.0
/** Charged beside received. Pure. */
import { categoryAxis, chartBase, legend, tooltipHtml, valueAxis, type Options } from '../../chart/axes.ts';
import type { Palette } from '../../chart/palette.ts';
import { numberFormat } from '../../format/quantity-format.ts';

interface Series {
  readonly name: string;
  readonly micros: readonly number[];
}

export function incomeChart(input: {
  readonly labels: readonly string[];
  readonly titles: readonly string[];
  readonly charged: Series;
  readonly received: Series;
  readonly money: (micros: number) => string;
  readonly palette: Palette;
  readonly locale: string;
}): Options {
  const { palette, charged, received } = input;
  const bar = { type: 'bar', barMaxWidth: 26, barGap: '8%', itemStyle: { borderRadius: [3, 3, 0, 0] } };
  return {
    ...chartBase(palette),
    legend: legend(palette, [charged.name, received.name]),
    grid: [{ left: 64, right: 12, top: 34, bottom: 26, outerBoundsMode: 'none' }],
    xAxis: [categoryAxis(palette, { labels: input.labels })],
    yAxis: [
      valueAxis(palette, (value) =>
        numberFormat(input.locale, { notation: 'compact', maximumFractionDigits: 1 }).format(value),
      ),
    ],
    series: [
      {
        ...bar,
        name: charged.name,
        color: palette.series[0],
        data: charged.micros.map((micros) => micros / 1e6),
      },
      {
        ...bar,
        name: received.name,
        color: palette.series[1],
        data: received.micros.map((micros) => micros / 1e6),
      },
    ],
    tooltip: {
      ...(chartBase(palette)['tooltip'] as Options),
      axisPointer: { type: 'shadow' },
      formatter: (points: readonly { readonly dataIndex: number }[]) => {
        const index = points[0]?.dataIndex ?? 0;
        return tooltipHtml(input.titles[index] ?? '', [
          { colour: palette.series[0]!, name: charged.name, value: input.money(charged.micros[index] ?? 0) },
          {
            colour: palette.series[1]!,
            name: received.name,
            value: input.money(received.micros[index] ?? 0),
          },
        ]);
      },
    },
  };
}
