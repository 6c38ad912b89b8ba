// SPDX-License-Identifier: Apache-2.0
import { Component, inject, input, output } from '@angular/core';
import { Formats } from '../../format/formats.ts';
import { weekdayName } from '../supply/protected-span.ts';
import { everyDay, toggledDay } from './weekdays.ts';

/** On which days of the week hours hold. At least one. */
@Component({
  selector: 'wl-weekday-boxes',
  template: `
    <div class="field">
      <span class="label" aria-hidden="true">{{ label() }}</span>
      <div class="days" role="group" [attr.aria-label]="label()">
        @for (day of everyDay; track day) {
          <button
            type="button"
            class="button small"
            [attr.aria-pressed]="weekdays().includes(day)"
            (click)="toggle(day)"
          >
            {{ nameOf(day) }}
          </button>
        }
      </div>
    </div>
  `,
  styles: `
    .days {
      display: flex;
      flex-wrap: wrap;
      gap: 4px;
    }
  `,
})
export class WeekdayBoxes {
  readonly label = input.required<string>();
  /** 1 = Monday … 7 = Sunday. */
  readonly weekdays = input.required<readonly number[]>();
  readonly changed = output<number[]>();
  private readonly formats = inject(Formats);
  protected readonly everyDay = everyDay;

  protected nameOf(day: number): string {
    return weekdayName(day, this.formats.locale());
  }

  protected toggle(day: number): void {
    const next = toggledDay(this.weekdays(), day);
    if (next !== null) this.changed.emit(next);
  }
}
