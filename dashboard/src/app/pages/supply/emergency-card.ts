// SPDX-License-Identifier: Apache-2.0
import { Component, inject } from '@angular/core';
import { Answer } from '../../api/answer.ts';
import { CreditApi } from '../../api/credit-api.ts';
import { ask } from '../../api/question.ts';
import { Formats } from '../../format/formats.ts';
import { Dialogs } from '../../look/dialogs.ts';
import { TableBox } from '../../look/table-box.ts';
import { Notices } from '../../notices/notices.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { EmergencyDialog } from './emergency-dialog.ts';

/** Who is offered emergency credit, how much and when. */
@Component({
  selector: 'wl-emergency-card',
  imports: [Answer, TableBox],
  template: `
    <section class="card" [attr.aria-label]="t('emergency.title')">
      <header class="card-head">
        <h2>{{ t('emergency.title') }}</h2>
        @if (site.may('price:write')) {
          <button
            type="button"
            class="button small"
            [disabled]="policy.value() === undefined"
            (click)="edit()"
          >
            {{ t('emergency.change') }}
          </button>
        }
      </header>
      <wl-answer
        [of]="policy"
        [empty]="policy.value()?.rules?.length === 0"
        [emptyText]="t('emergency.none')"
        [height]="120"
      >
        <div class="table-box">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">{{ t('emergency.kind') }}</th>
                <th scope="col" class="num">{{ t('emergency.amount') }}</th>
                <th scope="col">{{ t('emergency.offered-at') }}</th>
                <th scope="col" class="num">{{ t('emergency.times') }}</th>
                <th scope="col">{{ t('emergency.while-overdue') }}</th>
              </tr>
            </thead>
            <tbody>
              @for (rule of policy.value()?.rules ?? []; track rule.tenantClass) {
                <tr>
                  <th scope="row">{{ rule.tenantClass ?? t('emergency.all-kinds') }}</th>
                  <td class="num">{{ formats.money(rule.amountMicros) }}</td>
                  <td>{{ t('stage.' + rule.offeredAt) }}</td>
                  <td class="num">{{ formats.count(rule.timesPerMonth) }}</td>
                  <td>{{ t(rule.whileOverdue ? 'answer.yes' : 'answer.no') }}</td>
                </tr>
              }
            </tbody>
          </table>
        </div>
      </wl-answer>
      <footer class="card-foot">{{ t('emergency.note') }}</footer>
    </section>
  `,
})
export class EmergencyCard {
  private readonly credit = inject(CreditApi);
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly policy = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.credit.emergencyPolicy(projectId, abort),
    subject: (projectId) => projectId,
  });

  protected async edit(): Promise<void> {
    const policy = this.policy.value();
    if (policy === undefined) return;
    if ((await this.dialogs.open(EmergencyDialog, policy, { wide: true })) === undefined) return;
    this.notices.done(this.t('policy.saved'));
    this.policy.reload();
  }
}
