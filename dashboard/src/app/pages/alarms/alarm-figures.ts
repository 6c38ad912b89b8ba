// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject } from '@angular/core';
import type { AlarmStatistics } from '@wattledger/contracts/http/alarms';
import { AlarmsApi } from '../../api/alarms-api.ts';
import { Answer } from '../../api/answer.ts';
import { ask } from '../../api/question.ts';
import { Clock } from '../../clock/clock.ts';
import { Formats } from '../../format/formats.ts';
import { TableBox } from '../../look/table-box.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

const spans = ['week', 'month', 'year'] as const;
const dayMs = 86_400_000;
const spanMs = { week: 7 * dayMs, month: 30 * dayMs, year: 365 * dayMs } as const;
const spanStepMs = 60_000;

/** How many alarms there were, of what and where, and how long people took. */
@Component({
  selector: 'wl-alarm-figures',
  imports: [Answer, TableBox],
  template: `
    <div class="toolbar">
      <div class="segmented" role="group" [attr.aria-label]="t('alarm.opened')">
        @for (option of spans; track option) {
          <button
            type="button"
            [attr.aria-pressed]="option === span()"
            (click)="selection.patch({ figures: option === 'month' ? null : option })"
          >
            {{ t('alarm-span.' + option) }}
          </button>
        }
      </div>
    </div>
    <wl-answer [of]="figures" [empty]="empty()" [emptyText]="t('alarm.none')" [height]="320">
      <div class="columns">
        <section class="card span-7 own-height" [attr.aria-label]="t('alarm.by-kind')">
          <header class="card-head">
            <h2>{{ t('alarm.by-kind') }}</h2>
          </header>
          <div class="table-box">
            <table class="table">
              <thead>
                <tr>
                  <th scope="col">{{ t('alarm.kind') }}</th>
                  <th scope="col" class="num">{{ t('alarm.opened-count') }}</th>
                  <th scope="col" class="num">{{ t('alarm-state.active') }}</th>
                  <th scope="col" class="num">{{ t('alarm.until-acknowledged') }}</th>
                  <th scope="col" class="num">{{ t('alarm.until-cleared') }}</th>
                </tr>
              </thead>
              <tbody>
                @for (row of figures.value()?.kinds ?? []; track row.kind) {
                  <tr>
                    <th scope="row">{{ t('alarm-kind.' + row.kind) }}</th>
                    <td class="num">{{ formats.count(row.opened) }}</td>
                    <td class="num">{{ formats.count(row.active) }}</td>
                    <td class="num">{{ length(row.acknowledgeMsMedian) }}</td>
                    <td class="num">{{ length(row.clearMsMedian) }}</td>
                  </tr>
                }
              </tbody>
            </table>
          </div>
        </section>
        <section class="card span-5" [attr.aria-label]="t('alarm.by-subject')">
          <header class="card-head">
            <h2>{{ t('alarm.by-subject') }}</h2>
          </header>
          <div class="table-box">
            <table class="table">
              <thead>
                <tr>
                  <th scope="col">{{ t('alarm.subject') }}</th>
                  <th scope="col" class="num">{{ t('alarm.opened-count') }}</th>
                </tr>
              </thead>
              <tbody>
                @for (row of figures.value()?.subjects ?? []; track row.subjectId) {
                  <tr>
                    <th scope="row">{{ row.subjectName ?? row.subjectId }}</th>
                    <td class="num">{{ formats.count(row.opened) }}</td>
                  </tr>
                }
              </tbody>
            </table>
          </div>
        </section>
      </div>
    </wl-answer>
  `,
  styles: `
    :host {
      display: grid;
      gap: var(--s4);
      min-width: 0;
    }
  `,
})
export class AlarmFigures {
  private readonly api = inject(AlarmsApi);
  private readonly clock = inject(Clock);
  private readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly spans = spans;
  protected readonly span = computed(() => this.selection.choice('figures', spans, 'month'));
  private readonly toMs = computed(() => Math.ceil(this.clock.nowMs() / spanStepMs) * spanStepMs);
  protected readonly figures = ask<{ projectId: string; fromMs: number; toMs: number }, AlarmStatistics>({
    params: () => {
      const projectId = this.site.projectId();
      const toMs = this.toMs();
      return projectId === null ? undefined : { projectId, fromMs: toMs - spanMs[this.span()], toMs };
    },
    load: ({ projectId, ...query }, abort) => this.api.statistics(projectId, query, abort),
    subject: ({ projectId }) => projectId,
  });
  protected readonly empty = computed(() => this.figures.value()?.kinds.length === 0);

  protected length(ms: number | null): string {
    if (ms === null) return '–';
    const minutes = ms / 60_000;
    return this.t('duration.minutes', { minutes: this.formats.decimal(minutes, minutes < 10 ? 1 : 0) });
  }
}
