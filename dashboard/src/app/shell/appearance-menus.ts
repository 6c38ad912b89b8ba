// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject } from '@angular/core';
import { CdkMenu, CdkMenuItemRadio, CdkMenuTrigger } from '@angular/cdk/menu';
import { Icon } from '../look/icon.ts';
import type { IconName } from '../look/icons.ts';
import { Themes, themes, type Theme } from '../look/theme.ts';
import { SignedIn } from '../session/session.ts';
import { languages } from '../words/languages.ts';
import { Words } from '../words/words.ts';

const themeIcons: Readonly<Record<Theme, IconName>> = { system: 'screen', light: 'sun', dark: 'moon' };

/** Language, and light or dark. */
@Component({
  selector: 'wl-appearance-menus',
  imports: [CdkMenu, CdkMenuItemRadio, CdkMenuTrigger, Icon],
  template: `
    <button
      type="button"
      class="button quiet icon"
      [cdkMenuTriggerFor]="languageMenu"
      [attr.aria-label]="t('frame.language')"
    >
      <wl-icon name="language" />
    </button>
    <button
      type="button"
      class="button quiet icon"
      [cdkMenuTriggerFor]="themeMenu"
      [attr.aria-label]="t('frame.theme')"
    >
      <wl-icon [name]="icon()" />
    </button>
    <ng-template #languageMenu>
      <div class="menu" cdkMenu>
        @for (language of languages; track language.tag) {
          <button
            type="button"
            class="menu-item"
            cdkMenuItemRadio
            [cdkMenuItemChecked]="language.tag === words.language()"
            [attr.lang]="language.tag"
            (cdkMenuItemTriggered)="chooseLanguage(language.tag)"
          >
            <span class="grow">{{ language.name }}</span>
            @if (language.tag === words.language()) {
              <wl-icon name="check" />
            }
          </button>
        }
      </div>
    </ng-template>
    <ng-template #themeMenu>
      <div class="menu" cdkMenu>
        @for (theme of themes; track theme) {
          <button
            type="button"
            class="menu-item"
            cdkMenuItemRadio
            [cdkMenuItemChecked]="theme === appearance.chosen()"
            (cdkMenuItemTriggered)="chooseTheme(theme)"
          >
            <wl-icon [name]="themeIcons[theme]" />
            <span class="grow">{{ t('theme.' + theme) }}</span>
            @if (theme === appearance.chosen()) {
              <wl-icon name="check" />
            }
          </button>
        }
      </div>
    </ng-template>
  `,
  styles: `
    :host {
      display: inline-flex;
    }
    :host(.appearance) .button {
      color: var(--nav-ink);
    }
  `,
})
export class AppearanceMenus {
  private readonly signedIn = inject(SignedIn);
  protected readonly words = inject(Words);
  protected readonly appearance = inject(Themes);
  protected readonly t = this.words.t;
  protected readonly languages = languages;
  protected readonly themes = themes;
  protected readonly themeIcons = themeIcons;
  protected readonly icon = computed(() => themeIcons[this.appearance.chosen()]);

  protected async chooseLanguage(tag: string): Promise<void> {
    await this.words.choose(tag);
    // The server keeps the languages it can write in; others stay in this browser.
    if (tag === 'en' || tag === 'zh') await this.signedIn.remember({ language: tag });
  }

  protected chooseTheme(theme: Theme): void {
    this.appearance.choose(theme);
    void this.signedIn.remember({ theme });
  }
}
