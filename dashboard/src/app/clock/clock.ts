// SPDX-License-Identifier: Apache-2.0
import { Injectable, signal } from '@angular/core';

const tickMs = 10_000;

/** The only place that asks the browser for the time. */
@Injectable({ providedIn: 'root' })
export class Clock {
  private readonly ticking = signal(Date.now());
  /** Now, to ten seconds: for ages and freshness on the screen. */
  readonly nowMs = this.ticking.asReadonly();

  constructor() {
    setInterval(() => this.ticking.set(Date.now()), tickMs);
  }

  /** Now, exactly. */
  exactMs(): number {
    return Date.now();
  }
}
