// SPDX-License-Identifier: Apache-2.0
import { Component, computed, input } from '@angular/core';
import { icons, type IconName } from './icons.ts';

/** An icon beside a word. It says nothing to a screen reader: the word does. */
@Component({
  selector: 'wl-icon',
  template: `<svg viewBox="0 0 20 20" aria-hidden="true" focusable="false"><path [attr.d]="path()" /></svg>`,
  styles: `
    :host {
      display: inline-flex;
      flex: none;
      width: 1.25em;
      height: 1.25em;
    }
    svg {
      width: 100%;
      height: 100%;
      fill: none;
      stroke: currentColor;
      stroke-width: 1.6;
      stroke-linecap: round;
      stroke-linejoin: round;
    }
  `,
})
export class Icon {
  readonly name = input.required<IconName>();
  protected readonly path = computed(() => icons[this.name()]);
}
