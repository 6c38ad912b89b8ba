// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import type { OnlinePayment } from '@wattledger/contracts/http/billing';
import { command } from '../../api/command.ts';
import { CounterApi } from '../../api/counter-api.ts';
import { DialogButtons } from '../../look/dialog-buttons.ts';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { MoneyInput } from '../../money/money-input.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

/** Money back the way it came. */
@Component({
  selector: 'wl-refund-payment-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote, MoneyInput],
  template: `
    <wl-dialog-frame [heading]="t('online.refund.title')">
      <p class="muted">{{ t('online.refund.text', { provider: t('provider.' + payment.provider) }) }}</p>
      <wl-money-input [label]="t('online.refund.amount')" [(micros)]="amount" />
      <label class="field">
        <span class="label">{{ t('reversal.reason') }}</span>
        <input #box class="input" maxlength="500" [value]="reason()" (input)="reason.set(box.value)" />
      </label>
      <wl-fault-note [fault]="command.fault()" />
      <wl-dialog-buttons
        foot
        [label]="t('online.refund.do')"
        [disabled]="!ready() || command.busy()"
        (confirmed)="refund()"
      />
    </wl-dialog-frame>
  `,
})
export class RefundPaymentDialog {
  private readonly counter = inject(CounterApi);
  private readonly site = inject(Site);
  protected readonly payment = inject<OnlinePayment>(DIALOG_DATA);
  private readonly dialog = inject<DialogRef<OnlinePayment>>(DialogRef);
  protected readonly t = inject(Words).t;
  protected readonly amount = signal<number | null>(
    (this.payment.receivedMicros ?? 0) - this.payment.refundedMicros,
  );
  protected readonly reason = signal('');
  protected readonly command = command();
  protected readonly ready = computed(() => (this.amount() ?? 0) > 0 && this.reason().trim() !== '');

  protected async refund(): Promise<void> {
    const amountMicros = this.amount();
    if (amountMicros === null) return;
    const body = { amountMicros, reason: this.reason().trim() };
    const refunded = await this.command.run(body, (key) =>
      this.counter.refundPayment(this.site.projectId() ?? '', this.payment.paymentId, body, key),
    );
    if (refunded !== undefined) this.dialog.close(refunded);
  }
}
