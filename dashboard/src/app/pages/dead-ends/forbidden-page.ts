// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Words } from '../../words/words.ts';

@Component({
  selector: 'wl-forbidden-page',
  imports: [RouterLink],
  template: `
    <section class="dead-end">
      <h1>{{ t('forbidden.title') }}</h1>
      <p>{{ text() }}</p>
      <a class="button primary" routerLink="/group">{{ t('not-found.go') }}</a>
    </section>
  `,
})
export class ForbiddenPage {
  /** The right that is lacking. */
  readonly right = input<string>();
  private readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly text = computed(() => {
    const key = `right.${this.right() ?? ''}`;
    return this.words.has(key)
      ? this.t('forbidden.text', { right: this.t(key) })
      : this.t('forbidden.text-general');
  });
}
