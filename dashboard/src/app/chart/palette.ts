// SPDX-License-Identifier: Apache-2.0
import { DOCUMENT, Injectable, computed, inject } from '@angular/core';
import type { TouPeriod } from '@wattledger/contracts';
import { Themes } from '../look/theme.ts';

/** Colours of charts: the tokens of styles/tokens.css as the browser resolves them for the present theme. */
export interface Palette {
  readonly ink: string;
  readonly ink2: string;
  readonly ink3: string;
  readonly line: string;
  readonly surface: string;
  readonly overlay: string;
  readonly leaf: string;
  readonly blossom: string;
  readonly series: readonly string[];
  readonly before: string;
  readonly loss: string;
  readonly missing: string;
  readonly notice: string;
  readonly tou: Readonly<Record<TouPeriod, string>>;
  readonly heat: readonly string[];
  readonly font: string;
}

@Injectable({ providedIn: 'root' })
export class Palettes {
  private readonly document = inject(DOCUMENT);
  private readonly themes = inject(Themes);

  readonly palette = computed<Palette>(() => {
    // Read for its change: the computed colours below follow the theme.
    this.themes.shown();
    const probe = this.document.createElement('span');
    this.document.body.append(probe);
    const view = this.document.defaultView!;
    const colour = (token: string): string => {
      probe.style.color = `var(--${token})`;
      return view.getComputedStyle(probe).color;
    };
    const palette = paletteOf(colour, view.getComputedStyle(this.document.body).fontFamily);
    probe.remove();
    return palette;
  });
}

function paletteOf(colour: (token: string) => string, font: string): Palette {
  return {
    ink: colour('ink'),
    ink2: colour('ink-2'),
    ink3: colour('ink-3'),
    line: colour('line'),
    surface: colour('surface'),
    overlay: colour('overlay'),
    leaf: colour('leaf'),
    blossom: colour('blossom'),
    series: [1, 2, 3, 4, 5, 6, 7, 8].map((index) => colour(`series-${index}`)),
    before: colour('series-before'),
    loss: colour('series-loss'),
    missing: colour('series-missing'),
    notice: colour('notice'),
    tou: {
      tip: colour('tou-tip'),
      peak: colour('tou-peak'),
      flat: colour('tou-flat'),
      valley: colour('tou-valley'),
      'deep-valley': colour('tou-deep-valley'),
    },
    heat: [0, 1, 2, 3, 4].map((index) => colour(`heat-${index}`)),
    font,
  };
}
