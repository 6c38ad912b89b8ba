// SPDX-License-Identifier: Apache-2.0
/** What all our charts share: type, lines, tooltips. Pure. */
import type { EChartsCoreOption } from 'echarts/core';
import type { Palette } from './palette.ts';

export type Options = EChartsCoreOption;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** Names come from people; tooltips are HTML. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);

export interface TooltipRow {
  /** CSS colour; null for a line without a swatch. */
  readonly colour: string | null;
  readonly name: string;
  readonly value: string;
  readonly note?: string;
}

/** A tooltip: a title, then one line per series with the value to the right. */
export function tooltipHtml(title: string, rows: readonly TooltipRow[], foot?: string): string {
  const lines = rows.map(
    (row) =>
      `<tr><td>${row.colour === null ? '' : `<i style="background:${row.colour}"></i>`}${escapeHtml(row.name)}</td>` +
      `<td>${escapeHtml(row.value)}</td><td>${escapeHtml(row.note ?? '')}</td></tr>`,
  );
  const footLine = foot === undefined || foot === '' ? '' : `<p>${escapeHtml(foot)}</p>`;
  return `<div class="chart-tip"><strong>${escapeHtml(title)}</strong><table>${lines.join('')}</table>${footLine}</div>`;
}

/** Options every chart begins with. */
export function chartBase(palette: Palette): Options {
  return {
    animationDuration: 300,
    animationDurationUpdate: 200,
    textStyle: { fontFamily: palette.font, color: palette.ink2, fontSize: 12 },
    tooltip: {
      trigger: 'axis',
      confine: true,
      backgroundColor: palette.overlay,
      borderColor: palette.line,
      borderWidth: 1,
      padding: 0,
      textStyle: { color: palette.ink, fontSize: 12.5, fontFamily: palette.font },
      extraCssText: 'box-shadow:var(--raise);border-radius:8px',
      axisPointer: {
        lineStyle: { color: palette.ink3, type: 'solid', width: 1 },
        shadowStyle: { color: palette.line, opacity: 0.45 },
      },
    },
  };
}

export interface CategoryAxis {
  readonly labels: readonly string[];
  /** Show a tick label at these indices only; by itself ECharts thins them out. */
  readonly gridIndex?: number;
  readonly shown?: boolean;
  readonly boundaryGap?: boolean;
}

export function categoryAxis(palette: Palette, axis: CategoryAxis): Options {
  return {
    type: 'category',
    data: [...axis.labels],
    gridIndex: axis.gridIndex ?? 0,
    show: axis.shown ?? true,
    boundaryGap: axis.boundaryGap ?? true,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: palette.line } },
    axisLabel: { color: palette.ink3, fontSize: 11.5, hideOverlap: true, margin: 10 },
  };
}

export function valueAxis(palette: Palette, format: (value: number) => string, extra: Options = {}): Options {
  return {
    type: 'value',
    splitNumber: 4,
    axisLabel: { color: palette.ink3, fontSize: 11.5, formatter: format },
    splitLine: { lineStyle: { color: palette.line } },
    ...extra,
  };
}

export function legend(palette: Palette, names: readonly string[], extra: Options = {}): Options {
  return {
    show: names.length > 1,
    type: 'scroll',
    top: 0,
    left: 0,
    right: 0,
    itemWidth: 12,
    itemHeight: 8,
    itemGap: 16,
    icon: 'roundRect',
    data: [...names],
    textStyle: { color: palette.ink2, fontSize: 12 },
    pageIconColor: palette.ink2,
    pageTextStyle: { color: palette.ink3 },
    ...extra,
  };
}
