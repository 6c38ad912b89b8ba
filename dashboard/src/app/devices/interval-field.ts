// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input, model } from '@angular/core';
import { Formats } from '../format/formats.ts';
import { Words } from '../words/words.ts';
import { formatSeconds } from './duration.ts';

const offered = [10, 30, 60, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400] as const;

/** How often is read: one of the usual spans, whatever is set now, or as above in the chain. */
@Component({
  selector: 'wl-interval-field',
  template: `
    <label class="field">
      <span class="label">{{ t('interval.label') }}</span>
      <select #box class="select" (change)="choose(box.value)">
        @if (inherited(); as above) {
          <option value="" [selected]="seconds() === null">
            {{ t('interval.inherited', { interval: written(above) }) }}
          </option>
        }
        @for (choice of choices(); track choice) {
          <option [value]="choice" [selected]="choice === seconds()">{{ written(choice) }}</option>
        }
      </select>
    </label>
  `,
})
export class IntervalField {
  readonly seconds = model.required<number | null>();
  /** What holds when nothing is set here; null: something must be set. */
  readonly inherited = input<number | null>(null);
  private readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly choices = computed(() =>
    [...new Set([...offered, ...(this.seconds() === null ? [] : [this.seconds() ?? 0])])].sort(
      (a, b) => a - b,
    ),
  );

  protected written(seconds: number): string {
    return formatSeconds(seconds, this.formats.locale());
  }

  protected choose(value: string): void {
    this.seconds.set(value === '' ? null : Number(value));
  }
}
