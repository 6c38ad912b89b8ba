// SPDX-License-Identifier: Apache-2.0
import { Component, inject, input } from '@angular/core';
import { Logo } from '../../look/logo.ts';
import { Words } from '../../words/words.ts';

/** Opened while the server does not answer: says so, and tries the same address again. */
@Component({
  selector: 'wl-unreachable-page',
  imports: [Logo],
  template: `
    <main class="dead-end">
      <wl-logo />
      <h1>{{ t('problem.unreachable') }}</h1>
      <p>{{ t('unreachable.text') }}</p>
      <button type="button" class="button primary" (click)="again()">{{ t('do.retry') }}</button>
    </main>
  `,
})
export class UnreachablePage {
  /** The address that was to be opened. */
  readonly next = input<string>();
  protected readonly t = inject(Words).t;

  protected again(): void {
    window.location.assign(this.next() ?? '/');
  }
}
