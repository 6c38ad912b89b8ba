// SPDX-License-Identifier: Apache-2.0
import { Component, inject } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import { RouterLink } from '@angular/router';
import type { PriceScheme, PriceVersion } from '@wattledger/contracts/http/billing';
import { Answer } from '../../api/answer.ts';
import { BillingApi } from '../../api/billing-api.ts';
import { ask } from '../../api/question.ts';
import { Formats } from '../../format/formats.ts';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { TableBox } from '../../look/table-box.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

export interface NoticeData {
  readonly scheme: PriceScheme;
  readonly version: PriceVersion;
}

/** The differences that a retroactive notice posted, account by account. */
@Component({
  selector: 'wl-notice-dialog',
  imports: [Answer, DialogFrame, RouterLink, TableBox],
  template: `
    <wl-dialog-frame
      [heading]="t('price.notice-title', { name: data.scheme.name, number: data.version.number })"
    >
      <wl-answer [of]="notice" [empty]="notice.value()?.differences?.length === 0" [height]="160">
        <div class="table-box tall">
          <table class="table sticky">
            <thead>
              <tr>
                <th scope="col">{{ t('energy.tenant') }}</th>
                <th scope="col">{{ t('ledger.recorded') }}</th>
                <th scope="col" class="num">{{ t('energy.consumption') }}</th>
                <th scope="col" class="num">{{ t('ledger.amount') }}</th>
              </tr>
            </thead>
            <tbody>
              @for (row of notice.value()?.differences ?? []; track row.postingId) {
                <tr>
                  <th scope="row">
                    <a
                      [routerLink]="['/p', site.projectId(), 'accounts', row.accountId]"
                      [queryParams]="{ tab: 'ledger' }"
                      (click)="dialog.close()"
                      >{{ row.tenantName }}</a
                    >
                  </th>
                  <td>{{ formats.instant(row.recordedAtMs) }}</td>
                  <td class="num">{{ formats.decimal(row.consumption / 1000, 3) }}</td>
                  <td class="num strong">{{ formats.moneySigned(row.amountMicros) }}</td>
                </tr>
              }
            </tbody>
          </table>
        </div>
      </wl-answer>
      <button foot type="button" class="button primary" (click)="dialog.close()">{{ t('do.close') }}</button>
    </wl-dialog-frame>
  `,
})
export class NoticeDialog {
  private readonly billing = inject(BillingApi);
  protected readonly site = inject(Site);
  protected readonly data = inject<NoticeData>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<void>>(DialogRef);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly notice = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) =>
      this.billing.priceNotice(
        projectId,
        this.data.scheme.priceSchemeId,
        this.data.version.priceVersionId,
        abort,
      ),
  });
}
