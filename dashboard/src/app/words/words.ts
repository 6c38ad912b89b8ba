// SPDX-License-Identifier: Apache-2.0
import { DOCUMENT, Injectable, computed, inject, signal } from '@angular/core';
import { TranslocoService, type TranslocoLoader } from '@jsverse/transloco';
import { firstValueFrom } from 'rxjs';
import { languageFor, languages } from './languages.ts';

const storageKey = 'wattledger.language';

@Injectable({ providedIn: 'root' })
export class WordsLoader implements TranslocoLoader {
  async getTranslation(tag: string): Promise<Record<string, unknown>> {
    const language = languages.find((candidate) => candidate.tag === tag);
    if (language === undefined) throw new RangeError(`no language ${tag}`);
    return (await language.load()).default;
  }
}

/** The words on the screen, in the language chosen; a change of language redraws what reads them. */
@Injectable({ providedIn: 'root' })
export class Words {
  private readonly transloco = inject(TranslocoService);
  private readonly document = inject(DOCUMENT);
  private readonly chosen = signal('en');
  /** BCP 47 tag. */
  readonly language = this.chosen.asReadonly();
  /** BCP 47 locale of numbers, dates and money. */
  readonly locale = computed(
    () => languages.find((language) => language.tag === this.chosen())?.locale ?? 'en-GB',
  );

  /** Text of a key; `{{name}}` places in the text are filled from `values`. Reactive. */
  readonly t = (key: string, values: Readonly<Record<string, string | number>> = {}): string =>
    this.transloco.translate(key, values, this.chosen());

  /** Text that depends on a number: `key.one`, `key.other` and so on, as the language counts. `count` fills its place. */
  readonly counted = (key: string, count: number, written: string): string => {
    const form = new Intl.PluralRules(this.locale()).select(count);
    return this.t(this.has(`${key}.${form}`) ? `${key}.${form}` : `${key}.other`, { count: written });
  };

  /** Name of a code that comes from the server, e.g. a register; the code itself where it has no name here. */
  readonly nameOf = (key: string, code: string): string => (this.has(key) ? this.t(key) : code);

  /** True when the key has a text: for codes that come from the server. */
  has(key: string): boolean {
    return this.transloco.getTranslation(this.chosen())[key] !== undefined;
  }

  /** Before the first page is drawn. */
  async start(): Promise<void> {
    await this.use(languageFor([this.remembered() ?? '', ...this.document.defaultView!.navigator.languages]));
  }

  async choose(tag: string): Promise<void> {
    await this.use(tag);
    try {
      localStorage.setItem(storageKey, tag);
    } catch {
      // Not remembered then; the choice holds until the page is closed.
    }
  }

  private async use(tag: string): Promise<void> {
    await firstValueFrom(this.transloco.load(tag));
    this.transloco.setActiveLang(tag);
    this.chosen.set(tag);
    this.document.documentElement.lang = tag;
  }

  private remembered(): string | null {
    try {
      return localStorage.getItem(storageKey);
    } catch {
      return null;
    }
  }
}
