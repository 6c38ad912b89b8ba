// SPDX-License-Identifier: Apache-2.0
import { Component, ElementRef, computed, effect, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import {
  counterMeans,
  type AccountDetail,
  type CounterMeans,
  type Vend,
  type VendBody,
} from '@wattledger/contracts/http/billing';
import { BillingApi } from '../api/billing-api.ts';
import { command } from '../api/command.ts';
import { CounterApi } from '../api/counter-api.ts';
import { ask } from '../api/question.ts';
import { Formats } from '../format/formats.ts';
import { currencyDigits } from '../format/money-format.ts';
import { DialogFrame } from '../look/dialog-frame.ts';
import { FaultNote } from '../look/fault-note.ts';
import { Icon } from '../look/icon.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';
import { AllocationPreviewView } from './allocation-preview.ts';
import { amountFor, boughtFor, daysFor } from './bought.ts';
import { DocumentLink } from './document-link.ts';
import { MoneyInput } from './money-input.ts';
import { Receipt } from './receipt.ts';

const quickMicros = [50, 100, 200, 500].map((units) => units * 1_000_000);

export type TopUpData = Pick<
  AccountDetail,
  'accountId' | 'tenantName' | 'tenantCode' | 'balanceMicros' | 'supply'
>;

/** Amount (or what it buys) and means, then one look at what will happen, then the receipt. Enter goes on. */
@Component({
  selector: 'wl-top-up-dialog',
  imports: [AllocationPreviewView, DialogFrame, DocumentLink, FaultNote, Icon, MoneyInput, Receipt],
  templateUrl: './top-up-dialog.html',
  styleUrl: './top-up-dialog.css',
})
export class TopUpDialog {
  private readonly billing = inject(BillingApi);
  private readonly counter = inject(CounterApi);
  private readonly site = inject(Site);
  protected readonly account = inject<TopUpData>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<Vend>>(DialogRef);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly meansOffered = counterMeans;
  protected readonly quickMicros = quickMicros;
  protected readonly amount = signal<number | null>(null);
  protected readonly received = signal<number | null>(null);
  protected readonly means = signal<CounterMeans>('cash');
  protected readonly reference = signal('');
  protected readonly drawerBank = signal('');
  protected readonly step = signal<'amount' | 'confirm' | 'receipt'>('amount');
  protected readonly vend = signal<Vend | null>(null);
  /** Its key is made here, when the dialog opens: however often the button is pressed, it is one top-up. */
  protected readonly command = command();
  protected readonly quote = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.counter.quote(projectId, this.account.accountId, abort),
  });
  /** By medium: what the amount buys at present. */
  protected readonly bought = computed(() =>
    (this.quote.value()?.media ?? []).map(({ medium, priceMicros, flat }) => ({
      medium,
      flat,
      priceMicros,
      bought: boughtFor(this.spendable(), priceMicros),
    })),
  );
  protected readonly days = computed(() =>
    daysFor(this.spendable(), this.quote.value()?.dailyChargeMicros ?? null),
  );
  protected readonly changeMicros = computed(() => (this.received() ?? 0) - (this.amount() ?? 0));
  protected readonly ready = computed(() => {
    if ((this.amount() ?? 0) <= 0) return false;
    if (this.means() === 'cheque') return this.reference().trim() !== '' && this.drawerBank().trim() !== '';
    return this.means() !== 'cash' || this.received() === null || this.changeMicros() >= 0;
  });
  protected readonly heading = computed(() =>
    this.t(this.step() === 'receipt' ? 'top-up.done' : 'top-up.title', { name: this.account.tenantName }),
  );
  protected readonly balanceAfter = computed(() => this.account.balanceMicros + (this.amount() ?? 0));

  constructor() {
    const host = inject<ElementRef<HTMLElement>>(ElementRef);
    // Each next step is one Enter away.
    effect(() => {
      if (this.step() === 'amount') return;
      setTimeout(() => host.nativeElement.querySelector<HTMLElement>('.dialog-foot .primary')?.focus());
    });
  }

  /** A key held down must not run through the steps. */
  protected keepSteady(event: KeyboardEvent): void {
    if (event.repeat && event.key === 'Enter') event.preventDefault();
  }

  /** What is owed buys nothing. */
  private spendable(): number | null {
    const amount = this.amount();
    return amount === null ? null : Math.max(0, amount + Math.min(0, this.account.balanceMicros));
  }

  protected buy(text: string, priceMicros: number): void {
    const wanted = Number(text.replace(',', '.'));
    if (!Number.isFinite(wanted) || wanted <= 0) return;
    const owed = Math.max(0, -this.account.balanceMicros);
    this.amount.set(owed + amountFor(wanted, priceMicros, currencyDigits(this.formats.currency())));
  }

  protected unitOf(medium: string): string {
    return medium === 'electricity' ? 'kWh' : 'm³';
  }

  protected boughtText(bought: number | null): string {
    return bought === null ? '' : this.formats.decimal(bought, bought < 100 ? 1 : 0);
  }

  protected next(event: Event): void {
    event.preventDefault();
    if (this.ready()) this.step.set('confirm');
  }

  protected async confirm(event: Event): Promise<void> {
    event.preventDefault();
    const amountMicros = this.amount();
    if (amountMicros === null || this.vend() !== null) return;
    const reference = this.reference().trim();
    const [means, received] = [this.means(), this.received()];
    const body: VendBody = {
      amountMicros,
      means,
      ...(means === 'cash' || reference === '' ? {} : { reference }),
      ...(means === 'cheque' ? { drawerBank: this.drawerBank().trim() } : {}),
      ...(means === 'cash' && received !== null ? { receivedMicros: received } : {}),
    };
    const vend = await this.command.run(body, (key) =>
      this.billing.vend(this.site.projectId() ?? '', this.account.accountId, body, key),
    );
    if (vend === undefined) return;
    this.vend.set(vend);
    this.step.set('receipt');
  }
}
