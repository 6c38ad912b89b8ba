// SPDX-License-Identifier: Apache-2.0
/** A language is one file in src/i18n and one line here. */
type Words = { readonly default: Record<string, unknown> };

export interface Language {
  /** BCP 47 tag: file name and `lang` of the page. */
  readonly tag: string;
  /** BCP 47 locale of numbers, dates and money. */
  readonly locale: string;
  /** In the language itself. */
  readonly name: string;
  readonly load: () => Promise<Words>;
}

export const languages: readonly Language[] = [
  {
    tag: 'en',
    locale: 'en-GB',
    name: 'English',
    load: () => import('../../i18n/en.json', { with: { type: 'json' } }),
  },
  {
    tag: 'zh',
    locale: 'zh-CN',
    name: '中文',
    load: () => import('../../i18n/zh.json', { with: { type: 'json' } }),
  },
];

/** The first of the wanted tags that we speak, by its primary language; English otherwise. */
export function languageFor(wanted: readonly string[]): string {
  for (const tag of wanted) {
    const primary = tag.toLowerCase().split('-')[0];
    const found = languages.find((language) => language.tag === primary);
    if (found !== undefined) return found.tag;
  }
  return 'en';
}
