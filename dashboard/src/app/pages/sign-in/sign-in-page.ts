// SPDX-License-Identifier: Apache-2.0
import type { ElementRef } from '@angular/core';
import { Component, afterNextRender, computed, inject, input, signal, viewChild } from '@angular/core';
import { Router } from '@angular/router';
import { apiErrorOf } from '../../api/api-error.ts';
import { Problems } from '../../api/problems.ts';
import { Icon } from '../../look/icon.ts';
import { Logo } from '../../look/logo.ts';
import { Themes } from '../../look/theme.ts';
import { safeNext } from '../../session/safe-next.ts';
import { SignedIn } from '../../session/session.ts';
import { AppearanceMenus } from '../../shell/appearance-menus.ts';
import { Words } from '../../words/words.ts';
import { languages } from '../../words/languages.ts';

@Component({
  selector: 'wl-sign-in-page',
  imports: [Icon, Logo, AppearanceMenus],
  templateUrl: './sign-in-page.html',
  styleUrl: './sign-in-page.css',
})
export class SignInPage {
  readonly next = input<string>();
  readonly reason = input<string>();
  private readonly router = inject(Router);
  private readonly signedIn = inject(SignedIn);
  private readonly problems = inject(Problems);
  private readonly words = inject(Words);
  private readonly themes = inject(Themes);
  private readonly loginBox = viewChild.required<ElementRef<HTMLInputElement>>('loginBox');
  private readonly passwordBox = viewChild.required<ElementRef<HTMLInputElement>>('passwordBox');
  protected readonly t = this.words.t;
  protected readonly login = signal('');
  protected readonly password = signal('');
  protected readonly passwordShown = signal(false);
  protected readonly busy = signal(false);
  protected readonly fault = signal<{ message: string; hint: string | null } | null>(null);
  protected readonly message = computed(() => {
    const reason = this.reason();
    return reason === 'expired' || reason === 'signed-out' ? this.t(`session.${reason}`) : null;
  });

  constructor() {
    afterNextRender(() => this.loginBox().nativeElement.focus());
  }

  protected async submit(event: Event): Promise<void> {
    event.preventDefault();
    if (this.busy()) return;
    // Browsers fill fields in without telling; what stands in them counts.
    const login = this.loginBox().nativeElement.value.trim();
    const password = this.passwordBox().nativeElement.value;
    if (login === '' || password === '') {
      this.fault.set({ message: this.t('session.fill-in'), hint: null });
      return;
    }
    this.busy.set(true);
    this.fault.set(null);
    try {
      const session = await this.signedIn.signIn({ login, password });
      await this.takePreferences(session.staff?.language ?? null, session.staff?.theme ?? null);
      await this.router.navigateByUrl(safeNext(this.next()));
    } catch (error) {
      this.fault.set(this.problems.textsOf(apiErrorOf(error)));
      this.passwordBox().nativeElement.select();
    } finally {
      this.busy.set(false);
    }
  }

  private async takePreferences(
    language: string | null,
    theme: 'light' | 'dark' | 'system' | null,
  ): Promise<void> {
    if (languages.some((known) => known.tag === language)) await this.words.choose(language!);
    if (theme !== null) this.themes.choose(theme);
  }
}
