// SPDX-License-Identifier: Apache-2.0
import { Component, inject, input, output } from '@angular/core';
import { DialogRef } from '@angular/cdk/dialog';
import { Words } from '../words/words.ts';

/** Foot of a dialog that does one thing: cancel, or do it. */
@Component({
  selector: 'wl-dialog-buttons',
  styles: ':host { display: contents; }',
  template: `
    <button type="button" class="button" (click)="dialog.close()">{{ t('do.cancel') }}</button>
    <button
      type="button"
      class="button"
      [class.primary]="!danger()"
      [class.danger]="danger()"
      [disabled]="disabled()"
      (click)="confirmed.emit()"
    >
      {{ label() }}
    </button>
  `,
})
export class DialogButtons {
  /** What it does, in the user's words. */
  readonly label = input.required<string>();
  readonly disabled = input(false);
  readonly danger = input(false);
  readonly confirmed = output();
  protected readonly dialog = inject<DialogRef<unknown>>(DialogRef);
  protected readonly t = inject(Words).t;
}
