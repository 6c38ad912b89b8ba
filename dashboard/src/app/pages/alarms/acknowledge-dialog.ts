// SPDX-License-Identifier: Apache-2.0
import { Component, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import type { Alarm } from '@wattledger/contracts/http/alarms';
import { command } from '../../api/command.ts';
import { RegistryApi } from '../../api/registry-api.ts';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Words } from '../../words/words.ts';

/** Takes an alarm up, with a note for the colleagues. */
@Component({
  selector: 'wl-acknowledge-dialog',
  imports: [DialogFrame, FaultNote],
  template: `
    <wl-dialog-frame
      [heading]="t('alarm.acknowledge-of', { what: t('alarm-kind.' + data.alarm.kind), name: data.name })"
    >
      <p>{{ t('alarm.acknowledge-text') }}</p>
      <label class="field">
        <span class="label">{{ t('alarm.note') }}</span>
        <input #noteBox class="input" maxlength="500" [value]="note()" (input)="note.set(noteBox.value)" />
      </label>
      <wl-fault-note [fault]="command.fault()" />
      <ng-container foot>
        <button type="button" class="button" (click)="dialog.close()">{{ t('do.cancel') }}</button>
        <button type="button" class="button primary" [disabled]="command.busy()" (click)="save()">
          {{ t('alarm.acknowledge') }}
        </button>
      </ng-container>
    </wl-dialog-frame>
  `,
})
export class AcknowledgeDialog {
  private readonly registry = inject(RegistryApi);
  protected readonly data = inject<{ readonly alarm: Alarm; readonly name: string }>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<Alarm>>(DialogRef);
  protected readonly t = inject(Words).t;
  protected readonly note = signal('');
  protected readonly command = command();

  protected async save(): Promise<void> {
    const note = this.note().trim();
    const body = { note: note === '' ? null : note };
    const alarm = await this.command.run(body, () =>
      this.registry.acknowledge(this.data.alarm.projectId, this.data.alarm.id, body),
    );
    if (alarm !== undefined) this.dialog.close(alarm);
  }
}
