// SPDX-License-Identifier: Apache-2.0
import { Component, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Words } from '../../words/words.ts';

@Component({
  selector: 'wl-not-found-page',
  imports: [RouterLink],
  template: `
    <section class="dead-end">
      <h1>{{ t('not-found.title') }}</h1>
      <p>{{ t('not-found.text') }}</p>
      <a class="button primary" routerLink="/group">{{ t('not-found.go') }}</a>
    </section>
  `,
})
export class NotFoundPage {
  protected readonly t = inject(Words).t;
}
