// SPDX-License-Identifier: Apache-2.0
import { Component, inject } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import type { Shift } from '@wattledger/contracts/http/billing';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { Icon } from '../../look/icon.ts';
import { printSlip } from '../../look/print-slip.ts';
import { DocumentLink } from '../../money/document-link.ts';
import { Words } from '../../words/words.ts';
import { ShiftSlip } from './shift-slip.ts';

/** The slip of a shift, again. */
@Component({
  selector: 'wl-shift-slip-dialog',
  imports: [DialogFrame, DocumentLink, Icon, ShiftSlip],
  template: `
    <wl-dialog-frame [heading]="t('shift.number', { number: shift.shiftNumber })">
      <wl-shift-slip [shift]="shift" />
      <ng-container foot>
        @if (shift.closing === null) {
          <button type="button" class="button" (click)="print()">
            <wl-icon name="print" />{{ t('shift.print') }}
          </button>
        } @else {
          <wl-document-link [subjectId]="shift.shiftId" (left)="dialog.close()" />
        }
        <button type="button" class="button primary" (click)="dialog.close()">{{ t('do.close') }}</button>
      </ng-container>
    </wl-dialog-frame>
  `,
})
export class ShiftSlipDialog {
  protected readonly shift = inject<Shift>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<void>>(DialogRef);
  protected readonly t = inject(Words).t;
  /** As it stands: the numbered document is made when the shift closes. */
  protected readonly print = printSlip;
}
