// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import type { BalanceStage } from '@wattledger/contracts/http/billing';
import { Icon } from '../look/icon.ts';
import type { IconName } from '../look/icons.ts';
import { Words } from '../words/words.ts';

const looks: Readonly<Record<BalanceStage, { readonly tone: string; readonly icon: IconName }>> = {
  normal: { tone: 'good', icon: 'check' },
  'alarm-1': { tone: 'notice', icon: 'bell' },
  'alarm-2': { tone: 'warn', icon: 'bell-urgent' },
  arrears: { tone: 'bad', icon: 'minus' },
};

/** How an account stands: word, icon and colour together. */
@Component({
  selector: 'wl-stage-chip',
  imports: [Icon],
  template: `<span [class]="'chip ' + look().tone"
    ><wl-icon [name]="look().icon" />{{ t('stage.' + stage()) }}</span
  >`,
  styles: `
    :host {
      display: inline-flex;
    }
  `,
})
export class StageChip {
  readonly stage = input.required<BalanceStage>();
  protected readonly t = inject(Words).t;
  protected readonly look = computed(() => looks[this.stage()]);
}
