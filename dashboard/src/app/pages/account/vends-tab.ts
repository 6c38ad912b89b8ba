// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input, output } from '@angular/core';
import type { AccountDetail, Vend } from '@wattledger/contracts/http/billing';
import { Answer } from '../../api/answer.ts';
import { BillingApi } from '../../api/billing-api.ts';
import { ask } from '../../api/question.ts';
import { Formats } from '../../format/formats.ts';
import { keepFresh } from '../../live/keep-fresh.ts';
import { Dialogs } from '../../look/dialogs.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { ReceiptDialog } from '../../money/receipt-dialog.ts';
import { Notices } from '../../notices/notices.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

const vendsMax = 200;

/** Top-ups of an account, with their receipts. */
@Component({
  selector: 'wl-vends-tab',
  imports: [Answer, Icon, TableBox],
  template: `
    <section class="card" [attr.aria-label]="t('account.tab.vends')">
      <header class="card-head">
        <h2>{{ t('account.tab.vends') }}</h2>
      </header>
      <wl-answer [of]="vends" [empty]="rows().length === 0" [emptyText]="t('vends.empty')" [height]="200">
        <div class="table-box">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">{{ t('vends.receipt') }}</th>
                <th scope="col">{{ t('receipt.time') }}</th>
                <th scope="col">{{ t('receipt.means') }}</th>
                <th scope="col" class="num">{{ t('receipt.amount') }}</th>
                <th scope="col" class="num wide-only">{{ t('receipt.arrears') }}</th>
                <th scope="col" class="num wide-only">{{ t('receipt.to-balance') }}</th>
                <th scope="col" class="wide-only">{{ t('receipt.cashier') }}</th>
                <th scope="col" class="num wide-only">{{ t('shifts.number') }}</th>
                <th scope="col">
                  <span class="visually-hidden">{{ t('vends.actions') }}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              @for (vend of rows(); track vend.vendId) {
                <tr [class.reversed]="vend.reversal !== null">
                  <th scope="row">{{ vend.receiptNumber }}</th>
                  <td class="nowrap">{{ formats.instant(vend.effectiveAtMs) }}</td>
                  <td>
                    {{ t('means.' + vend.means) }}&ngsp;<span class="muted"
                      >{{ vend.reference }}{{ vend.drawerBank === null ? '' : ' · ' + vend.drawerBank }}</span
                    >
                    @if (vend.reversal !== null) {
                      <span class="chip bad"><wl-icon name="undo" />{{ t('vends.reversed') }}</span>
                    }
                  </td>
                  <td class="num strong">{{ formats.money(vend.amountMicros) }}</td>
                  <td class="num wide-only">{{ formats.money(vend.parts.arrearsMicros) }}</td>
                  <td class="num wide-only">{{ formats.money(vend.parts.balanceMicros) }}</td>
                  <td class="wide-only">{{ vend.cashier.name }}</td>
                  <td class="num wide-only">{{ vend.shiftNumber ?? '–' }}</td>
                  <td class="num">
                    <button type="button" class="button small" (click)="show(vend)">
                      <wl-icon name="receipt" />{{ t('vends.show') }}
                    </button>
                  </td>
                </tr>
              }
            </tbody>
          </table>
        </div>
      </wl-answer>
    </section>
  `,
  styles: `
    .reversed td.strong {
      text-decoration: line-through;
    }
  `,
})
export class VendsTab {
  readonly account = input.required<AccountDetail>();
  readonly changed = output();
  private readonly billing = inject(BillingApi);
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  private readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  private readonly accountId = computed(() => this.account().accountId);
  protected readonly vends = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null ? undefined : { projectId, accountId: this.accountId() };
    },
    load: ({ projectId, accountId }, abort) =>
      this.billing.accountVends(projectId, accountId, { limit: vendsMax }, abort),
    subject: ({ accountId }) => accountId,
  });
  protected readonly rows = computed(() => this.vends.value()?.vends ?? []);

  constructor() {
    keepFresh(['accounts'], [this.vends], 15_000);
  }

  protected async show(vend: Vend): Promise<void> {
    const reversed = await this.dialogs.open<Vend, Vend>(ReceiptDialog, vend);
    if (reversed === undefined) return;
    this.notices.done(this.t('reversal.done', { number: reversed.receiptNumber }));
    this.vends.reload();
    this.changed.emit();
  }
}
