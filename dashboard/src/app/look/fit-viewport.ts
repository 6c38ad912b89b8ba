// SPDX-License-Identifier: Apache-2.0
import { DestroyRef, Directive, inject } from '@angular/core';
import { CdkVirtualScrollViewport } from '@angular/cdk/scrolling';

/** A virtual list measures itself once; ours stand in boxes whose height settles later and changes with the page. */
@Directive({ selector: 'cdk-virtual-scroll-viewport[wlFitViewport]' })
export class FitViewport {
  constructor() {
    const viewport = inject(CdkVirtualScrollViewport);
    const observer = new ResizeObserver(() => viewport.checkViewportSize());
    observer.observe(viewport.elementRef.nativeElement);
    inject(DestroyRef).onDestroy(() => observer.disconnect());
  }
}
