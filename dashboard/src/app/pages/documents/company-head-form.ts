// SPDX-License-Identifier: Apache-2.0
import { Component, inject, input, linkedSignal, output, signal } from '@angular/core';
import type { CompanyHead } from '@wattledger/contracts/http/billing';
import { Words } from '../../words/words.ts';

export interface HeadDraft {
  readonly head: CompanyHead;
  /** As a data: address; null removes it, undefined keeps it. */
  readonly logo: string | null | undefined;
}

const fields = ['name', 'address', 'phone', 'taxNumber', 'note'] as const;
const logoBytesMax = 200_000;

/** Head of the company that issues documents, and its logo. */
@Component({
  selector: 'wl-company-head-form',
  template: `
    <section class="card" [attr.aria-label]="t('templates.head')">
      <header class="card-head">
        <h2>{{ t('templates.head') }}</h2>
      </header>
      <form class="card-body" (submit)="save($event)">
        @for (name of fields; track name) {
          <label class="field">
            <span class="label">{{ t('company.' + name) }}</span>
            <input
              #box
              class="input"
              maxlength="200"
              [value]="head()[name]"
              [readOnly]="readOnly()"
              (input)="change(name, box.value)"
            />
          </label>
        }
        <div class="field">
          <label class="label" for="company-logo">{{ t('company.logo') }}</label>
          @if (shownLogo(); as address) {
            <img [src]="address" alt="" />
          }
          @if (!readOnly()) {
            <input
              #fileBox
              id="company-logo"
              type="file"
              accept="image/png,image/svg+xml"
              (change)="read(fileBox.files?.item(0) ?? null)"
            />
            @if (shownLogo() !== null) {
              <button type="button" class="button small" (click)="chosen.set(null)">
                {{ t('company.no-logo') }}
              </button>
            }
          }
          @if (tooLarge()) {
            <p class="note bad" role="alert">{{ t('company.logo-too-large') }}</p>
          }
        </div>
        @if (!readOnly()) {
          <div class="toolbar">
            <span class="grow"></span>
            <button type="submit" class="button primary">{{ t('do.save') }}</button>
          </div>
        }
      </form>
    </section>
  `,
  styles: `
    form {
      display: grid;
      gap: 12px;
      grid-template-columns: repeat(auto-fit, minmax(240px, 1fr));
      align-items: start;
    }
    .toolbar {
      grid-column: 1 / -1;
    }
    img {
      max-width: 160px;
      max-height: 60px;
    }
  `,
})
export class CompanyHeadForm {
  readonly company = input.required<CompanyHead>();
  readonly logo = input.required<string | null>();
  readonly readOnly = input(false);
  readonly saved = output<HeadDraft>();
  protected readonly t = inject(Words).t;
  protected readonly fields = fields;
  protected readonly head = linkedSignal(() => this.company());
  protected readonly chosen = linkedSignal<string | null, string | null | undefined>({
    source: this.logo,
    computation: () => undefined,
  });
  protected readonly tooLarge = signal(false);

  protected shownLogo(): string | null {
    const chosen = this.chosen();
    return chosen === undefined ? this.logo() : chosen;
  }

  protected change(name: (typeof fields)[number], value: string): void {
    this.head.update((head) => ({ ...head, [name]: value }));
  }

  protected read(file: File | null): void {
    if (file === null) return;
    this.tooLarge.set(file.size > logoBytesMax);
    if (file.size > logoBytesMax) return;
    const reader = new FileReader();
    reader.onload = () => this.chosen.set(String(reader.result));
    reader.readAsDataURL(file);
  }

  protected save(event: Event): void {
    event.preventDefault();
    this.saved.emit({ head: this.head(), logo: this.chosen() });
  }
}
