// SPDX-License-Identifier: Apache-2.0
import { Component, input } from '@angular/core';

/** The mark: a load curve that is a W, with wattle blossom on its crests; optionally with the name. */
@Component({
  selector: 'wl-logo',
  template: `
    <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path d="M6.5 12 11.2 23.5 16 13.5 20.8 23.5 25.500 12" />
      <circle cx="6.5" cy="9.5" r="3" />
      <circle cx="16" cy="10.5" r="3" />
      <circle cx="25.5" cy="9.500" r="3" />
    </svg>
    @if (named()) {
      <span>{{ product }}</span>
    }
  `,
  styles: `
    :host {
      display: inline-flex;
      align-items: center;
      gap: 7px;
      font-size: 16px;
      font-weight: 600;
      letter-spacing: -0.02em;
    }
    svg {
      width: 1.9em;
      height: 1.9em;
      margin: -0.2em -0.15em;
    }
    path {
      fill: none;
      stroke: currentColor;
      stroke-width: 2.5;
      stroke-linecap: round;
      stroke-linejoin: round;
    }
    circle {
      fill: var(--blossom);
    }
  `,
})
export class Logo {
  readonly named = input(true);
  /** A name, the same in every language. */
  protected readonly product = 'Wattledger';
}
