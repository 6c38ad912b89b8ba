// SPDX-License-Identifier: Apache-2.0
import { Component, effect, input, output, signal } from '@angular/core';
import { NgxEchartsDirective, provideEchartsCore } from 'ngx-echarts';
import type { ECElementEvent, ECharts, EChartsCoreOption } from 'echarts/core';

/** Draws ECharts options as SVG and keeps them in place when they change, so that live values do not make it jump. */
@Component({
  selector: 'wl-chart-canvas',
  imports: [NgxEchartsDirective],
  providers: [provideEchartsCore({ echarts: () => import('./echarts.ts').then((module) => module.echarts) })],
  template: `
    <div
      echarts
      class="canvas"
      role="img"
      [attr.aria-label]="label()"
      [style.height.px]="height()"
      [options]="empty"
      [initOpts]="{ renderer: 'svg' }"
      (chartInit)="chart.set($event)"
      (chartClick)="picked.emit($event)"
    ></div>
  `,
  styles: `
    :host {
      display: block;
      min-width: 0;
    }
    .canvas {
      width: 100%;
    }
  `,
})
export class ChartCanvas {
  readonly options = input.required<EChartsCoreOption>();
  /** Pixels. */
  readonly height = input(300);
  /** The main facts in words: what a person who does not see the chart needs. */
  readonly label = input.required<string>();
  readonly picked = output<ECElementEvent>();
  protected readonly empty: EChartsCoreOption = {};
  protected readonly chart = signal<ECharts | null>(null);

  constructor() {
    effect(() => {
      const options = this.options();
      this.chart()?.setOption(options, {
        replaceMerge: ['series', 'xAxis', 'yAxis', 'grid', 'legend', 'dataZoom', 'visualMap'],
      });
    });
  }
}
