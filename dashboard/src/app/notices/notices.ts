// SPDX-License-Identifier: Apache-2.0
import { Injectable, inject, signal } from '@angular/core';
import { apiErrorOf } from '../api/api-error.ts';
import { Problems } from '../api/problems.ts';

export interface Notice {
  readonly id: number;
  readonly tone: 'good' | 'bad';
  readonly text: string;
  readonly hint: string | null;
  /** Takes it back. */
  readonly undo: (() => void) | null;
}

const shownMs = 6_000;
/** Long enough to read it and to change one's mind. */
const shownWithUndoMs = 20_000;
const noticesMax = 4;

/** Short messages about what a person's action did. */
@Injectable({ providedIn: 'root' })
export class Notices {
  private readonly problems = inject(Problems);
  private readonly shown = signal<readonly Notice[]>([]);
  private lastId = 0;
  readonly list = this.shown.asReadonly();

  done(text: string, undo: (() => void) | null = null): void {
    this.add('good', text, null, undo);
  }

  /** What went wrong and what to do; stays until it is closed. */
  failed(error: unknown): void {
    const problem = this.problems.textsOf(apiErrorOf(error));
    this.add('bad', problem.message, problem.hint, null);
  }

  close(id: number): void {
    this.shown.update((list) => list.filter((notice) => notice.id !== id));
  }

  private add(tone: Notice['tone'], text: string, hint: string | null, undo: (() => void) | null): void {
    const id = ++this.lastId;
    this.shown.update((list) => [...list, { id, tone, text, hint, undo }].slice(-noticesMax));
    if (tone === 'good') setTimeout(() => this.close(id), undo === null ? shownMs : shownWithUndoMs);
  }
}
