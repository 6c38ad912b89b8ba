// SPDX-License-Identifier: Apache-2.0
import { Component, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import { AlarmsApi } from '../../api/alarms-api.ts';
import { command } from '../../api/command.ts';
import { DialogButtons } from '../../look/dialog-buttons.ts';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Words } from '../../words/words.ts';

export interface AcknowledgeData {
  readonly projectId: string;
  readonly alarmIds: readonly string[];
  readonly heading: string;
}

/** Takes alarms up, with a note for the colleagues. */
@Component({
  selector: 'wl-acknowledge-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote],
  template: `
    <wl-dialog-frame [heading]="data.heading">
      <p>{{ t('alarm.acknowledge-text') }}</p>
      <label class="field">
        <span class="label">{{ t('alarm.note') }}</span>
        <input #noteBox class="input" maxlength="500" [value]="note()" (input)="note.set(noteBox.value)" />
      </label>
      <wl-fault-note [fault]="command.fault()" />
      <wl-dialog-buttons
        foot
        [label]="t('alarm.acknowledge')"
        [disabled]="command.busy()"
        (confirmed)="save()"
      />
    </wl-dialog-frame>
  `,
})
export class AcknowledgeDialog {
  private readonly api = inject(AlarmsApi);
  protected readonly data = inject<AcknowledgeData>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<number>>(DialogRef);
  protected readonly t = inject(Words).t;
  protected readonly note = signal('');
  protected readonly command = command();

  protected async save(): Promise<void> {
    const note = this.note().trim();
    const body = { alarmIds: [...this.data.alarmIds], note: note === '' ? null : note };
    const answer = await this.command.run(body, () => this.api.acknowledgeMany(this.data.projectId, body));
    if (answer !== undefined) this.dialog.close(answer.acknowledged);
  }
}
