// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import type { PriceReplay, PriceReplayBody } from '@wattledger/contracts/http/billing';
import { BillingApi } from '../../../api/billing-api.ts';
import { command } from '../../../api/command.ts';
import { ask } from '../../../api/question.ts';
import { ReplayApi, type VersionKey } from '../../../api/replay-api.ts';
import { DialogButtons } from '../../../look/dialog-buttons.ts';
import { DialogFrame } from '../../../look/dialog-frame.ts';
import { FaultNote } from '../../../look/fault-note.ts';
import { addDays } from '../../../selection/period.ts';
import { Selection } from '../../../selection/selection.ts';
import { Words } from '../../../words/words.ts';

/** The time and the accounts to replay. Nothing is charged. */
@Component({
  selector: 'wl-start-replay-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote],
  template: `
    <wl-dialog-frame [heading]="t('replay.start')">
      <div class="form-grid">
        <p class="whole muted">{{ t('replay.start-text') }}</p>
        <label class="field"
          ><span class="label">{{ t('replay.from') }}</span>
          <input
            #fromBox
            class="input"
            type="month"
            required
            [value]="from()"
            (input)="from.set(fromBox.value)"
        /></label>
        <label class="field"
          ><span class="label">{{ t('replay.to') }}</span>
          <input #toBox class="input" type="month" required [value]="to()" (input)="to.set(toBox.value)"
        /></label>
        <label class="check whole"
          ><input #someBox type="checkbox" [checked]="some()" (change)="some.set(someBox.checked)" />{{
            t('replay.some')
          }}</label
        >
        @if (some()) {
          <label class="field whole"
            ><span class="label">{{ t('replay.accounts') }}</span>
            <select #accountsBox class="select" multiple size="8" (change)="choose(accountsBox)">
              @for (account of accounts.value()?.accounts ?? []; track account.accountId) {
                <option [value]="account.accountId">{{ account.tenantName }}</option>
              }
            </select>
            <span class="hint">{{ t('replay.some-hint') }}</span>
          </label>
        }
      </div>
      <wl-fault-note [fault]="command.fault()" />
      <wl-dialog-buttons
        foot
        [disabled]="command.busy() || (some() && chosen().length === 0)"
        [label]="t('replay.start')"
        (confirmed)="start()"
      />
    </wl-dialog-frame>
  `,
  styles: `
    select[multiple] {
      height: auto;
      background-image: none;
    }
  `,
})
export class StartReplayDialog {
  private readonly api = inject(ReplayApi);
  private readonly billing = inject(BillingApi);
  private readonly of = inject<VersionKey>(DIALOG_DATA);
  private readonly dialog = inject<DialogRef<PriceReplay>>(DialogRef);
  private readonly today = inject(Selection).today();
  protected readonly t = inject(Words).t;
  protected readonly command = command();
  private readonly lastMonth = addDays(`${this.today.slice(0, 7)}-01`, -1).slice(0, 7);
  protected readonly to = signal(this.lastMonth);
  protected readonly from = signal(elevenBefore(this.lastMonth));
  protected readonly some = signal(false);
  protected readonly chosen = signal<readonly string[]>([]);
  protected readonly accounts = ask({
    params: () => (this.some() ? this.of.projectId : undefined),
    load: (projectId, abort) => this.billing.accounts(projectId, { limit: 2000 }, abort),
  });
  private readonly body = computed<PriceReplayBody>(() => ({
    fromDay: `${this.from()}-01`,
    toDay: addDays(addDays(`${this.to()}-28`, 5).slice(0, 8) + '01', -1),
    ...(this.some() ? { accountIds: [...this.chosen()] } : {}),
  }));

  protected choose(box: HTMLSelectElement): void {
    this.chosen.set([...box.selectedOptions].map((option) => option.value));
  }

  protected async start(): Promise<void> {
    const body = this.body();
    const started = await this.command.run(body, (key) => this.api.start(this.of, body, key));
    if (started !== undefined) this.dialog.close(started);
  }
}

/** The first of twelve months that end with a month. */
function elevenBefore(month: string): string {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, number - 12, 1)).toISOString().slice(0, 7);
}
