// SPDX-License-Identifier: Apache-2.0
import { Component, computed, effect, inject, input, signal } from '@angular/core';
import type { ReadingRow } from '@wattledger/contracts/http/analytics';
import { AnalyticsApi } from '../api/analytics-api.ts';
import { Answer } from '../api/answer.ts';
import { ask } from '../api/question.ts';
import { csvOf, download } from '../chart/csv.ts';
import { numberCell, textCell } from '../chart/data-table.ts';
import { Formats } from '../format/formats.ts';
import { keepFresh } from '../live/keep-fresh.ts';
import { Icon } from '../look/icon.ts';
import { TableBox } from '../look/table-box.ts';
import { Notices } from '../notices/notices.ts';
import { QualityMark } from '../quality/quality-mark.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';

const pageLimit = 100;

/** Register readings as they came, newest first. */
@Component({
  selector: 'wl-readings-tab',
  imports: [Answer, Icon, QualityMark, TableBox],
  template: `
    <section class="card" [attr.aria-label]="t('point.tab.readings')">
      <header class="card-head">
        <h2>{{ t('point.tab.readings') }}</h2>
        <button
          type="button"
          class="button quiet small icon"
          [attr.aria-label]="t('chart.export')"
          (click)="exportCsv()"
        >
          <wl-icon name="download" />
        </button>
      </header>
      <wl-answer [of]="readings" [empty]="rows().length === 0" [emptyText]="t('quality.none')" [height]="320">
        <div class="table-box">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">{{ t('energy.time') }}</th>
                <th scope="col" class="wide-only">{{ t('wall.serial') }}</th>
                <th scope="col" class="wide-only">{{ t('wall.register') }}</th>
                <th scope="col" class="num">{{ t('evidence.value') }}</th>
                <th scope="col">{{ t('quality.short') }}</th>
                <th scope="col">{{ t('evidence.source') }}</th>
                <th scope="col" class="wide-only">{{ t('held.received') }}</th>
                <th scope="col" class="num wide-only">{{ t('held.offset') }}</th>
              </tr>
            </thead>
            <tbody>
              @for (row of rows(); track row.instantMs + row.register + row.meterId) {
                <tr>
                  <th scope="row" class="nowrap">
                    {{ formats.instant(row.instantMs, 'date-time-seconds') }}
                  </th>
                  <td class="mono wide-only">{{ site.meters().get(row.meterId)?.serial ?? row.meterId }}</td>
                  <td class="wide-only">{{ words.nameOf('parameter.' + row.register, row.register) }}</td>
                  <td class="num strong">{{ formats.register(row.value, row.scaler) }}</td>
                  <td>
                    <wl-quality-mark [quality]="row.quality" />
                    @if (row.verdict !== 'accepted') {
                      <span class="chip warn"
                        ><wl-icon name="held" />{{ t('held-reason.' + row.verdict) }}</span
                      >
                    }
                  </td>
                  <td>{{ t('reading-source.' + row.source) }}</td>
                  <td class="nowrap muted wide-only">{{ formats.instant(row.receivedAtMs, 'day-time') }}</td>
                  <td class="num muted wide-only">{{ row.logOffset }}</td>
                </tr>
              }
            </tbody>
          </table>
        </div>
      </wl-answer>
      @if (next() !== null) {
        <footer class="card-foot">
          <button type="button" class="button small" (click)="more()">{{ t('do.more') }}</button>
        </footer>
      }
    </section>
  `,
})
export class ReadingsTab {
  readonly pointId = input.required<string>();
  private readonly analytics = inject(AnalyticsApi);
  private readonly notices = inject(Notices);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  private readonly older = signal<readonly ReadingRow[]>([]);
  private readonly olderNext = signal<number | null | undefined>(undefined);

  protected readonly readings = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null ? undefined : { projectId, pointId: this.pointId() };
    },
    load: ({ projectId, pointId }, abort) =>
      this.analytics.readings(projectId, pointId, { limit: pageLimit }, abort),
    subject: ({ pointId }) => pointId,
  });
  protected readonly rows = computed(() => {
    const first = this.readings.value()?.rows ?? [];
    const oldest = first.at(-1)?.instantMs ?? Infinity;
    return [...first, ...this.older().filter((row) => row.instantMs < oldest)];
  });
  protected readonly next = computed(() => {
    const older = this.olderNext();
    return older === undefined ? (this.readings.value()?.nextBeforeMs ?? null) : older;
  });

  constructor() {
    keepFresh(['energy'], [this.readings], 20_000);
    effect(() => {
      this.pointId();
      this.older.set([]);
      this.olderNext.set(undefined);
    });
  }

  protected async more(): Promise<void> {
    const beforeMs = this.next();
    const projectId = this.site.projectId();
    if (beforeMs === null || projectId === null) return;
    try {
      const page = await this.analytics.readings(projectId, this.pointId(), { limit: pageLimit, beforeMs });
      this.older.update((rows) => [...rows, ...page.rows]);
      this.olderNext.set(page.nextBeforeMs);
    } catch (error) {
      this.notices.failed(error);
    }
  }

  protected exportCsv(): void {
    const keys = [
      'energy.time',
      'wall.serial',
      'wall.register',
      'evidence.value',
      'quality.short',
      'evidence.source',
    ];
    download(
      'wattledger-register-readings.csv',
      csvOf({
        caption: '',
        columns: keys.map((key) => ({ label: this.t(key) })),
        rows: this.rows().map((row) => [
          textCell(new Date(row.instantMs).toISOString()),
          textCell(this.site.meters().get(row.meterId)?.serial ?? row.meterId),
          textCell(row.register),
          numberCell('', (row.value * 10 ** row.scaler) / 1000),
          textCell(row.quality),
          textCell(row.source),
        ]),
      }),
    );
  }
}
