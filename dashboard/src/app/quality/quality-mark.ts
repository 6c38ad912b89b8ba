// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import type { Quality } from '@wattledger/contracts';
import { Words } from '../words/words.ts';

const tones: Readonly<Record<Quality, string>> = {
  measured: '',
  estimated: 'notice',
  edited: 'info',
  missing: 'bad',
};

/** Quality of one value, in a word. Measured is the rule and stays quiet. */
@Component({
  selector: 'wl-quality-mark',
  template: `
    @if (quality() === 'measured') {
      <span class="muted">{{ t('quality.measured') }}</span>
    } @else {
      <span [class]="'chip ' + tone()">{{ t('quality.' + quality()) }}</span>
    }
  `,
})
export class QualityMark {
  readonly quality = input.required<Quality>();
  protected readonly t = inject(Words).t;
  protected readonly tone = computed(() => tones[this.quality()]);
}
