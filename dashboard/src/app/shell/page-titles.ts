// SPDX-License-Identifier: Apache-2.0
import { Injectable, effect, inject, signal } from '@angular/core';
import { Title } from '@angular/platform-browser';
import { TitleStrategy, type RouterStateSnapshot } from '@angular/router';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';

/** "Trend – Fairview Tower – Wattledger", in the language chosen. A route's `title` is a key of the words. */
@Injectable({ providedIn: 'root' })
export class PageTitles extends TitleStrategy {
  private readonly key = signal('');

  constructor() {
    super();
    const title = inject(Title);
    const words = inject(Words);
    const site = inject(Site);
    effect(() => {
      const key = this.key();
      const parts = [key === '' ? null : words.t(key), site.project()?.name ?? null, 'Wattledger'];
      title.setTitle(parts.filter((part) => part !== null).join(' – '));
    });
  }

  override updateTitle(state: RouterStateSnapshot): void {
    this.key.set(this.buildTitle(state) ?? '');
  }
}
