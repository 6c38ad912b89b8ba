// SPDX-License-Identifier: Apache-2.0
import { Component, inject } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import { command } from '../../../api/command.ts';
import { ReplayApi, type VersionKey } from '../../../api/replay-api.ts';
import { Formats } from '../../../format/formats.ts';
import { DialogButtons } from '../../../look/dialog-buttons.ts';
import { DialogFrame } from '../../../look/dialog-frame.ts';
import { FaultNote } from '../../../look/fault-note.ts';
import { Words } from '../../../words/words.ts';

export interface DecideListData {
  readonly of: VersionKey;
  readonly step: 'approve' | 'reject';
  readonly expectedMicros: number;
  readonly accounts: number;
}

/** Asks once more, in words that name what is moved. */
@Component({
  selector: 'wl-decide-list-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote],
  template: `
    <wl-dialog-frame [heading]="t('price-list.' + data.step)">
      <p>
        {{
          t('price-list.' + data.step + '-text', {
            amount: formats.moneySigned(data.expectedMicros),
            accounts: formats.count(data.accounts),
          })
        }}
      </p>
      <wl-fault-note [fault]="command.fault()" />
      <wl-dialog-buttons
        foot
        [disabled]="command.busy()"
        [danger]="data.step === 'reject'"
        [label]="t('price-list.' + data.step)"
        (confirmed)="decide()"
      />
    </wl-dialog-frame>
  `,
})
export class DecideListDialog {
  private readonly api = inject(ReplayApi);
  protected readonly data = inject<DecideListData>(DIALOG_DATA);
  private readonly dialog = inject<DialogRef<boolean>>(DialogRef);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly command = command();

  protected async decide(): Promise<void> {
    const { of, step } = this.data;
    const done = await this.command.run(step, (key) => this.api.decide(of, step, key));
    if (done !== undefined) this.dialog.close(true);
  }
}
