// SPDX-License-Identifier: Apache-2.0
import { Component, input } from '@angular/core';
import { Change } from './change.ts';

/** One number that matters, with what it is and how it changed. */
@Component({
  selector: 'wl-figure-tile',
  imports: [Change],
  template: `
    <p class="label">{{ label() }}</p>
    <p class="figure">
      {{ value() }}
      @if (unit()) {
        <span class="unit">{{ unit() }}</span>
      }
    </p>
    @if (change() !== undefined) {
      <wl-change [share]="change() ?? null" [against]="against()" />
    }
    <ng-content />
  `,
  styles: `
    :host {
      display: grid;
      align-content: start;
      gap: 3px;
      min-width: 0;
    }
    .label {
      color: var(--ink-3);
      font-size: var(--t-s);
    }
    .figure {
      overflow-wrap: anywhere;
    }
  `,
})
export class FigureTile {
  readonly label = input.required<string>();
  readonly value = input.required<string>();
  readonly unit = input('');
  readonly change = input<number | null>();
  readonly against = input('');
}
