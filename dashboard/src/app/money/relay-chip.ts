// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import type { RelayState } from '@wattledger/contracts';
import { Icon } from '../look/icon.ts';
import { Words } from '../words/words.ts';

/** Whether supply is on, and whether it is as wanted. */
@Component({
  selector: 'wl-relay-chip',
  imports: [Icon],
  template: `
    <span [class]="'chip ' + tone()" [attr.title]="differs() ? t('account.differs') : null">
      <wl-icon [name]="reported() === 'open' ? 'unplug' : reported() === 'closed' ? 'supply' : 'offline'" />{{
        t('relay.' + reported())
      }}
      @if (differs()) {
        <wl-icon name="arrow-right" />{{ t('relay.' + desired()) }}
      }
    </span>
  `,
  styles: `
    :host {
      display: inline-flex;
    }
  `,
})
export class RelayChip {
  readonly reported = input.required<RelayState>();
  readonly desired = input<'closed' | 'open' | null>(null);
  protected readonly t = inject(Words).t;
  protected readonly differs = computed(
    () => this.desired() !== null && this.reported() !== 'unknown' && this.desired() !== this.reported(),
  );
  protected readonly tone = computed(() =>
    this.differs() ? 'warn' : this.reported() === 'open' ? 'bad' : '',
  );
}
