// SPDX-License-Identifier: Apache-2.0
import { Component, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { ask } from '../../api/question.ts';
import { ReplayApi } from '../../api/replay-api.ts';
import { Formats } from '../../format/formats.ts';
import { TableBox } from '../../look/table-box.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

/** What prices of the past changed for the account: one line a version and month, linked to the version. Absent where nothing was. */
@Component({
  selector: 'wl-compensations-card',
  imports: [RouterLink, TableBox],
  template: `
    @if (compensations.value()?.lines?.length) {
      <section class="card" [attr.aria-label]="t('compensations.title')">
        <header class="card-head">
          <h2>{{ t('compensations.title') }}</h2>
        </header>
        <div class="table-box">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">{{ t('replay.month') }}</th>
                <th scope="col">{{ t('price.version') }}</th>
                <th scope="col">{{ t('ledger.recorded') }}</th>
                <th scope="col" class="num">{{ t('ledger.amount') }}</th>
              </tr>
            </thead>
            <tbody>
              @for (line of compensations.value()?.lines ?? []; track $index) {
                <tr>
                  <th scope="row">{{ line.month }}</th>
                  <td>
                    <a
                      [routerLink]="[
                        '/p',
                        site.projectId(),
                        'prices',
                        line.priceSchemeId,
                        'versions',
                        line.priceVersionId,
                      ]"
                      [queryParams]="{ tab: 'list' }"
                      >{{
                        t(
                          line.cause === 'price-notice' ? 'compensations.notice' : 'compensations.withdrawn',
                          {
                            scheme: line.schemeName,
                            number: line.versionNumber,
                          }
                        )
                      }}</a
                    >
                  </td>
                  <td>{{ formats.instant(line.recordedAtMs) }}</td>
                  <td class="num strong">{{ formats.moneySigned(0 - line.amountMicros) }}</td>
                </tr>
              }
            </tbody>
          </table>
        </div>
      </section>
    }
  `,
  styles: `
    .card {
      margin-top: var(--s4);
    }
  `,
})
export class CompensationsCard {
  readonly accountId = input.required<string>();
  private readonly api = inject(ReplayApi);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly compensations = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null ? undefined : { projectId, accountId: this.accountId() };
    },
    load: ({ projectId, accountId }, abort) => this.api.compensations(projectId, accountId, abort),
    subject: ({ accountId }) => accountId,
  });
}
