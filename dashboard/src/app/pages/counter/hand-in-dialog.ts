// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import type { Shift } from '@wattledger/contracts/http/billing';
import { command } from '../../api/command.ts';
import { CounterApi } from '../../api/counter-api.ts';
import { Formats } from '../../format/formats.ts';
import { DialogButtons } from '../../look/dialog-buttons.ts';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { MoneyInput } from '../../money/money-input.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

/** Cash taken out of the drawer during the day. */
@Component({
  selector: 'wl-hand-in-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote, MoneyInput],
  template: `
    <wl-dialog-frame [heading]="t('shift.hand-in.title')">
      <p class="muted">
        {{ t('shift.hand-in.text', { amount: formats.money(shift.expectedCashMicros) }) }}
      </p>
      <wl-money-input [label]="t('shift.hand-in.amount')" [(micros)]="amount" />
      <label class="field">
        <span class="label">{{ t('shift.hand-in.note') }}</span>
        <input #box class="input" maxlength="500" [value]="note()" (input)="note.set(box.value)" />
      </label>
      <wl-fault-note [fault]="command.fault()" />
      <wl-dialog-buttons
        foot
        [label]="t('shift.hand-in.do')"
        [disabled]="!ready() || command.busy()"
        (confirmed)="handIn()"
      />
    </wl-dialog-frame>
  `,
})
export class HandInDialog {
  private readonly counter = inject(CounterApi);
  private readonly site = inject(Site);
  protected readonly shift = inject<Shift>(DIALOG_DATA);
  private readonly dialog = inject<DialogRef<Shift>>(DialogRef);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly amount = signal<number | null>(null);
  protected readonly note = signal('');
  protected readonly command = command();
  protected readonly ready = computed(() => (this.amount() ?? 0) > 0 && this.note().trim() !== '');

  protected async handIn(): Promise<void> {
    const amountMicros = this.amount();
    if (amountMicros === null) return;
    const body = { amountMicros, note: this.note().trim() };
    const shift = await this.command.run(body, (key) =>
      this.counter.handIn(this.site.projectId() ?? '', this.shift.shiftId, body, key),
    );
    if (shift !== undefined) this.dialog.close(shift);
  }
}
