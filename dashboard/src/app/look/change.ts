// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import { Formats } from '../format/formats.ts';
import { Words } from '../words/words.ts';
import { Icon } from './icon.ts';

/** A change against before, with an arrow. More is not worse by itself, so it has no colour of meaning. */
@Component({
  selector: 'wl-change',
  imports: [Icon],
  template: `
    @if (share() === null) {
      <span class="none">{{ against() ? t('change.none') : '–' }}</span>
    } @else {
      @if (direction() !== 0) {
        <wl-icon [name]="direction() > 0 ? 'arrow-up' : 'arrow-down'" />
      }
      <span>{{ formats.change(share()) }}</span>
    }
    @if (against() && share() !== null) {
      &ngsp;<span class="against">{{ against() }}</span>
    }
  `,
  styles: `
    :host {
      display: inline-flex;
      vertical-align: bottom;
      align-items: center;
      gap: 3px;
      color: var(--ink-2);
      font-size: var(--t-s);
      font-weight: 500;
      font-variant-numeric: tabular-nums;
      white-space: nowrap;
    }
    wl-icon {
      width: 13px;
      height: 13px;
      color: var(--ink-3);
    }
    .none,
    .against {
      color: var(--ink-3);
      font-weight: 400;
    }
  `,
})
export class Change {
  readonly share = input.required<number | null>();
  /** e.g. "than last month" */
  readonly against = input('');
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly direction = computed(() => {
    const share = this.share() ?? 0;
    return Math.abs(share) < 0.0005 ? 0 : Math.sign(share);
  });
}
