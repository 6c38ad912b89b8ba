// SPDX-License-Identifier: Apache-2.0
import { Component, inject, input } from '@angular/core';
import type { NoteKind } from '@wattledger/contracts/http/analytics';
import { Icon } from '../look/icon.ts';
import { Words } from '../words/words.ts';

/** What a reader should know about an answer. */
@Component({
  selector: 'wl-answer-notes',
  imports: [Icon],
  template: `
    @for (note of notes(); track note) {
      <p class="note"><wl-icon name="info" />{{ t('note.' + note) }}</p>
    }
  `,
  styles: `
    :host {
      display: grid;
      gap: 8px;
    }
    :host(:empty) {
      display: none;
    }
  `,
})
export class AnswerNotes {
  readonly notes = input.required<readonly NoteKind[]>();
  protected readonly t = inject(Words).t;
}
