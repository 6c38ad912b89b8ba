// SPDX-License-Identifier: Apache-2.0
import { Component, effect, inject, input, signal, untracked } from '@angular/core';
import type { VerifyAnswer } from '@wattledger/contracts/http/billing';
import { BooksApi } from '../../api/books-api.ts';
import { command } from '../../api/command.ts';
import { formatMoney } from '../../format/money-format.ts';
import { formatDay } from '../../format/time-format.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Icon } from '../../look/icon.ts';
import { Logo } from '../../look/logo.ts';
import { AppearanceMenus } from '../../shell/appearance-menus.ts';
import { Words } from '../../words/words.ts';

/** Open to everybody: whether a paper was issued here. Number, date and amount, nothing personal. */
@Component({
  selector: 'wl-verify-page',
  imports: [AppearanceMenus, FaultNote, Icon, Logo],
  template: `
    <div class="stage">
      <header>
        <wl-logo />
        <wl-appearance-menus />
      </header>
      <main class="card">
        <div class="card-body">
          <h1>{{ t('verify.title') }}</h1>
          <p class="muted">{{ t('verify.lead') }}</p>
          <form (submit)="check($event, codeBox.value)">
            <label class="field">
              <span class="label">{{ t('documents.code') }}</span>
              <input
                #codeBox
                class="input mono"
                autocomplete="off"
                autocapitalize="characters"
                spellcheck="false"
                maxlength="20"
                [placeholder]="'XXXX-XXXX-XXXX'"
                [value]="code() ?? ''"
              />
            </label>
            <button type="submit" class="button primary" [disabled]="checking.busy()">
              {{ t('verify.check') }}
            </button>
          </form>
          <wl-fault-note [fault]="checking.fault()" />
          <div aria-live="polite">
            @if (answer(); as it) {
              @if (it.document; as found) {
                <p class="note good"><wl-icon name="check-circle" />{{ t('verify.genuine') }}</p>
                <dl class="facts">
                  <div>
                    <dt>{{ t('documents.kind') }}</dt>
                    <dd>{{ t('document-kind.' + found.kind) }}</dd>
                  </div>
                  <div>
                    <dt>{{ t('documents.number') }}</dt>
                    <dd>{{ found.number }}</dd>
                  </div>
                  <div>
                    <dt>{{ t('energy.day') }}</dt>
                    <dd>{{ day(found.localDay) }}</dd>
                  </div>
                  <div>
                    <dt>{{ t('charges.amount') }}</dt>
                    <dd>{{ money(found.amountMicros, found.currency) }}</dd>
                  </div>
                  <div>
                    <dt>{{ t('verify.issuer') }}</dt>
                    <dd>{{ found.issuer }}</dd>
                  </div>
                </dl>
              } @else {
                <p class="note bad" role="alert"><wl-icon name="warning" />{{ t('verify.unknown') }}</p>
              }
            }
          </div>
        </div>
      </main>
    </div>
  `,
  styles: `
    .stage {
      display: grid;
      max-width: 520px;
      margin: 0 auto;
      padding: 20px 16px;
      gap: 20px;
    }
    .card-body {
      padding-top: var(--s4);
    }
    header {
      display: flex;
      justify-content: space-between;
    }
    .card-body,
    form {
      display: grid;
      gap: 14px;
    }
  `,
})
export class VerifyPage {
  readonly code = input<string>();
  private readonly books = inject(BooksApi);
  private readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly checking = command();
  protected readonly answer = signal<VerifyAnswer | null>(null);
  protected readonly day = (day: string): string => formatDay(day, 'day', this.words.locale());
  protected readonly money = (micros: number, currency: string): string =>
    formatMoney(micros, currency, this.words.locale());

  constructor() {
    effect(() => {
      const code = this.code();
      if (code !== undefined) untracked(() => void this.look(code));
    });
  }

  protected check(event: Event, code: string): void {
    event.preventDefault();
    if (code.trim() !== '') void this.look(code.trim());
  }

  private async look(code: string): Promise<void> {
    this.answer.set(null);
    this.answer.set((await this.checking.run(code, () => this.books.verify(code))) ?? null);
  }
}
