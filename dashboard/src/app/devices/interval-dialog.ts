// SPDX-License-Identifier: Apache-2.0
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import { Component, inject, signal } from '@angular/core';
import { command } from '../api/command.ts';
import { DialogButtons } from '../look/dialog-buttons.ts';
import { DialogFrame } from '../look/dialog-frame.ts';
import { FaultNote } from '../look/fault-note.ts';
import { Words } from '../words/words.ts';
import { IntervalField } from './interval-field.ts';

export interface IntervalDialogData {
  readonly heading: string;
  readonly seconds: number | null;
  readonly inherited: number | null;
  readonly save: (seconds: number | null) => Promise<void>;
}

/** How often the meters of a project, a gateway, or one meter are read. */
@Component({
  selector: 'wl-interval-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote, IntervalField],
  template: `
    <wl-dialog-frame [heading]="data.heading">
      <wl-interval-field [(seconds)]="seconds" [inherited]="data.inherited" />
      <p class="muted">{{ t('interval.text') }}</p>
      <wl-fault-note [fault]="command.fault()" />
      <wl-dialog-buttons foot [label]="t('do.save')" [disabled]="command.busy()" (confirmed)="save()" />
    </wl-dialog-frame>
  `,
})
export class IntervalDialog {
  protected readonly data = inject<IntervalDialogData>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<number | null>>(DialogRef);
  protected readonly t = inject(Words).t;
  protected readonly seconds = signal(this.data.seconds);
  protected readonly command = command();

  protected async save(): Promise<void> {
    const seconds = this.seconds();
    const saved = await this.command.run({ seconds }, async () => {
      await this.data.save(seconds);
      return true;
    });
    if (saved === true) this.dialog.close(seconds);
  }
}
