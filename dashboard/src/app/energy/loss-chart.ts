// SPDX-License-Identifier: Apache-2.0
/** Loss of one parent day by day. Pure. */
import type { LossSeriesAnswer } from '@wattledger/contracts/http/analytics';
import { categoryAxis, chartBase, tooltipHtml, valueAxis, type Options } from '../chart/axes.ts';
import type { Palette } from '../chart/palette.ts';
import { formatScaled, formatShare, formatTick, type Scale } from '../format/quantity-format.ts';
import { formatDay } from '../format/time-format.ts';

export interface LossDrawing {
  readonly answer: LossSeriesAnswer;
  readonly scale: Scale;
  readonly palette: Palette;
  readonly locale: string;
  readonly words: {
    readonly loss: string;
    readonly input: string;
    readonly children: string;
    readonly compared: string;
  };
}

/** Below this share of compared intervals a day says little and is hatched. */
const comparedShareMin = 0.9;

export function lossChart(input: LossDrawing): Options {
  const { answer, palette, scale, locale, words } = input;
  const hatch = {
    symbol: 'rect',
    rotation: 0.785,
    dashArrayX: [1, 0],
    dashArrayY: [2, 4],
    color: palette.surface,
  };
  const written = (value: number | null): string => `${formatScaled(value, scale, locale)} ${scale.unit}`;
  return {
    ...chartBase(palette),
    grid: [{ left: 52, right: 12, top: 12, bottom: 26, outerBoundsMode: 'none' }],
    xAxis: [
      categoryAxis(palette, {
        labels: answer.days.map((day) => formatDay(day.localDay, 'day-short', locale)),
      }),
    ],
    yAxis: [valueAxis(palette, (value) => formatTick(value, locale))],
    series: [
      {
        type: 'bar',
        name: words.loss,
        color: palette.loss,
        barMaxWidth: 30,
        data: answer.days.map((day) => ({
          value: day.loss === null ? null : day.loss / scale.divisor,
          itemStyle: {
            borderRadius: [3, 3, 0, 0],
            ...((day.comparedShare ?? 0) < comparedShareMin ? { decal: hatch } : {}),
          },
        })),
      },
    ],
    tooltip: {
      ...(chartBase(palette)['tooltip'] as Options),
      axisPointer: { type: 'shadow' },
      formatter: (points: readonly { readonly dataIndex: number }[]) => {
        const day = answer.days[points[0]?.dataIndex ?? 0];
        if (day === undefined) return '';
        return tooltipHtml(
          formatDay(day.localDay, 'weekday-day', locale),
          [
            {
              colour: palette.loss,
              name: words.loss,
              value: written(day.loss),
              note: formatShare(day.rate, locale),
            },
            { colour: null, name: words.input, value: written(day.input) },
            { colour: null, name: words.children, value: written(day.children) },
          ],
          `${words.compared}: ${formatShare(day.comparedShare, locale)}`,
        );
      },
    },
  };
}
