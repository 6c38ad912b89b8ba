// SPDX-License-Identifier: Apache-2.0
import { Injectable, inject } from '@angular/core';
import { Words } from '../words/words.ts';
import type { ApiError } from './api-error.ts';

export interface ProblemTexts {
  readonly message: string;
  /** What to do next. */
  readonly hint: string | null;
}

/** Errors in the reader's language where the code is known to the words; else as the server said it. */
@Injectable({ providedIn: 'root' })
export class Problems {
  private readonly words = inject(Words);

  textsOf(error: ApiError): ProblemTexts {
    // The server speaks English, and knows the case at hand: its own words are the better ones there.
    if (error.message !== '' && this.words.language() === 'en')
      return { message: error.message, hint: error.hint ?? this.referenceOf(error) };
    const key = `problem.${error.code}`;
    if (this.words.has(key)) return { message: this.words.t(key), hint: this.hintOf(`${key}.hint`, error) };
    if (error.message !== '') return { message: error.message, hint: error.hint ?? this.referenceOf(error) };
    const general = error.status >= 500 ? 'problem.server' : 'problem.unexpected';
    return { message: this.words.t(general), hint: this.hintOf(`${general}.hint`, error) };
  }

  private hintOf(key: string, error: ApiError): string | null {
    return this.words.has(key) ? this.words.t(key, { reference: error.requestId ?? '–' }) : error.hint;
  }

  private referenceOf(error: ApiError): string | null {
    return error.requestId === null
      ? null
      : this.words.t('problem.reference', { reference: error.requestId });
  }
}
