// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import { CreditApi } from '../api/credit-api.ts';
import { ask } from '../api/question.ts';
import { Formats } from '../format/formats.ts';
import { Icon } from '../look/icon.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';

/** What a cashier must know before money is taken: arrears agreed, emergency credit in use. Nothing where there is neither. */
@Component({
  selector: 'wl-credit-notes',
  imports: [Icon],
  template: `
    @if (agreement(); as it) {
      <p class="note" [class.warn]="it.overdueMicros > 0">
        <wl-icon [name]="it.overdueMicros > 0 ? 'warning' : 'info'" />
        <span>
          {{
            t('counter.arrears', {
              rest: formats.money(it.restMicros),
              share: shareText(),
            })
          }}
          @if (it.overdueMicros > 0) {
            <strong>{{ t('counter.overdue', { amount: formats.money(it.overdueMicros) }) }}</strong>
          }
        </span>
      </p>
    }
    @if (emergency(); as it) {
      <p class="note warn">
        <wl-icon name="bolt" /><span>{{
          t('counter.emergency', {
            used: formats.money(it.usedMicros),
            amount: formats.money(it.amountMicros),
          })
        }}</span>
      </p>
    }
  `,
  styles: `
    .note {
      margin-top: 10px;
    }
  `,
})
export class CreditNotes {
  readonly accountId = input.required<string>();
  /** Part of the question: what is used follows every charge and every top-up. */
  readonly balanceMicros = input.required<number>();
  private readonly api = inject(CreditApi);
  private readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  private readonly credit = ask({
    params: () => {
      const projectId = this.site.projectId();
      const [accountId, balanceMicros] = [this.accountId(), this.balanceMicros()];
      return projectId === null ? undefined : { projectId, accountId, balanceMicros };
    },
    load: ({ projectId, accountId }, abort) => this.api.credit(projectId, accountId, abort),
    subject: ({ accountId }) => accountId,
  });
  protected readonly agreement = computed(
    () => this.credit.value()?.agreements.find(({ state }) => state === 'active') ?? null,
  );
  protected readonly shareText = computed(() => {
    const percent = (this.agreement()?.sharePpm ?? 0) / 10_000;
    return this.formats.decimal(percent, Number.isInteger(percent) ? 0 : 2);
  });
  protected readonly emergency = computed(() => {
    const emergency = this.credit.value()?.emergency;
    return emergency?.state === 'in-use' ? emergency : null;
  });
}
