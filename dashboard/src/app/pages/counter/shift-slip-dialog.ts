// SPDX-License-Identifier: Apache-2.0
import { Component, inject } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import type { Shift } from '@wattledger/contracts/http/billing';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { Icon } from '../../look/icon.ts';
import { printReceipt } from '../../money/receipt.ts';
import { Words } from '../../words/words.ts';
import { ShiftSlip } from './shift-slip.ts';

/** The slip of a shift, again. */
@Component({
  selector: 'wl-shift-slip-dialog',
  imports: [DialogFrame, Icon, ShiftSlip],
  template: `
    <wl-dialog-frame [heading]="t('shift.number', { number: shift.shiftNumber })">
      <wl-shift-slip [shift]="shift" />
      <ng-container foot>
        <button type="button" class="button" (click)="print()">
          <wl-icon name="print" />{{ t('shift.print') }}
        </button>
        <button type="button" class="button primary" (click)="dialog.close()">{{ t('do.close') }}</button>
      </ng-container>
    </wl-dialog-frame>
  `,
})
export class ShiftSlipDialog {
  protected readonly shift = inject<Shift>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<void>>(DialogRef);
  protected readonly t = inject(Words).t;

  protected print(): void {
    printReceipt();
  }
}
