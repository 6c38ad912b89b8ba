// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import type { TariffCalendar, TouPeriod } from '@wattledger/contracts';
import { Formats } from '../../format/formats.ts';
import { Words } from '../../words/words.ts';

interface Span {
  readonly period: TouPeriod;
  readonly fromMinute: number;
  readonly toMinute: number;
}

const dayMinutes = 1440;

/** Day profiles of a tariff calendar as coloured bars, with the days on which each holds. */
@Component({
  selector: 'wl-calendar-view',
  template: `
    <ul>
      @for (row of rows(); track row.id) {
        <li>
          <span class="days"
            >{{ row.days }}&ngsp;<span class="muted">{{ row.seasons }}</span></span
          >
          <span class="bar" role="img" [attr.aria-label]="row.text">
            @for (span of row.spans; track span.fromMinute) {
              <i
                [style.width.%]="((span.toMinute - span.fromMinute) / 1440) * 100"
                [style.background]="'var(--tou-' + span.period + ')'"
                [attr.title]="title(span)"
              ></i>
            }
          </span>
        </li>
      }
    </ul>
    <p class="hours" aria-hidden="true">
      @for (hour of hours; track hour) {
        <span>{{ hour }}</span>
      }
    </p>
  `,
  styles: `
    :host {
      display: block;
      max-width: 760px;
    }
    li {
      display: grid;
      grid-template-columns: 42% minmax(0, 1fr);
      gap: 10px;
      align-items: center;
      padding: 2px 0;
      font-size: var(--t-s);
    }
    .bar {
      display: flex;
      height: 12px;
      border-radius: 3px;
      overflow: hidden;
    }
    i {
      border-right: 1px solid var(--surface);
    }
    .hours {
      display: flex;
      justify-content: space-between;
      margin-left: calc(42% + 10px);
      color: var(--ink-3);
      font-size: var(--t-xs);
      font-variant-numeric: tabular-nums;
    }
    .days {
      color: var(--ink-2);
    }
    @media (min-width: 560px) {
      li {
        grid-template-columns: 190px minmax(0, 1fr);
      }
      .hours {
        margin-left: 200px;
      }
    }
  `,
})
export class CalendarView {
  readonly calendar = input.required<TariffCalendar>();
  protected readonly hours = ['00', '06', '12', '18', '24'];
  private readonly formats = inject(Formats);
  private readonly words = inject(Words);
  private readonly t = this.words.t;

  /** One row for each day profile and set of weekdays; seasons that share both stand together. */
  protected readonly rows = computed(() => {
    const { seasons, dayProfiles, specialDays } = this.calendar();
    const groups = new Map<
      string,
      { readonly profile: string; readonly days: string; readonly seasons: string[] }
    >();
    for (const season of seasons) {
      for (const profile of new Set(season.weekday)) {
        const days = this.daysText(
          season.weekday.flatMap((name, index) => (name === profile ? [index] : [])),
        );
        const key = `${profile}|${days}`;
        const known = groups.get(key);
        if (known === undefined) groups.set(key, { profile, days, seasons: [season.name] });
        else known.seasons.push(season.name);
      }
    }
    const special = new Map<string, number>();
    for (const profile of Object.values(specialDays)) special.set(profile, (special.get(profile) ?? 0) + 1);
    const rows = [
      ...[...groups].map(([id, group]) => ({
        id,
        days: group.days,
        seasons:
          group.seasons.length === seasons.length
            ? ''
            : group.seasons.map((name) => this.words.nameOf('season.' + name, name)).join(', '),
        spans: spansOf(dayProfiles[group.profile] ?? []),
      })),
      ...[...special].map(([profile, count]) => ({
        id: `special|${profile}`,
        days: this.t('price.special-days', { count }),
        seasons: '',
        spans: spansOf(dayProfiles[profile] ?? []),
      })),
    ];
    return rows.map((row) => ({
      ...row,
      text: `${row.days} ${row.seasons}: ${row.spans.map((span) => this.title(span)).join(', ')}`,
    }));
  });

  protected title(span: Span): string {
    return `${clock(span.fromMinute)}–${clock(span.toMinute)} ${this.t(`tou.${span.period}`)}`;
  }

  /** Indices 0 = Monday; days in a row are written as a range. */
  private daysText(days: readonly number[]): string {
    if (days.length === 7) return this.t('price.all-days');
    const inRow = days.length > 2 && days.every((day, index) => index === 0 || day === days[index - 1]! + 1);
    const names = inRow ? [days[0]!, days.at(-1)!] : days;
    return names.map((day) => this.weekday(day)).join(inRow ? ' – ' : ', ');
  }

  /** 0 = Monday; the first of January 2024 was one. */
  private weekday(index: number): string {
    return new Intl.DateTimeFormat(this.formats.locale(), { weekday: 'short', timeZone: 'UTC' }).format(
      Date.UTC(2024, 0, 1 + index),
    );
  }
}

function spansOf(profile: TariffCalendar['dayProfiles'][string]): readonly Span[] {
  return profile.map((span, index) => ({
    period: span.period,
    fromMinute: span.fromMinute,
    toMinute: profile[index + 1]?.fromMinute ?? dayMinutes,
  }));
}

const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
