// SPDX-License-Identifier: Apache-2.0
/** How many pay how much more or less: classes of the difference in percent. Pure. */
import type { ReplayTotals } from '@wattledger/contracts/http/billing';
import { categoryAxis, chartBase, tooltipHtml, valueAxis, type Options } from '../../../chart/axes.ts';
import type { Palette } from '../../../chart/palette.ts';
import { numberFormat } from '../../../format/quantity-format.ts';

export type DifferenceClass = ReplayTotals['distribution'][number];

/** Every class from the least to the most, those without accounts too, so that two charts compare. */
export function classesInOrder(
  found: readonly DifferenceClass[],
  edges: readonly number[],
): readonly DifferenceClass[] {
  const bounds: (readonly [number | null, number | null])[] = [];
  const below = edges.filter((edge) => edge <= 0);
  const above = edges.filter((edge) => edge >= 0);
  below.forEach((edge, place) => bounds.push([below[place - 1] ?? null, edge]));
  bounds.push([0, 0]);
  above.forEach((edge, place) => bounds.push([edge, above[place + 1] ?? null]));
  const classes = bounds.map(
    ([fromPercent, toPercent]): DifferenceClass =>
      found.find(
        (one) => !one.fromNothing && one.fromPercent === fromPercent && one.toPercent === toPercent,
      ) ?? { fromPercent, toPercent, fromNothing: false, accounts: 0, differenceMicros: 0 },
  );
  return [...classes, ...found.filter((one) => one.fromNothing)];
}

export function differenceChart(input: {
  readonly classes: readonly DifferenceClass[];
  readonly labels: readonly string[];
  readonly accounts: string;
  readonly difference: string;
  readonly money: (micros: number) => string;
  readonly palette: Palette;
  readonly locale: string;
}): Options {
  const { classes, palette } = input;
  const colourOf = ({ fromPercent, toPercent }: DifferenceClass): string => {
    if (fromPercent === 0 && toPercent === 0) return palette.before;
    return (toPercent ?? 1) > 0 ? (palette.series[1] as string) : (palette.series[0] as string);
  };
  return {
    ...chartBase(palette),
    grid: [{ left: 44, right: 12, top: 16, bottom: 30, outerBoundsMode: 'none' }],
    xAxis: [categoryAxis(palette, { labels: input.labels })],
    yAxis: [valueAxis(palette, (value) => numberFormat(input.locale, {}).format(value), { minInterval: 1 })],
    series: [
      {
        type: 'bar',
        barCategoryGap: '18%',
        data: classes.map((one) => ({
          value: one.accounts,
          itemStyle: { color: colourOf(one), borderRadius: [3, 3, 0, 0] },
        })),
      },
    ],
    tooltip: {
      ...(chartBase(palette)['tooltip'] as Options),
      axisPointer: { type: 'shadow' },
      formatter: (points: readonly { readonly dataIndex: number }[]) => {
        const place = points[0]?.dataIndex ?? 0;
        const one = classes[place];
        if (one === undefined) return '';
        return tooltipHtml(input.labels[place] ?? '', [
          {
            colour: colourOf(one),
            name: input.accounts,
            value: numberFormat(input.locale, {}).format(one.accounts),
          },
          { colour: null, name: input.difference, value: input.money(one.differenceMicros) },
        ]);
      },
    },
  };
}
