// SPDX-License-Identifier: Apache-2.0
import { Component, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import type { StaffSecret } from '@wattledger/contracts/http/registry';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { Icon } from '../../look/icon.ts';
import { Words } from '../../words/words.ts';

/** A password that is shown this once. */
@Component({
  selector: 'wl-secret-dialog',
  imports: [DialogFrame, Icon],
  template: `
    <wl-dialog-frame [heading]="t('secret.title', { name: secret.staff.name })">
      <p>{{ t('secret.text') }}</p>
      <p class="secret mono">{{ secret.initialPassword }}</p>
      <ng-container foot>
        <button type="button" class="button" (click)="copy()">
          <wl-icon name="receipt" />{{ copied() ? t('secret.copied') : t('secret.copy') }}
        </button>
        <button type="button" class="button primary" (click)="dialog.close()">{{ t('do.done') }}</button>
      </ng-container>
    </wl-dialog-frame>
  `,
  styles: `
    .secret {
      padding: 14px;
      border-radius: var(--radius);
      background: var(--surface-3);
      font-size: 18px;
      text-align: center;
      user-select: all;
    }
  `,
})
export class SecretDialog {
  protected readonly secret = inject<StaffSecret>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<void>>(DialogRef);
  protected readonly t = inject(Words).t;
  protected readonly copied = signal(false);

  protected async copy(): Promise<void> {
    // Absent outside secure contexts; the text can be selected by hand there.
    await navigator.clipboard?.writeText(this.secret.initialPassword ?? '');
    this.copied.set(true);
  }
}
