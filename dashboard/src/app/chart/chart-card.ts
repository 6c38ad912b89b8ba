// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input, output, signal } from '@angular/core';
import type { ECElementEvent, EChartsCoreOption } from 'echarts/core';
import type { AsOf } from '@wattledger/contracts';
import { Answer } from '../api/answer.ts';
import type { Question } from '../api/question.ts';
import { Icon } from '../look/icon.ts';
import { QualityBadge } from '../quality/quality-badge.ts';
import { Words } from '../words/words.ts';
import { ChartCanvas } from './chart-canvas.ts';
import { csvOf, download } from './csv.ts';
import { DataTableView, type DataTable } from './data-table.ts';

/** A chart with its title, its unit once, its table twin, its export and its quality. */
@Component({
  selector: 'wl-chart-card',
  imports: [Answer, ChartCanvas, DataTableView, Icon, QualityBadge],
  template: `
    <section class="card" [attr.aria-label]="heading()">
      <header class="card-head">
        <h2>
          {{ heading() }}
          @if (unit()) {
            <span class="unit">{{ unit() }}</span>
          }
        </h2>
        <ng-content select="[tools]" />
        <span class="toolbar">
          <button
            type="button"
            class="button quiet small icon"
            [attr.aria-pressed]="tableShown()"
            [attr.aria-label]="t('chart.as-table')"
            [attr.title]="t('chart.as-table')"
            (click)="tableShown.set(!tableShown())"
          >
            <wl-icon [name]="tableShown() ? 'chart' : 'table'" />
          </button>
          <button
            type="button"
            class="button quiet small icon"
            [attr.aria-label]="t('chart.export')"
            [attr.title]="t('chart.export')"
            [disabled]="table() === null"
            (click)="exportCsv()"
          >
            <wl-icon name="download" />
          </button>
        </span>
      </header>
      <div class="card-body">
        <ng-content select="[above]" />
        <wl-answer [of]="question()" [empty]="empty()" [emptyText]="emptyText()" [height]="height()">
          @if (tableShown()) {
            @if (table(); as rows) {
              <wl-data-table [table]="rows" />
            }
          } @else if (options(); as drawn) {
            <wl-chart-canvas
              [options]="drawn"
              [height]="height()"
              [label]="label()"
              (picked)="picked.emit($event)"
            />
          }
        </wl-answer>
        <ng-content />
      </div>
      @if (asOf(); as facts) {
        <footer class="card-foot">
          <wl-quality-badge [asOf]="facts" [running]="running()" />
          <ng-content select="[foot]" />
        </footer>
      }
    </section>
  `,
  styles: `
    :host {
      display: grid;
      min-width: 0;
    }
    wl-data-table {
      display: block;
      margin: 0 -16px;
    }
    .card-foot {
      padding: 5px 10px;
    }
  `,
})
export class ChartCard {
  readonly heading = input.required<string>();
  readonly unit = input('');
  readonly question = input.required<Question<unknown>>();
  readonly options = input.required<EChartsCoreOption | null>();
  readonly table = input.required<DataTable | null>();
  readonly label = input.required<string>();
  readonly fileName = input.required<string>();
  readonly asOf = input<AsOf | null | undefined>(null);
  readonly running = input(true);
  readonly empty = input(false);
  readonly emptyText = input('');
  readonly height = input(300);
  readonly picked = output<ECElementEvent>();
  protected readonly t = inject(Words).t;
  protected readonly tableShown = signal(false);
  protected readonly fullName = computed(() => `wattledger-${this.fileName()}.csv`);

  protected exportCsv(): void {
    const table = this.table();
    if (table !== null) download(this.fullName(), csvOf(table));
  }
}
