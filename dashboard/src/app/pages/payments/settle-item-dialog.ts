// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import type { PaymentItem } from '@wattledger/contracts/http/billing';
import { command } from '../../api/command.ts';
import { CounterApi } from '../../api/counter-api.ts';
import { DialogButtons } from '../../look/dialog-buttons.ts';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

/** What became of money that fitted nothing. */
@Component({
  selector: 'wl-settle-item-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote],
  template: `
    <wl-dialog-frame [heading]="t('payment-item.' + item.kind)">
      <p class="muted">{{ t('payment-item.text') }}</p>
      <label class="field">
        <span class="label">{{ t('payment-item.note') }}</span>
        <input #box class="input" maxlength="500" [value]="note()" (input)="note.set(box.value)" />
      </label>
      <wl-fault-note [fault]="command.fault()" />
      <wl-dialog-buttons
        foot
        [label]="t('payment-item.settle')"
        [disabled]="!ready() || command.busy()"
        (confirmed)="settle()"
      />
    </wl-dialog-frame>
  `,
})
export class SettleItemDialog {
  private readonly counter = inject(CounterApi);
  private readonly site = inject(Site);
  protected readonly item = inject<PaymentItem>(DIALOG_DATA);
  private readonly dialog = inject<DialogRef<PaymentItem>>(DialogRef);
  protected readonly t = inject(Words).t;
  protected readonly note = signal('');
  protected readonly command = command();
  protected readonly ready = computed(() => this.note().trim() !== '');

  protected async settle(): Promise<void> {
    const note = this.note().trim();
    const settled = await this.command.run(note, () =>
      this.counter.settleItem(this.site.projectId() ?? '', this.item.itemId, note),
    );
    if (settled !== undefined) this.dialog.close(settled);
  }
}
