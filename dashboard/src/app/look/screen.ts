// SPDX-License-Identifier: Apache-2.0
import { DOCUMENT, Injectable, inject, signal } from '@angular/core';

/** What the window is like, where layout in CSS is not enough (charts). */
@Injectable({ providedIn: 'root' })
export class Screen {
  private readonly query = inject(DOCUMENT).defaultView!.matchMedia('(max-width: 640px)');
  readonly narrow = signal(this.query.matches);

  constructor() {
    this.query.addEventListener('change', (event) => this.narrow.set(event.matches));
  }
}
