// SPDX-License-Identifier: Apache-2.0
import { Component, inject, input } from '@angular/core';
import { DialogRef } from '@angular/cdk/dialog';
import { Icon } from './icon.ts';
import { Words } from '../words/words.ts';

/** Head, body and foot of a dialog. */
@Component({
  selector: 'wl-dialog-frame',
  imports: [Icon],
  template: `
    <div class="dialog">
      <header class="dialog-head">
        <h2 [id]="dialog.id + '-heading'">{{ heading() }}</h2>
        <button
          type="button"
          class="button quiet small icon"
          [attr.aria-label]="t('do.close')"
          (click)="dialog.close()"
        >
          <wl-icon name="close" />
        </button>
      </header>
      <div class="dialog-body"><ng-content /></div>
      <footer class="dialog-foot"><ng-content select="[foot]" /></footer>
    </div>
  `,
})
export class DialogFrame {
  readonly heading = input.required<string>();
  protected readonly dialog = inject<DialogRef<unknown>>(DialogRef);
  protected readonly t = inject(Words).t;
}
