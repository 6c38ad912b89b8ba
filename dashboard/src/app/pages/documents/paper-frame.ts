// SPDX-License-Identifier: Apache-2.0
import { Component, effect, inject, input, viewChild, type ElementRef } from '@angular/core';
import { Words } from '../../words/words.ts';

/** A page of paper in a frame that runs no script. Printing it prints the paper and nothing around it. */
@Component({
  selector: 'wl-paper-frame',
  template: `<iframe
    #frame
    sandbox="allow-same-origin allow-modals"
    [title]="t('documents.paper')"
  ></iframe>`,
  styles: `
    iframe {
      width: 100%;
      height: min(70vh, 900px);
      border: 1px solid var(--line);
      border-radius: var(--radius);
      background: #fff;
    }
  `,
})
export class PaperFrame {
  readonly html = input.required<string>();
  protected readonly t = inject(Words).t;
  private readonly frame = viewChild.required<ElementRef<HTMLIFrameElement>>('frame');

  constructor() {
    // Set by hand: the binding would take the styles out. The server has cleaned it, and the sandbox runs nothing.
    effect(() => {
      this.frame().nativeElement.srcdoc = this.html();
    });
  }

  print(): void {
    this.frame().nativeElement.contentWindow?.print();
  }
}
