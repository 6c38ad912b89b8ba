// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input, model, signal } from '@angular/core';
import { Formats } from '../format/formats.ts';
import { currencyDigits, microsToDecimal, parseMoney } from '../format/money-format.ts';
import { Words } from '../words/words.ts';

let lastId = 0;

/** An amount of money typed by a person; the value is null while it is no amount. */
@Component({
  selector: 'wl-money-input',
  template: `
    <div class="field">
      <label class="label" [attr.for]="id">{{ label() }} ({{ formats.currency() }})</label>
      <input
        #box
        class="input"
        inputmode="decimal"
        autocomplete="off"
        [id]="id"
        [value]="text()"
        [attr.aria-invalid]="fault() !== null"
        [attr.aria-describedby]="fault() === null ? null : id + '-fault'"
        (input)="type(box.value)"
      />
      @if (fault(); as found) {
        <span class="fault" [id]="id + '-fault'">{{ found }}</span>
      } @else if (hint()) {
        <span class="hint">{{ hint() }}</span>
      }
    </div>
  `,
})
export class MoneyInput {
  readonly label = input.required<string>();
  readonly hint = input('');
  readonly negative = input(false);
  readonly micros = model<number | null>(null);
  protected readonly formats = inject(Formats);
  private readonly t = inject(Words).t;
  protected readonly id = `money-${++lastId}`;
  private readonly typed = signal<string | null>(null);
  /** What was typed as long as it means the value; else the value itself, e.g. after a quick choice. */
  protected readonly text = computed(() => {
    const typed = this.typed();
    const micros = this.micros();
    if (typed !== null && (micros === null || this.parse(typed) === micros)) return typed;
    return micros === null ? '' : microsToDecimal(micros).replace(/\.?0+$/, '');
  });
  protected readonly fault = computed(() => {
    const typed = this.typed();
    if (typed === null || typed.trim() === '' || this.micros() !== null) return null;
    return this.t('money.not-an-amount');
  });

  protected type(text: string): void {
    this.typed.set(text);
    this.micros.set(this.parse(text));
  }

  private parse(text: string): number | null {
    const micros = parseMoney(text, currencyDigits(this.formats.currency()));
    return micros !== null && (micros >= 0 || this.negative()) ? micros : null;
  }
}
