// SPDX-License-Identifier: Apache-2.0
import { Injectable, inject } from '@angular/core';
import { Dialog, type DialogRef } from '@angular/cdk/dialog';
import type { ComponentType } from '@angular/cdk/portal';
import { firstValueFrom } from 'rxjs';

const firstInside = '.dialog-body input, .dialog-body select, .dialog-body button, .dialog-foot button';

/** Opens dialogs in our look and answers with what they were closed with. */
@Injectable({ providedIn: 'root' })
export class Dialogs {
  private readonly dialog = inject(Dialog);
  private opened = 0;

  /** @returns what the dialog was closed with; undefined when it was dismissed */
  open<Answer, Data = unknown>(
    component: ComponentType<unknown>,
    data: Data,
    options: { readonly wide?: boolean } = {},
  ): Promise<Answer | undefined> {
    // Dialogs may lie over one another: each heading names its own.
    const id = `wl-dialog-${String((this.opened += 1))}`;
    const opened: DialogRef<Answer, unknown> = this.dialog.open<Answer, Data>(component, {
      data,
      panelClass: options.wide === true ? ['dialog-panel', 'wide'] : ['dialog-panel'],
      backdropClass: 'scrim',
      id,
      ariaLabelledBy: `${id}-heading`,
      // What the dialog is about, not the button that leaves it.
      autoFocus: firstInside,
      restoreFocus: true,
    });
    return firstValueFrom(opened.closed, { defaultValue: undefined });
  }
}
