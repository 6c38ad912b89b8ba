// SPDX-License-Identifier: Apache-2.0
import { DestroyRef, inject } from '@angular/core';

/** Does something again and again while the page is looked at. Must be called where `inject` may be called. */
export function everySeconds(seconds: number, what: () => void): void {
  const timer = setInterval(() => {
    // A page in the background asks nothing.
    if (document.visibilityState === 'visible') what();
  }, seconds * 1000);
  inject(DestroyRef).onDestroy(() => clearInterval(timer));
}
