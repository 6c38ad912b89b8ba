// SPDX-License-Identifier: Apache-2.0
import type { ElementRef } from '@angular/core';
import { Component, inject, signal, viewChild } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import { apiErrorOf } from '../api/api-error.ts';
import { Problems } from '../api/problems.ts';
import { DialogFrame } from '../look/dialog-frame.ts';
import { Icon } from '../look/icon.ts';
import { SignedIn } from '../session/session.ts';
import { Words } from '../words/words.ts';

export interface SignInAgainData {
  readonly login: string;
}

/** The session ended under somebody's hands: signs the same person in again over the page, so that nothing typed is lost. */
@Component({
  selector: 'wl-sign-in-again-dialog',
  imports: [DialogFrame, Icon],
  template: `
    <wl-dialog-frame [heading]="t('session.again.title')">
      <form id="sign-in-again" class="stacked" (submit)="submit($event)" novalidate>
        <p>{{ t('session.again.text', { login: data.login }) }}</p>
        <label class="field">
          <span class="label">{{ t('session.password') }}</span>
          <input
            #passwordBox
            class="input"
            name="password"
            type="password"
            autocomplete="current-password"
            required
            [attr.aria-invalid]="fault() !== null"
          />
        </label>
        <input type="text" name="login" autocomplete="username" [value]="data.login" readonly hidden />
        @if (fault(); as found) {
          <div class="note bad" role="alert"><wl-icon name="warning" />{{ found }}</div>
        }
      </form>
      <ng-container foot>
        <button type="button" class="button" (click)="dialog.close(false)">
          {{ t('session.somebody-else') }}
        </button>
        <button type="submit" form="sign-in-again" class="button primary" [disabled]="busy()">
          {{ busy() ? t('session.signing-in') : t('session.sign-in') }}
        </button>
      </ng-container>
    </wl-dialog-frame>
  `,
  styles: `
    .stacked {
      display: grid;
      gap: 0.9rem;
    }
  `,
})
export class SignInAgainDialog {
  private readonly signedIn = inject(SignedIn);
  private readonly problems = inject(Problems);
  private readonly passwordBox = viewChild.required<ElementRef<HTMLInputElement>>('passwordBox');
  protected readonly data = inject<SignInAgainData>(DIALOG_DATA);
  /** Closed with true: the same person is signed in again. */
  protected readonly dialog = inject<DialogRef<boolean>>(DialogRef);
  protected readonly t = inject(Words).t;
  protected readonly busy = signal(false);
  protected readonly fault = signal<string | null>(null);

  protected async submit(event: Event): Promise<void> {
    event.preventDefault();
    if (this.busy()) return;
    this.busy.set(true);
    this.fault.set(null);
    try {
      await this.signedIn.signIn({
        login: this.data.login,
        password: this.passwordBox().nativeElement.value,
      });
      this.dialog.close(true);
    } catch (error) {
      this.fault.set(this.problems.textsOf(apiErrorOf(error)).message);
      this.passwordBox().nativeElement.select();
    } finally {
      this.busy.set(false);
    }
  }
}
