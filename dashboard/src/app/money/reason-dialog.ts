// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import { command } from '../api/command.ts';
import { DialogButtons } from '../look/dialog-buttons.ts';
import { DialogFrame } from '../look/dialog-frame.ts';
import { FaultNote } from '../look/fault-note.ts';
import { Words } from '../words/words.ts';
import { MoneyInput } from './money-input.ts';

export interface ReasonQuestion {
  readonly heading: string;
  readonly text: string;
  readonly label: string;
  /** Asks for an amount, too, beginning with this one. */
  readonly amountMicros?: number;
  readonly send: (
    answer: { readonly reason: string; readonly amountMicros?: number },
    key: string,
  ) => Promise<unknown>;
}

/** Something that is done with a reason, and sometimes with an amount. */
@Component({
  selector: 'wl-reason-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote, MoneyInput],
  template: `
    <wl-dialog-frame [heading]="question.heading">
      <p>{{ question.text }}</p>
      @if (question.amountMicros !== undefined) {
        <wl-money-input [label]="t('receipt.amount')" [(micros)]="amount" />
      }
      <label class="field">
        <span class="label">{{ t('fact.reason') }}</span>
        <input #box class="input" maxlength="500" [value]="reason()" (input)="reason.set(box.value)" />
      </label>
      <wl-fault-note [fault]="command.fault()" />
      <wl-dialog-buttons
        foot
        [label]="question.label"
        [disabled]="answer() === null || command.busy()"
        (confirmed)="send()"
      />
    </wl-dialog-frame>
  `,
})
export class ReasonDialog {
  protected readonly question = inject<ReasonQuestion>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<boolean>>(DialogRef);
  protected readonly t = inject(Words).t;
  protected readonly reason = signal('');
  protected readonly amount = signal<number | null>(this.question.amountMicros ?? null);
  protected readonly command = command();
  protected readonly answer = computed(() => {
    const reason = this.reason().trim();
    const amountMicros = this.amount();
    if (reason === '') return null;
    if (this.question.amountMicros === undefined) return { reason };
    return amountMicros === null || amountMicros <= 0 ? null : { reason, amountMicros };
  });

  protected async send(): Promise<void> {
    const answer = this.answer();
    if (answer === null) return;
    const done = await this.command.run(answer, async (key) => {
      await this.question.send(answer, key);
      return true;
    });
    if (done) this.dialog.close(true);
  }
}
