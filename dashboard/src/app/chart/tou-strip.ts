// SPDX-License-Identifier: Apache-2.0
/** The coloured strip of time-of-use periods under a time axis, as an ECharts series. Pure. */
import type { Options } from './axes.ts';
import type { Palette } from './palette.ts';
import type { TouRun } from './tou-runs.ts';

interface CoordSystem {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A custom series on the grid, x axis and y axis of the given index, which the strip has for itself. */
export function touStrip(
  palette: Palette,
  runs: readonly TouRun[],
  bucketCount: number,
  axisIndex: number,
): Options {
  return {
    type: 'custom',
    xAxisIndex: axisIndex,
    yAxisIndex: axisIndex,
    silent: true,
    animation: false,
    tooltip: { show: false },
    data: runs.map((run) => [run.from, 0]),
    renderItem: (parameters: { readonly dataIndex: number; readonly coordSys: CoordSystem }) => {
      const run = runs[parameters.dataIndex];
      if (run === undefined) return undefined;
      const { x, y, width, height } = parameters.coordSys;
      const step = width / bucketCount;
      return {
        type: 'rect',
        shape: {
          x: x + run.from * step,
          y,
          width: Math.max(0, (run.to - run.from) * step - 1),
          height,
          r: 2,
        },
        style: { fill: palette.tou[run.period] },
      };
    },
  };
}
