// SPDX-License-Identifier: Apache-2.0
/** Periods beside their counterparts a year (a month) before. Pure. */
import type { ComparedAnswer } from '@wattledger/contracts/http/analytics';
import { categoryAxis, chartBase, legend, tooltipHtml, valueAxis, type Options } from '../chart/axes.ts';
import { axisLabel, fullLabel } from '../chart/bucket-label.ts';
import type { Palette } from '../chart/palette.ts';
import { formatChange, formatScaled, formatTick, type Scale } from '../format/quantity-format.ts';
import { changeAgainstMean, daysAnswered, meanNote } from './days-answered.ts';

export interface ComparisonDrawing {
  readonly answer: ComparedAnswer;
  readonly scale: Scale;
  readonly palette: Palette;
  readonly locale: string;
  readonly nowName: string;
  readonly beforeName: string;
  readonly partial: string;
}

export function comparisonChart(input: ComparisonDrawing): Options {
  const { answer, palette, scale, locale } = input;
  const figures = answer.series[0]?.figures ?? [];
  const drawn = (value: number | null): number | null => (value === null ? null : value / scale.divisor);
  const written = (value: number | null | undefined): string =>
    `${formatScaled(value, scale, locale)} ${scale.unit}`;
  const bar = { type: 'bar', barMaxWidth: 30, barGap: '8%', itemStyle: { borderRadius: [3, 3, 0, 0] } };
  return {
    ...chartBase(palette),
    legend: legend(palette, [input.nowName, input.beforeName]),
    grid: [{ left: 52, right: 12, top: 34, bottom: 26, outerBoundsMode: 'none' }],
    xAxis: [
      categoryAxis(palette, {
        labels: answer.buckets.map((bucket) => axisLabel(bucket.label, answer.grain, false, locale)),
      }),
    ],
    yAxis: [valueAxis(palette, (value) => formatTick(value, locale))],
    series: [
      {
        ...bar,
        name: input.beforeName,
        color: palette.before,
        data: figures.map((figure, index) => {
          const before = drawn(figure.before);
          return before === null ? null : before / daysAnswered(answer.buckets[index]?.before, answer.grain);
        }),
      },
      {
        ...bar,
        name: input.nowName,
        color: palette.series[0],
        data: figures.map((figure) => drawn(figure.consumption)),
      },
    ],
    tooltip: {
      ...(chartBase(palette)['tooltip'] as Options),
      axisPointer: { type: 'shadow' },
      formatter: (points: readonly { readonly dataIndex: number }[]) => {
        const index = points[0]?.dataIndex ?? 0;
        const bucket = answer.buckets[index];
        const figure = figures[index];
        if (bucket === undefined || figure === undefined) return '';
        const days = daysAnswered(bucket.before, answer.grain);
        return tooltipHtml(
          fullLabel(bucket.label, answer.grain, locale),
          [
            {
              colour: palette.series[0]!,
              name: fullLabel(bucket.label, answer.grain, locale),
              value: written(figure.consumption),
              note:
                days > 1
                  ? changeAgainstMean(figure.consumption, figure.before, days, locale)
                  : formatChange(figure.changeShare, locale),
            },
            ...(bucket.before === null
              ? []
              : [
                  {
                    colour: palette.before,
                    name: fullLabel(bucket.before.label, answer.grain, locale),
                    value: written(figure.before),
                    note: meanNote(days),
                  },
                ]),
          ],
          bucket.complete ? undefined : input.partial,
        );
      },
    },
  };
}
