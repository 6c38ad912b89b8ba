// SPDX-License-Identifier: Apache-2.0
import { DestroyRef, Directive, ElementRef, afterNextRender, inject, signal } from '@angular/core';

/** A table in a box of its own. Where the box scrolls, the keyboard must reach it; where all is seen, it is no stop. */
@Directive({
  selector: '.table-box',
  host: {
    '[attr.tabindex]': 'scrolls() ? 0 : null',
    '[attr.role]': 'scrolls() ? "group" : null',
    '[attr.aria-label]': 'scrolls() ? label() : null',
  },
})
export class TableBox {
  private readonly box = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  protected readonly scrolls = signal(false);
  /** Named as the section it fills. */
  protected readonly label = signal<string | null>(null);

  constructor() {
    const observer = new ResizeObserver(() => this.measure());
    inject(DestroyRef).onDestroy(() => observer.disconnect());
    afterNextRender(() => {
      // The box changes with the window, the table inside with its rows.
      observer.observe(this.box);
      const table = this.box.firstElementChild;
      if (table !== null) observer.observe(table);
    });
  }

  private measure(): void {
    const { scrollWidth, clientWidth, scrollHeight, clientHeight } = this.box;
    this.scrolls.set(scrollWidth > clientWidth + 1 || scrollHeight > clientHeight + 1);
    this.label.set(this.box.closest('section')?.getAttribute('aria-label') ?? null);
  }
}
