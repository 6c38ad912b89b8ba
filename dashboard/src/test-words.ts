// SPDX-License-Identifier: Apache-2.0
/** What component tests need: the real words of both languages, a router without routes. */
import { TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';
import { provideTransloco } from '@jsverse/transloco';
import { Words, WordsLoader } from './app/words/words.ts';

export const testProviders = [
  provideRouter([]),
  provideTransloco({
    config: {
      availableLangs: ['en', 'zh'],
      defaultLang: 'en',
      fallbackLang: 'en',
      prodMode: true,
      reRenderOnLangChange: true,
    },
    loader: WordsLoader,
  }),
];

export async function startWords(tag = 'en'): Promise<void> {
  await TestBed.inject(Words).choose(tag);
}
