// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject } from '@angular/core';
import { media } from '@wattledger/contracts';
import { Icon } from '../look/icon.ts';
import { Selection } from '../selection/selection.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';

/** Electricity, water, gas: those the project meters. */
@Component({
  selector: 'wl-medium-switch',
  imports: [Icon],
  template: `
    @if (metered().length > 1) {
      <div class="segmented" role="group" [attr.aria-label]="t('medium.title')">
        @for (medium of metered(); track medium) {
          <button
            type="button"
            [attr.aria-pressed]="medium === selection.medium()"
            (click)="selection.patch({ medium: medium === 'electricity' ? null : medium })"
          >
            <wl-icon [name]="medium === 'electricity' ? 'bolt' : 'drop'" />{{ t('medium.' + medium) }}
          </button>
        }
      </div>
    }
  `,
})
export class MediumSwitch {
  private readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly t = inject(Words).t;
  protected readonly metered = computed(() => {
    const points = this.site.tree.value()?.points ?? [];
    return media.filter((medium) => points.some((point) => point.medium === medium));
  });
}
