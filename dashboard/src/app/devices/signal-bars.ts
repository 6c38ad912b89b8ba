// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import { Words } from '../words/words.ts';

/** Levels of mobile reception, from which on each bar is full. */
const barsFromDbm = [-113, -100, -90, -80] as const;

/** Reception as four bars, with its figure in words. */
@Component({
  selector: 'wl-signal-bars',
  template: `
    @if (dbm(); as found) {
      <span
        class="bars"
        role="img"
        [attr.aria-label]="t('signal.of', { dbm: found })"
        [attr.title]="t('signal.of', { dbm: found })"
      >
        @for (full of bars(); track $index) {
          <i [class.full]="full" [style.height.px]="5 + 3 * $index"></i>
        }
      </span>
    }
  `,
  styles: `
    .bars {
      display: inline-flex;
      align-items: flex-end;
      gap: 2px;
    }
    i {
      width: 4px;
      border-radius: 1px;
      background: var(--line-strong);
    }
    i.full {
      background: var(--good);
    }
  `,
})
export class SignalBars {
  readonly dbm = input.required<number | null>();
  protected readonly t = inject(Words).t;
  protected readonly bars = computed(() => barsFromDbm.map((from) => (this.dbm() ?? -200) >= from));
}
