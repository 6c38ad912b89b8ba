// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { OnlinePayment, PaymentItem } from '@wattledger/contracts/http/billing';
import { Answer } from '../../api/answer.ts';
import { command } from '../../api/command.ts';
import { CounterApi } from '../../api/counter-api.ts';
import { ask } from '../../api/question.ts';
import { Formats } from '../../format/formats.ts';
import { Dialogs } from '../../look/dialogs.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { Notices } from '../../notices/notices.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { RefundPaymentDialog } from './refund-payment-dialog.ts';
import { SettleItemDialog } from './settle-item-dialog.ts';

const paymentsMax = 100;

/** Online payments and the money among them that somebody has to look at. */
@Component({
  selector: 'wl-payments-page',
  imports: [Answer, FaultNote, Icon, RouterLink, TableBox],
  templateUrl: './payments-page.html',
})
export class PaymentsPage {
  private readonly counter = inject(CounterApi);
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly command = command();
  protected readonly beforeMs = signal<number | null>(null);
  protected readonly payments = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null ? undefined : { projectId, beforeMs: this.beforeMs() };
    },
    load: ({ projectId, beforeMs }, abort) =>
      this.counter.payments(projectId, { limit: paymentsMax, beforeMs: beforeMs ?? undefined }, abort),
    subject: ({ projectId }) => projectId,
  });
  protected readonly rows = computed(() => this.payments.value()?.payments ?? []);
  protected readonly items = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.counter.paymentItems(projectId, abort),
    subject: (projectId) => projectId,
  });

  protected toneOf(payment: OnlinePayment): string {
    if (payment.state === 'paid') return 'good';
    return payment.state === 'failed' ? 'bad' : '';
  }

  protected refundable(payment: OnlinePayment): boolean {
    return payment.vendPostingId !== null && payment.refundedMicros < (payment.receivedMicros ?? 0);
  }

  protected waits(payment: OnlinePayment): boolean {
    return payment.state === 'open' || payment.state === 'processing' || payment.state === 'creating';
  }

  protected async check(payment: OnlinePayment): Promise<void> {
    const checked = await this.command.run(payment.paymentId, () =>
      this.counter.checkPayment(this.site.projectId() ?? '', payment.paymentId),
    );
    if (checked === undefined) return;
    this.notices.done(this.t('online.checked', { state: this.t(`payment-state.${checked.state}`) }));
    this.payments.reload();
    this.items.reload();
  }

  protected async refund(payment: OnlinePayment): Promise<void> {
    const refunded = await this.dialogs.open<OnlinePayment, OnlinePayment>(RefundPaymentDialog, payment);
    if (refunded === undefined) return;
    this.notices.done(this.t('online.refund.done'));
    this.payments.reload();
    this.items.reload();
  }

  protected async settle(item: PaymentItem): Promise<void> {
    const settled = await this.dialogs.open<PaymentItem, PaymentItem>(SettleItemDialog, item);
    if (settled !== undefined) this.items.reload();
  }
}
