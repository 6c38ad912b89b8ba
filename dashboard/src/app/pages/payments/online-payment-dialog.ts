// SPDX-License-Identifier: Apache-2.0
import { Component, DestroyRef, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import type { AccountRow, OnlinePayment, PaymentProviderName } from '@wattledger/contracts/http/billing';
import { command } from '../../api/command.ts';
import { CounterApi } from '../../api/counter-api.ts';
import { Formats } from '../../format/formats.ts';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Icon } from '../../look/icon.ts';
import { MoneyInput } from '../../money/money-input.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

export interface OnlinePaymentData {
  readonly account: Pick<AccountRow, 'accountId' | 'tenantName'>;
  readonly providers: readonly PaymentProviderName[];
}

/** How often the provider is asked while the customer pays in front of the screen. */
const checkEveryMs = 4_000;

/** An amount, then a code to scan or an address to open, until the provider says it is paid. */
@Component({
  selector: 'wl-online-payment-dialog',
  imports: [DialogFrame, FaultNote, Icon, MoneyInput],
  templateUrl: './online-payment-dialog.html',
  styles: `
    .code {
      display: block;
      width: min(260px, 100%);
      margin: 0 auto;
      padding: 12px;
      border-radius: var(--radius);
      background: #fff;
    }
    .center {
      text-align: center;
    }
  `,
})
export class OnlinePaymentDialog {
  private readonly counter = inject(CounterApi);
  private readonly site = inject(Site);
  protected readonly data = inject<OnlinePaymentData>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<OnlinePayment>>(DialogRef);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly amount = signal<number | null>(null);
  protected readonly provider = signal<PaymentProviderName>(this.data.providers[0] ?? 'stripe');
  protected readonly payment = signal<OnlinePayment | null>(null);
  protected readonly code = signal<string | null>(null);
  protected readonly command = command();
  protected readonly ready = computed(() => (this.amount() ?? 0) > 0);

  constructor() {
    const timer = setInterval(() => void this.check(), checkEveryMs);
    inject(DestroyRef).onDestroy(() => clearInterval(timer));
  }

  protected async create(event: Event): Promise<void> {
    event.preventDefault();
    const amountMicros = this.amount();
    if (amountMicros === null) return;
    const body = { amountMicros, provider: this.provider() };
    const payment = await this.command.run(body, (key) =>
      this.counter.createPayment(this.site.projectId() ?? '', this.data.account.accountId, body, key),
    );
    if (payment === undefined) return;
    this.payment.set(payment);
    if (payment.qrText === null) return;
    const { default: encodeQr } = await import('qr');
    this.code.set(`data:image/svg+xml;utf8,${encodeURIComponent(encodeQr(payment.qrText, 'svg'))}`);
  }

  /** Silent when it fails: it is asked again, and the server asks by itself. */
  private async check(): Promise<void> {
    const payment = this.payment();
    if (payment === null || payment.state === 'paid' || document.hidden) return;
    try {
      this.payment.set(await this.counter.checkPayment(this.site.projectId() ?? '', payment.paymentId));
    } catch {
      // The dialog says that it waits; the next answer says more.
    }
  }
}
