// SPDX-License-Identifier: Apache-2.0
/** Load profile: mean day and heat map of hours by days. Pure. */
import type { LoadProfileAnswer } from '@wattledger/contracts/http/analytics';
import { categoryAxis, chartBase, legend, tooltipHtml, valueAxis, type Options } from '../chart/axes.ts';
import type { Palette } from '../chart/palette.ts';
import { formatScaled, formatTick, type Scale } from '../format/quantity-format.ts';
import { formatDay } from '../format/time-format.ts';

export interface ProfileDrawing {
  readonly answer: LoadProfileAnswer;
  readonly scale: Scale;
  readonly palette: Palette;
  readonly locale: string;
  readonly words: {
    readonly workdays: string;
    readonly weekends: string;
    readonly highest: string;
    readonly lowest: string;
  };
}

/** Mean power at each local time of day: workdays, weekends, and the band between lowest and highest. */
export function meanDayChart(input: ProfileDrawing): Options {
  const { answer, scale, palette, locale, words } = input;
  const day = answer.averageDay;
  const drawn = (value: number | null): number | null => (value === null ? null : value / scale.divisor);
  const written = (value: number | null | undefined): string =>
    `${formatScaled(value, scale, locale)} ${scale.unit}`;
  const line = { type: 'line', showSymbol: false, smooth: false };
  const silentBand = {
    ...line,
    stack: 'band',
    lineStyle: { opacity: 0 },
    silent: true,
    tooltip: { show: false },
  };
  return {
    ...chartBase(palette),
    legend: legend(palette, [words.workdays, words.weekends]),
    grid: [{ left: 52, right: 12, top: 34, bottom: 26, outerBoundsMode: 'none' }],
    xAxis: [categoryAxis(palette, { labels: day.map((entry) => entry.localTime), boundaryGap: false })],
    yAxis: [valueAxis(palette, (value) => formatTick(value, locale))],
    series: [
      { ...silentBand, name: words.lowest, data: day.map((entry) => drawn(entry.lowest)) },
      {
        ...silentBand,
        name: words.highest,
        data: day.map((entry) =>
          entry.highest === null || entry.lowest === null
            ? null
            : (entry.highest - entry.lowest) / scale.divisor,
        ),
        areaStyle: { color: palette.ink3, opacity: 0.1 },
      },
      {
        ...line,
        name: words.workdays,
        color: palette.series[0],
        lineStyle: { width: 2.2 },
        data: day.map((entry) => drawn(entry.workdays)),
      },
      {
        ...line,
        name: words.weekends,
        color: palette.series[1],
        lineStyle: { width: 2.2, type: [6, 4] },
        data: day.map((entry) => drawn(entry.weekends)),
      },
    ],
    tooltip: {
      ...(chartBase(palette)['tooltip'] as Options),
      formatter: (points: readonly { readonly dataIndex: number }[]) => {
        const entry = day[points[0]?.dataIndex ?? 0];
        if (entry === undefined) return '';
        return tooltipHtml(entry.localTime, [
          { colour: palette.series[0]!, name: words.workdays, value: written(entry.workdays) },
          { colour: palette.series[1]!, name: words.weekends, value: written(entry.weekends) },
          { colour: null, name: words.highest, value: written(entry.highest) },
          { colour: null, name: words.lowest, value: written(entry.lowest) },
        ]);
      },
    },
  };
}

/** Hour by day, from few to much; hours of which nothing is known stay empty. */
export function heatMapChart(input: ProfileDrawing, upright: boolean): Options {
  const { answer, scale, palette, locale } = input;
  const { days, hours } = answer.heatMap;
  const cells = days.flatMap((_, day) =>
    Array.from({ length: 24 }, (__, hour) => {
      const value = hours[day]?.[hour] ?? null;
      const drawn = value === null ? '-' : value / scale.divisor;
      return upright ? [hour, day, drawn] : [day, hour, drawn];
    }),
  );
  const known = cells.map((cell) => cell[2]).filter((value) => typeof value === 'number');
  const dayLabels = days.map((day) => formatDay(day, 'day-short', locale));
  const hourLabels = Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, '0')}:00`);
  const axis = (labels: readonly string[]): Options => ({
    ...categoryAxis(palette, { labels }),
    splitArea: { show: false },
    axisLine: { show: false },
  });
  return {
    ...chartBase(palette),
    grid: [{ left: 52, right: 12, top: 8, bottom: 64, outerBoundsMode: 'none' }],
    xAxis: [axis(upright ? hourLabels : dayLabels)],
    yAxis: [{ ...axis(upright ? dayLabels : hourLabels), inverse: true }],
    visualMap: [
      {
        min: Math.min(0, ...known),
        max: Math.max(0.001, ...known),
        calculable: false,
        orient: 'horizontal',
        left: 'center',
        bottom: 0,
        itemWidth: 10,
        itemHeight: 160,
        text: [`${formatScaled(Math.max(0, ...known) * scale.divisor, scale, locale)} ${scale.unit}`, '0'],
        textStyle: { color: palette.ink3, fontSize: 11.5 },
        inRange: { color: [...palette.heat] },
      },
    ],
    series: [
      {
        type: 'heatmap',
        data: cells,
        itemStyle: { borderColor: palette.surface, borderWidth: 1, borderRadius: 2 },
        emphasis: { itemStyle: { borderColor: palette.ink } },
      },
    ],
    tooltip: {
      ...(chartBase(palette)['tooltip'] as Options),
      trigger: 'item',
      formatter: (picked: { readonly data: readonly (number | string)[] }) => {
        const [x = 0, y = 0, value] = picked.data;
        const [day, hour] = upright ? [Number(y), Number(x)] : [Number(x), Number(y)];
        const label = days[day];
        if (label === undefined) return '';
        const text =
          typeof value === 'number'
            ? `${formatScaled(value * scale.divisor, scale, locale)} ${scale.unit}`
            : '–';
        return tooltipHtml(`${formatDay(label, 'weekday-day', locale)} ${hourLabels[hour] ?? ''}`, [
          { colour: null, name: '', value: text },
        ]);
      },
    },
  };
}
