// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import { touPeriods, type TouPeriod } from '@wattledger/contracts';
import { Words } from '../words/words.ts';

/** Names of the time-of-use colours that occur, dear to cheap. */
@Component({
  selector: 'wl-tou-legend',
  template: `
    @for (period of shown(); track period) {
      <span><i [style.background]="'var(--tou-' + period + ')'"></i>{{ t('tou.' + period) }}</span>
    }
  `,
  styles: `
    :host {
      display: inline-flex;
      flex-wrap: wrap;
      gap: 2px 14px;
      color: var(--ink-2);
      font-size: var(--t-s);
    }
    span {
      display: inline-flex;
      align-items: center;
      gap: 6px;
      white-space: nowrap;
    }
    i {
      width: 14px;
      height: 6px;
      border-radius: 2px;
    }
  `,
})
export class TouLegend {
  readonly periods = input.required<readonly TouPeriod[]>();
  protected readonly t = inject(Words).t;
  protected readonly shown = computed(() => touPeriods.filter((period) => this.periods().includes(period)));
}
