// SPDX-License-Identifier: Apache-2.0
import {
  type ApplicationConfig,
  inject,
  isDevMode,
  provideAppInitializer,
  provideBrowserGlobalErrorListeners,
} from '@angular/core';
import {
  TitleStrategy,
  provideRouter,
  withComponentInputBinding,
  withInMemoryScrolling,
  withRouterConfig,
} from '@angular/router';
import { provideTransloco } from '@jsverse/transloco';
import { routes } from './routes.ts';
import { PageTitles } from './shell/page-titles.ts';
import { languages } from './words/languages.ts';
import { Words, WordsLoader } from './words/words.ts';

export const applicationConfig: ApplicationConfig = {
  providers: [
    provideBrowserGlobalErrorListeners(),
    provideRouter(
      routes,
      withComponentInputBinding(),
      withInMemoryScrolling({ scrollPositionRestoration: 'enabled', anchorScrolling: 'enabled' }),
      withRouterConfig({ paramsInheritanceStrategy: 'always' }),
    ),
    provideTransloco({
      config: {
        availableLangs: languages.map((language) => language.tag),
        defaultLang: 'en',
        fallbackLang: 'en',
        prodMode: !isDevMode(),
        reRenderOnLangChange: true,
        missingHandler: { useFallbackTranslation: true, logMissingKey: isDevMode() },
      },
      loader: WordsLoader,
    }),
    { provide: TitleStrategy, useExisting: PageTitles },
    provideAppInitializer(() => inject(Words).start()),
  ],
};
