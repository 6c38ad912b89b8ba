// SPDX-License-Identifier: Apache-2.0
import { DOCUMENT, Injectable, computed, inject, signal } from '@angular/core';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];
/** Also read by public/theme.js before the first paint. */
const storageKey = 'wattledger.theme';

/** Light, dark or as the system says; remembered. */
@Injectable({ providedIn: 'root' })
export class Themes {
  private readonly document = inject(DOCUMENT);
  private readonly systemDark = this.document.defaultView!.matchMedia('(prefers-color-scheme: dark)');
  private readonly systemIsDark = signal(this.systemDark.matches);
  readonly chosen = signal<Theme>(this.remembered());
  /** What is on the screen: charts are drawn again when it changes. */
  readonly shown = computed<'light' | 'dark'>(() => {
    const chosen = this.chosen();
    if (chosen !== 'system') return chosen;
    return this.systemIsDark() ? 'dark' : 'light';
  });

  constructor() {
    this.systemDark.addEventListener('change', (event) => this.systemIsDark.set(event.matches));
  }

  choose(theme: Theme): void {
    const root = this.document.documentElement;
    if (theme === 'system') delete root.dataset['theme'];
    else root.dataset['theme'] = theme;
    this.chosen.set(theme);
    try {
      if (theme === 'system') localStorage.removeItem(storageKey);
      else localStorage.setItem(storageKey, theme);
    } catch {
      // Not remembered then.
    }
  }

  private remembered(): Theme {
    const stored = this.document.documentElement.dataset['theme'];
    return stored === 'light' || stored === 'dark' ? stored : 'system';
  }
}
