// SPDX-License-Identifier: Apache-2.0
import { Component, computed, effect, inject, input } from '@angular/core';
import type { Vend } from '@wattledger/contracts/http/billing';
import { MeterPrepaymentApi } from '../api/meter-prepayment-api.ts';
import { ask } from '../api/question.ts';
import { Formats } from '../format/formats.ts';
import { Icon } from '../look/icon.ts';
import { printSlip } from '../look/print-slip.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';

/** A token is made within seconds of the top up. */
const lookAgainMs = 1_500;

/** On a receipt: the digits that the customer types into the meter, or that the credit is on its way. Else nothing. */
@Component({
  selector: 'wl-meter-token',
  imports: [Icon],
  template: `
    @if (credit(); as it) {
      <p class="token">
        @if (it.token; as token) {
          <span>{{ t('meter-credit.token') }}</span>
          <strong class="mono">{{ grouped(token) }}</strong>
          <button type="button" class="button small no-print" (click)="print()">
            <wl-icon name="print" />{{ t('meter-credit.print') }}
          </button>
        } @else {
          <span>{{ t('meter-credit.state.' + it.state) }}</span>
        }
        @if (it.quantity; as quantity) {
          <span>{{ formats.consumption(quantity, it.medium) }}</span>
        }
      </p>
    }
  `,
  styles: `
    .token {
      display: grid;
      gap: 2px;
      padding: 8px 0;
      border-top: 1px solid var(--line);
    }
    .button {
      justify-self: start;
    }
    strong {
      font-size: 18px;
      overflow-wrap: anywhere;
    }
  `,
})
export class MeterToken {
  readonly vend = input.required<Pick<Vend, 'accountId' | 'vendId'>>();
  private readonly api = inject(MeterPrepaymentApi);
  private readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  private readonly credits = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null ? undefined : { projectId, ...this.vend() };
    },
    load: ({ projectId, accountId }, abort) => this.api.credits(projectId, accountId, abort),
    subject: ({ vendId }) => vendId,
  });
  protected readonly credit = computed(() =>
    this.credits.value()?.credits.find(({ vendId }) => vendId === this.vend().vendId),
  );

  constructor() {
    effect((onCleanup) => {
      if (this.credit()?.state !== 'made' || this.credits.loading()) return;
      const timer = setTimeout(() => this.credits.reload(), lookAgainMs);
      onCleanup(() => clearTimeout(timer));
    });
  }

  /** The document was made with the money, before the token: only this slip shows it. */
  protected readonly print = printSlip;
  protected readonly grouped = (token: string): string => token.replace(/(\d{4})(?=\d)/g, '$1 ');
}
