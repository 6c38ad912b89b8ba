// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input, model, signal } from '@angular/core';
import type { CashCount as Counted } from '@wattledger/contracts/http/billing';
import { Formats } from '../../format/formats.ts';
import { MoneyInput } from '../../money/money-input.ts';
import { Words } from '../../words/words.ts';
import { denominationsOf } from './denominations.ts';

export interface CountedCash {
  readonly amountMicros: number;
  readonly counts?: Counted[];
}

/** Cash counted note by note, or given as a sum. Null while it is neither. */
@Component({
  selector: 'wl-cash-count',
  imports: [MoneyInput],
  template: `
    @if (values().length > 0) {
      <div class="segmented" role="group" [attr.aria-label]="t('cash.how')">
        <button type="button" [attr.aria-pressed]="byValue()" (click)="choose(true)">
          {{ t('cash.by-value') }}
        </button>
        <button type="button" [attr.aria-pressed]="!byValue()" (click)="choose(false)">
          {{ t('cash.sum') }}
        </button>
      </div>
    }
    @if (byValue() && values().length > 0) {
      <div class="grid">
        @for (value of values(); track value) {
          <label class="line">
            <span class="value">{{ formats.money(value) }} ×</span>
            <input
              #box
              class="input"
              inputmode="numeric"
              autocomplete="off"
              maxlength="6"
              [value]="counts().get(value) ?? ''"
              (input)="count(value, box.value)"
            />
            <span class="sum">{{ formats.money(value * (counts().get(value) ?? 0)) }}</span>
          </label>
        }
      </div>
      <p class="total">
        <span>{{ label() }}</span><strong>{{ formats.money(sum()) }}</strong>
      </p>
    } @else {
      <wl-money-input [label]="label()" [micros]="typed()" (microsChange)="type($event)" />
    }
  `,
  styles: `
    :host {
      display: grid;
      gap: 12px;
      justify-items: start;
    }
    .grid {
      display: grid;
      grid-template-columns: repeat(auto-fit, minmax(230px, 1fr));
      gap: 6px 20px;
      width: 100%;
    }
    .line {
      display: grid;
      grid-template-columns: 86px 76px 1fr;
      gap: 8px;
      align-items: center;
      font-variant-numeric: tabular-nums;
    }
    .value,
    .sum {
      text-align: right;
    }
    .sum {
      color: var(--ink-3);
    }
    .total {
      display: flex;
      justify-content: space-between;
      width: 100%;
      font-size: var(--t-l);
      font-variant-numeric: tabular-nums;
    }
  `,
})
export class CashCount {
  readonly label = input.required<string>();
  readonly cash = model<CountedCash | null>(null);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly values = computed(() => denominationsOf(this.formats.currency()));
  protected readonly byValue = signal(true);
  protected readonly typed = signal<number | null>(null);
  protected readonly counts = signal<ReadonlyMap<number, number>>(new Map());
  protected readonly sum = computed(() =>
    [...this.counts()].reduce((sum, [value, count]) => sum + value * count, 0),
  );

  protected choose(byValue: boolean): void {
    this.byValue.set(byValue);
    this.tell();
  }

  protected count(value: number, text: string): void {
    const count = /^\d+$/.test(text.trim()) ? Number(text) : 0;
    this.counts.set(new Map([...this.counts(), [value, count]]));
    this.tell();
  }

  protected type(micros: number | null): void {
    this.typed.set(micros);
    this.tell();
  }

  private tell(): void {
    if (!this.byValue() || this.values().length === 0) {
      const typed = this.typed();
      this.cash.set(typed === null ? null : { amountMicros: typed });
      return;
    }
    const counts = [...this.counts()]
      .filter(([, count]) => count > 0)
      .map(([valueMicros, count]) => ({ valueMicros, count }));
    this.cash.set({ amountMicros: this.sum(), counts });
  }
}
