// SPDX-License-Identifier: Apache-2.0
import { Component, computed, effect, inject, input, output, signal } from '@angular/core';
import { DateAdapter, provideNativeDateAdapter } from '@angular/material/core';
import { DateRange, MatCalendar, type MatCalendarView } from '@angular/material/datepicker';
import { Words } from '../words/words.ts';
import { addDays, periodOf, type Period } from './period.ts';

/** A local day as a Date of the browser's own zone: only its year, month and date are used. */
function dateOf(day: string): Date {
  const [year = 1970, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date);
}
function dayOf(date: Date): string {
  return `${String(date.getFullYear()).padStart(4, '0')}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;
}

/** Chooses a period of the kind in force: a day, its week, a month, a year, or first and last day. */
@Component({
  selector: 'wl-period-calendar',
  imports: [MatCalendar],
  providers: [provideNativeDateAdapter()],
  template: `
    <mat-calendar
      [startAt]="startAt()"
      [startView]="startView()"
      [selected]="selected()"
      [maxDate]="lastDay()"
      (selectedChange)="pickDay($event)"
      (monthSelected)="period().kind === 'month' && pick($event)"
      (yearSelected)="period().kind === 'year' && pick($event)"
    />
    @if (period().kind === 'free') {
      <p role="status">{{ firstPicked() === null ? t('period.pick-first') : t('period.pick-last') }}</p>
    }
  `,
  styles: `
    p {
      padding: 0 10px 8px;
      color: var(--ink-3);
      font-size: var(--t-s);
    }
  `,
})
export class PeriodCalendar {
  readonly period = input.required<Period>();
  readonly today = input.required<string>();
  readonly chosen = output<Period>();
  private readonly words = inject(Words);
  protected readonly t = this.words.t;
  /** First day of a free span, until the last one is picked. */
  protected readonly firstPicked = signal<string | null>(null);
  protected readonly startAt = computed(() =>
    dateOf(this.period().to > this.today() ? this.today() : this.period().from),
  );
  protected readonly lastDay = computed(() => dateOf(this.today()));
  protected readonly startView = computed<MatCalendarView>(() => {
    const kind = this.period().kind;
    if (kind === 'year') return 'multi-year';
    return kind === 'month' ? 'year' : 'month';
  });
  protected readonly selected = computed(() => {
    const first = this.firstPicked();
    if (first !== null) return new DateRange(dateOf(first), null);
    const { kind, from, to } = this.period();
    return kind === 'day' ? dateOf(from) : new DateRange(dateOf(from), dateOf(addDays(to, -1)));
  });

  constructor() {
    const adapter = inject<DateAdapter<Date>>(DateAdapter);
    adapter.getFirstDayOfWeek = () => 1;
    effect(() => adapter.setLocale(this.words.locale()));
  }

  protected pick(date: Date): void {
    this.chosen.emit(periodOf(this.period().kind, dayOf(date)));
  }

  protected pickDay(date: Date | null): void {
    if (date === null) return;
    const kind = this.period().kind;
    if (kind !== 'free') {
      if (kind === 'day' || kind === 'week') this.pick(date);
      return;
    }
    const first = this.firstPicked();
    if (first === null) this.firstPicked.set(dayOf(date));
    else this.chosen.emit(periodOf('free', first, dayOf(date)));
  }
}
