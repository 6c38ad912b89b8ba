// SPDX-License-Identifier: Apache-2.0
import { Component, inject, input, output } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Icon } from '../look/icon.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';

/** In the foot of a dialog: to the numbered document, of which three copies are printed. The dialog closes on `left`. */
@Component({
  selector: 'wl-document-link',
  imports: [Icon, RouterLink],
  template: `
    @if (site.may('account:read')) {
      <a
        class="button"
        [routerLink]="['/p', site.projectId(), 'documents', subjectId()]"
        (click)="left.emit()"
        ><wl-icon name="print" />{{ t('receipt.print') }}</a
      >
    }
  `,
})
export class DocumentLink {
  /** A posting or a shift. */
  readonly subjectId = input.required<string>();
  readonly left = output();
  protected readonly site = inject(Site);
  protected readonly t = inject(Words).t;
}
