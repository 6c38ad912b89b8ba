// SPDX-License-Identifier: Apache-2.0
import { Component, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import { command } from '../api/command.ts';
import { MeteringApi } from '../api/metering-api.ts';
import { DialogButtons } from '../look/dialog-buttons.ts';
import { DialogFrame } from '../look/dialog-frame.ts';
import { FaultNote } from '../look/fault-note.ts';
import { Words } from '../words/words.ts';

export interface UndoMountingData {
  readonly projectId: string;
  readonly changeId: string;
  /** What was changed, in words. */
  readonly change: string;
}

/** Takes a change of a mounting back, with a reason that is kept. */
@Component({
  selector: 'wl-undo-mounting-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote],
  template: `
    <wl-dialog-frame [heading]="t('mounting.undo-title', { change: data.change })">
      <p>{{ t('mounting.undo-text') }}</p>
      <label class="field">
        <span class="label">{{ t('reversal.reason') }}</span>
        <input
          #reasonBox
          class="input"
          maxlength="500"
          [value]="reason()"
          (input)="reason.set(reasonBox.value)"
        />
      </label>
      <wl-fault-note [fault]="command.fault()" />
      <wl-dialog-buttons
        foot
        [label]="t('do.undo')"
        [disabled]="reason().trim() === '' || command.busy()"
        (confirmed)="save()"
      />
    </wl-dialog-frame>
  `,
})
export class UndoMountingDialog {
  private readonly metering = inject(MeteringApi);
  protected readonly data = inject<UndoMountingData>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<boolean>>(DialogRef);
  protected readonly t = inject(Words).t;
  protected readonly reason = signal('');
  protected readonly command = command();

  protected async save(): Promise<void> {
    const { projectId, changeId } = this.data;
    const undo = { action: 'undo' as const, changeId, reason: this.reason().trim() };
    const answer = await this.command.run(undo, () => this.metering.changeMounting(projectId, undo));
    if (answer !== undefined) this.dialog.close(true);
  }
}
