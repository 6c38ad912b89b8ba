// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import type { AccountDetail, PaymentMeans, Vend, VendBody } from '@wattledger/contracts/http/billing';
import { BillingApi } from '../api/billing-api.ts';
import { command } from '../api/command.ts';
import { Formats } from '../format/formats.ts';
import { DialogFrame } from '../look/dialog-frame.ts';
import { FaultNote } from '../look/fault-note.ts';
import { Icon } from '../look/icon.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';
import { MoneyInput } from './money-input.ts';
import { Receipt, printReceipt } from './receipt.ts';

const meansOffered: readonly PaymentMeans[] = ['cash', 'card', 'transfer'];
const quickMicros = [50, 100, 200, 500].map((units) => units * 1_000_000);

export type TopUpData = Pick<
  AccountDetail,
  'accountId' | 'tenantName' | 'tenantCode' | 'balanceMicros' | 'supply'
>;

/** Amount and means, then one look at what will happen, then the receipt. */
@Component({
  selector: 'wl-top-up-dialog',
  imports: [DialogFrame, FaultNote, Icon, MoneyInput, Receipt],
  templateUrl: './top-up-dialog.html',
  styles: `
    .quick {
      display: flex;
      flex-wrap: wrap;
      gap: 8px;
    }
    .confirm {
      font-size: var(--t-l);
    }
  `,
})
export class TopUpDialog {
  private readonly billing = inject(BillingApi);
  private readonly site = inject(Site);
  protected readonly account = inject<TopUpData>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<Vend>>(DialogRef);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly meansOffered = meansOffered;
  protected readonly quickMicros = quickMicros;
  protected readonly amount = signal<number | null>(null);
  protected readonly means = signal<PaymentMeans>('cash');
  protected readonly reference = signal('');
  protected readonly step = signal<'amount' | 'confirm' | 'receipt'>('amount');
  protected readonly vend = signal<Vend | null>(null);
  protected readonly command = command();
  protected readonly ready = computed(() => (this.amount() ?? 0) > 0);
  protected readonly heading = computed(() =>
    this.t(this.step() === 'receipt' ? 'top-up.done' : 'top-up.title', { name: this.account.tenantName }),
  );
  protected readonly balanceAfter = computed(() => this.account.balanceMicros + (this.amount() ?? 0));

  protected async confirm(): Promise<void> {
    const amountMicros = this.amount();
    if (amountMicros === null) return;
    const reference = this.reference().trim();
    const body: VendBody = { amountMicros, means: this.means(), ...(reference === '' ? {} : { reference }) };
    const vend = await this.command.run(body, (key) =>
      this.billing.vend(this.site.projectId() ?? '', this.account.accountId, body, key),
    );
    if (vend === undefined) return;
    this.vend.set(vend);
    this.step.set('receipt');
  }

  protected print(): void {
    printReceipt();
  }
}
