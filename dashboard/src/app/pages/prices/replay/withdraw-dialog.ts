// SPDX-License-Identifier: Apache-2.0
import { Component, inject } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import { DialogButtons } from '../../../look/dialog-buttons.ts';
import { DialogFrame } from '../../../look/dialog-frame.ts';
import { Words } from '../../../words/words.ts';
import type { NoticeData } from '../notice-dialog.ts';

/** Asks once before a version that has held is taken back. */
@Component({
  selector: 'wl-withdraw-dialog',
  imports: [DialogButtons, DialogFrame],
  template: `
    <wl-dialog-frame
      [heading]="t('price.withdraw-held-title', { name: data.scheme.name, number: data.version.number })"
    >
      <p>{{ t('price.withdraw-held-text') }}</p>
      <wl-dialog-buttons
        foot
        [danger]="true"
        [label]="t('price.withdraw')"
        (confirmed)="dialog.close(true)"
      />
    </wl-dialog-frame>
  `,
})
export class WithdrawDialog {
  protected readonly data = inject<NoticeData>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<boolean>>(DialogRef);
  protected readonly t = inject(Words).t;
}
