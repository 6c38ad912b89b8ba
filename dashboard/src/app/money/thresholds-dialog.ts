// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import type { AccountDetail, AccountThresholdsBody } from '@wattledger/contracts/http/billing';
import { BillingApi } from '../api/billing-api.ts';
import { command } from '../api/command.ts';
import { DialogButtons } from '../look/dialog-buttons.ts';
import { DialogFrame } from '../look/dialog-frame.ts';
import { FaultNote } from '../look/fault-note.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';
import { MoneyInput } from './money-input.ts';

/** When the tenant is warned, and whether supply may be cut at all. */
@Component({
  selector: 'wl-thresholds-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote, MoneyInput],
  template: `
    <wl-dialog-frame [heading]="t('thresholds.title', { name: account.tenantName })">
      <div class="form-grid">
        <wl-money-input
          [label]="t('thresholds.alarm-1')"
          [hint]="t('thresholds.alarm-1.hint')"
          [negative]="true"
          [(micros)]="alarm1"
        />
        <wl-money-input
          [label]="t('thresholds.alarm-2')"
          [hint]="t('thresholds.alarm-2.hint')"
          [negative]="true"
          [(micros)]="alarm2"
        />
        <wl-money-input
          [label]="t('thresholds.hysteresis')"
          [hint]="t('thresholds.hysteresis.hint')"
          [(micros)]="hysteresis"
        />
      </div>
      <label class="check"
        ><input
          #box
          type="checkbox"
          [checked]="protectedSupply()"
          (change)="protectedSupply.set(box.checked)"
        />{{ t('thresholds.protected') }}</label
      >
      <wl-fault-note [fault]="command.fault()" />
      <wl-dialog-buttons
        foot
        [label]="t('do.save')"
        [disabled]="body() === null || command.busy()"
        (confirmed)="save()"
      />
    </wl-dialog-frame>
  `,
})
export class ThresholdsDialog {
  private readonly billing = inject(BillingApi);
  private readonly site = inject(Site);
  protected readonly account = inject<AccountDetail>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<boolean>>(DialogRef);
  protected readonly t = inject(Words).t;
  protected readonly alarm1 = signal<number | null>(this.account.alarm1Micros);
  protected readonly alarm2 = signal<number | null>(this.account.alarm2Micros);
  protected readonly hysteresis = signal<number | null>(this.account.hysteresisMicros);
  protected readonly protectedSupply = signal(this.account.supply.protectedSupply);
  protected readonly command = command();
  protected readonly body = computed<AccountThresholdsBody | null>(() => {
    const [alarm1Micros, alarm2Micros, hysteresisMicros] = [this.alarm1(), this.alarm2(), this.hysteresis()];
    if (alarm1Micros === null || alarm2Micros === null || hysteresisMicros === null) return null;
    return { alarm1Micros, alarm2Micros, hysteresisMicros, protectedSupply: this.protectedSupply() };
  });

  protected async save(): Promise<void> {
    const body = this.body();
    if (body === null) return;
    const saved = await this.command.run(body, () =>
      this.billing.setThresholds(this.site.projectId() ?? '', this.account.accountId, body),
    );
    if (saved !== undefined) this.dialog.close(true);
  }
}
