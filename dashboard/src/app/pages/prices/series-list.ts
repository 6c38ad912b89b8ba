// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject } from '@angular/core';
import { media, type Medium } from '@wattledger/contracts';
import type { PriceSeries } from '@wattledger/contracts/http/billing';
import { Answer } from '../../api/answer.ts';
import { BillingApi } from '../../api/billing-api.ts';
import { ask } from '../../api/question.ts';
import { Formats } from '../../format/formats.ts';
import { Dialogs } from '../../look/dialogs.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { Notices } from '../../notices/notices.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { SeriesDialog, type SeriesDialogData } from './series-dialog.ts';

/** The tables of prices by the hour, how far each reaches, and adding to them. */
@Component({
  selector: 'wl-series-list',
  imports: [Answer, Icon, TableBox],
  template: `
    <section class="card" [attr.aria-label]="t('price.tab.series')">
      <header class="card-head">
        <h2>{{ t('price.tab.series') }}</h2>
        @if (mayWrite()) {
          @for (medium of media; track medium) {
            <button type="button" class="button small" (click)="add(medium, null)">
              <wl-icon name="plus" />{{ t('medium.' + medium) }}
            </button>
          }
        }
      </header>
      <wl-answer
        [of]="series"
        [empty]="series.value()?.series?.length === 0"
        [emptyText]="t('price.series-none')"
        [height]="200"
      >
        <div class="table-box">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">{{ t('price.name') }}</th>
                <th scope="col">{{ t('medium.title') }}</th>
                <th scope="col">{{ t('price.series-minutes') }}</th>
                <th scope="col" class="num">{{ t('price.series-points') }}</th>
                <th scope="col">{{ t('price.series-until') }}</th>
                <th scope="col">
                  <span class="visually-hidden">{{ t('vends.actions') }}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              @for (one of series.value()?.series ?? []; track one.priceSeriesId) {
                <tr>
                  <th scope="row">{{ one.name }}</th>
                  <td>{{ t('medium.' + one.medium) }}</td>
                  <td>{{ t('price.series-minutes-' + one.minutes) }}</td>
                  <td class="num">{{ formats.count(one.points) }}</td>
                  <td>{{ formats.instant(one.fromMs) }} – {{ formats.instant(one.toMs) }}</td>
                  <td class="num">
                    @if (mayWrite()) {
                      <button type="button" class="button small" (click)="add(one.medium, one)">
                        <wl-icon name="plus" />{{ t('price.series-save') }}
                      </button>
                    }
                  </td>
                </tr>
              }
            </tbody>
          </table>
        </div>
      </wl-answer>
    </section>
  `,
})
export class SeriesList {
  private readonly billing = inject(BillingApi);
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  private readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly media = media;
  protected readonly mayWrite = computed(() => this.site.may('price:write'));
  protected readonly series = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.billing.priceSeries(projectId, abort),
    subject: (projectId) => projectId,
  });

  protected async add(medium: Medium, series: PriceSeries | null): Promise<void> {
    const id = await this.dialogs.open<string, SeriesDialogData>(
      SeriesDialog,
      { medium, series },
      { wide: true },
    );
    if (id === undefined) return;
    this.notices.done(this.t('price.series-added'));
    this.series.reload();
  }
}
