// SPDX-License-Identifier: Apache-2.0
import type { ElementRef } from '@angular/core';
import { Component, afterNextRender, computed, inject, linkedSignal, signal, viewChild } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { AccountRow, OnlinePayment, Vend } from '@wattledger/contracts/http/billing';
import { Answer } from '../../api/answer.ts';
import { BillingApi } from '../../api/billing-api.ts';
import { CounterApi } from '../../api/counter-api.ts';
import { ask } from '../../api/question.ts';
import { Formats } from '../../format/formats.ts';
import { keepFresh } from '../../live/keep-fresh.ts';
import { LiveValues } from '../../live/live-values.ts';
import { Dialogs } from '../../look/dialogs.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { CreditNotes } from '../../money/credit-notes.ts';
import { ReceiptDialog } from '../../money/receipt-dialog.ts';
import { RelayChip } from '../../money/relay-chip.ts';
import { StageChip } from '../../money/stage-chip.ts';
import { TopUpDialog, type TopUpData } from '../../money/top-up-dialog.ts';
import { Notices } from '../../notices/notices.ts';
import { OnlinePaymentDialog, type OnlinePaymentData } from '../payments/online-payment-dialog.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { ShiftBar } from './shift-bar.ts';

const accountsMax = 5000;
const shownMax = 9;
const vendsMax = 5;

/**
 * The counter: type a name, code, room or meter serial, choose with the arrows, Enter takes money. Hands stay on the keys.
 */
@Component({
  selector: 'wl-counter-page',
  imports: [Answer, CreditNotes, Icon, RelayChip, RouterLink, ShiftBar, StageChip, TableBox],
  templateUrl: './counter-page.html',
  styleUrl: './counter-page.css',
})
export class CounterPage {
  private readonly billing = inject(BillingApi);
  private readonly counter = inject(CounterApi);
  private readonly live = inject(LiveValues);
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  private readonly box = viewChild.required<ElementRef<HTMLInputElement>>('searchBox');
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly text = signal('');
  protected readonly active = linkedSignal({ source: this.text, computation: () => 0 });
  protected readonly chosenId = signal<string | null>(null);

  private readonly projectParams = (): string | undefined => this.site.projectId() ?? undefined;
  protected readonly own = ask({
    params: this.projectParams,
    load: (projectId, abort) => this.counter.ownShift(projectId, abort),
    subject: (projectId) => projectId,
  });
  protected readonly accounts = ask({
    params: this.projectParams,
    load: (projectId, abort) =>
      this.billing.accounts(projectId, { state: 'open', limit: accountsMax }, abort),
    subject: (projectId) => projectId,
  });
  private readonly online = ask({
    params: this.projectParams,
    load: (projectId, abort) => this.counter.payments(projectId, { limit: 1 }, abort),
    subject: (projectId) => projectId,
  });
  protected readonly providers = computed(() => this.online.value()?.providers ?? []);
  /** Each account with everything a customer may say of it. */
  private readonly rows = computed(() =>
    (this.accounts.value()?.accounts ?? []).map((account) => {
      const place = this.site.placeName(account.points[0]?.placeId ?? null);
      const serials = account.points.flatMap((point) => point.meters.map(({ serial }) => serial));
      const points = account.points.map(({ code, name }) => `${code} ${name}`);
      const words = [account.tenantName, account.tenantCode, place, ...serials, ...points];
      return { account, place, serials, words: words.join(' ').toLowerCase() };
    }),
  );
  protected readonly found = computed(() => {
    const words = this.text()
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    if (words.length === 0) return [];
    return this.rows()
      .filter((row) => words.every((word) => row.words.includes(word)))
      .slice(0, shownMax);
  });
  protected readonly chosen = computed(() => {
    const row = this.rows().find(({ account }) => account.accountId === this.chosenId());
    if (row === undefined) return null;
    const event = this.live.accounts().get(row.account.accountId);
    if (event === undefined) return row;
    const { balanceMicros, stage } = event;
    return { ...row, account: { ...row.account, balanceMicros, stage } };
  });
  protected readonly vends = ask({
    params: () => {
      const [projectId, accountId] = [this.site.projectId(), this.chosenId()];
      return projectId === null || accountId === null ? undefined : { projectId, accountId };
    },
    load: ({ projectId, accountId }, abort) =>
      this.billing.accountVends(projectId, accountId, { limit: vendsMax }, abort),
    subject: ({ accountId }) => accountId,
  });

  constructor() {
    keepFresh(['accounts'], [this.accounts], 60_000);
    afterNextRender(() => this.box().nativeElement.focus());
  }

  protected pressed(event: KeyboardEvent): void {
    const last = this.found().length - 1;
    if (event.key === 'ArrowDown') this.active.set(Math.min(last, this.active() + 1));
    else if (event.key === 'ArrowUp') this.active.set(Math.max(0, this.active() - 1));
    else if (event.key === 'Escape') this.clear();
    else if (event.key === 'Enter' && !event.repeat) this.enter();
    else return;
    event.preventDefault();
  }

  /** Enter chooses what is marked; with nothing typed, it takes money for whom was chosen. */
  private enter(): void {
    const row = this.found()[this.active()];
    if (row !== undefined) this.choose(row.account);
    else if (this.text() === '' && this.chosen() !== null) void this.topUp();
  }

  protected choose(account: AccountRow): void {
    this.chosenId.set(account.accountId);
    this.text.set('');
    this.box().nativeElement.focus();
  }

  protected clear(): void {
    this.text.set('');
    this.chosenId.set(null);
  }

  protected async topUp(): Promise<void> {
    const account = this.chosen()?.account;
    if (account === undefined || !this.site.may('vend:write')) return;
    const vend = await this.dialogs.open<Vend, TopUpData>(TopUpDialog, account);
    this.afterMoney();
    if (vend === undefined) return;
    const amount = this.formats.money(vend.amountMicros);
    this.notices.done(this.t('top-up.noticed', { amount, name: vend.tenantName }));
  }

  protected async payOnline(): Promise<void> {
    const account = this.chosen()?.account;
    if (account === undefined) return;
    const providers = this.providers();
    const data = { account, providers };
    const paid = await this.dialogs.open<OnlinePayment, OnlinePaymentData>(OnlinePaymentDialog, data);
    this.afterMoney();
    if (paid?.state !== 'paid') return;
    const amount = this.formats.money(paid.receivedMicros);
    this.notices.done(this.t('top-up.noticed', { amount, name: account.tenantName }));
  }

  protected async show(vend: Vend): Promise<void> {
    const reversed = await this.dialogs.open<Vend, Vend>(ReceiptDialog, vend);
    if (reversed === undefined) return;
    this.notices.done(this.t('reversal.done', { number: reversed.receiptNumber }));
    this.afterMoney();
  }

  private afterMoney(): void {
    this.accounts.reload();
    this.vends.reload();
    this.own.reload();
    setTimeout(() => this.box().nativeElement.focus());
  }
}
