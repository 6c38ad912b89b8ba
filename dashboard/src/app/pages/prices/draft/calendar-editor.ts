// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject } from '@angular/core';
import { touPeriods, type TariffCalendar, type TouPeriod } from '@wattledger/contracts';
import { Formats } from '../../../format/formats.ts';
import { Icon } from '../../../look/icon.ts';
import { Words } from '../../../words/words.ts';
import { weekdayName } from '../../supply/protected-span.ts';
import {
  clockOf,
  daysOfMonth,
  minuteOf,
  nextBoundary,
  renameProfile,
  withoutProfile,
} from './calendar-edit.ts';
import { DraftState } from './draft-state.ts';

type Season = TariffCalendar['seasons'][number];

/** A calendar of the version's own: kinds of days, the weeks of the seasons, special days. */
@Component({
  selector: 'wl-calendar-editor',
  imports: [Icon],
  templateUrl: './calendar-editor.html',
  styleUrl: './calendar-editor.css',
})
export class CalendarEditor {
  private readonly words = inject(Words);
  protected readonly formats = inject(Formats);
  protected readonly state = inject(DraftState);
  protected readonly t = this.words.t;
  protected readonly touPeriods = touPeriods;
  protected readonly weekdays = [0, 1, 2, 3, 4, 5, 6];
  protected readonly months = Array.from({ length: 12 }, (_, month) => String(month + 1).padStart(2, '0'));
  protected readonly calendar = computed(() => this.state.draft().own);
  protected readonly profiles = computed(() => Object.keys(this.calendar().dayProfiles));
  /** Special days by year, in order. */
  protected readonly years = computed(() => {
    const years = new Map<string, [day: string, profile: string][]>();
    for (const entry of Object.entries(this.calendar().specialDays).sort(([a], [b]) => (a < b ? -1 : 1))) {
      const year = entry[0].slice(0, 4);
      years.set(year, [...(years.get(year) ?? []), entry]);
    }
    return [...years].map(([name, days]) => ({ name, days }));
  });
  protected readonly stepSeconds = computed(() => this.state.slotMinutes() * 60);
  protected readonly clockOf = clockOf;
  protected readonly daysOf = daysOfMonth;

  protected weekday(index: number): string {
    return weekdayName(index + 1, this.formats.locale());
  }
  protected monthName(month: string): string {
    return new Intl.DateTimeFormat(this.formats.locale(), { month: 'long', timeZone: 'UTC' }).format(
      Date.UTC(2024, Number(month) - 1, 1),
    );
  }
  private change(change: Partial<TariffCalendar>): void {
    this.state.patch({ own: { ...this.calendar(), ...change } });
  }

  protected spans(profile: string): TariffCalendar['dayProfiles'][string] {
    return this.calendar().dayProfiles[profile] ?? [];
  }
  private setSpans(profile: string, spans: TariffCalendar['dayProfiles'][string]): void {
    this.change({ dayProfiles: { ...this.calendar().dayProfiles, [profile]: spans } });
  }
  protected setTime(profile: string, at: number, time: string): void {
    const fromMinute = minuteOf(time);
    if (fromMinute === null) return;
    this.setSpans(
      profile,
      this.spans(profile).map((span, index) => (index === at ? { ...span, fromMinute } : span)),
    );
  }
  protected setPeriod(profile: string, at: number, place: number): void {
    const period: TouPeriod = touPeriods[place] ?? 'flat';
    this.setSpans(
      profile,
      this.spans(profile).map((span, index) => (index === at ? { ...span, period } : span)),
    );
  }
  protected addSpan(profile: string): void {
    const spans = this.spans(profile);
    this.setSpans(profile, [
      ...spans,
      { fromMinute: nextBoundary(spans, this.state.slotMinutes()), period: 'peak' },
    ]);
  }
  protected removeSpan(profile: string, at: number): void {
    this.setSpans(
      profile,
      this.spans(profile).filter((_, index) => index !== at),
    );
  }
  protected addProfile(): void {
    let number = this.profiles().length + 1;
    const nameOf = (): string => this.t('price.day-profile', { number });
    while (this.profiles().includes(nameOf())) number += 1;
    this.setSpans(nameOf(), [{ fromMinute: 0, period: 'flat' }]);
  }
  protected rename(profile: string, name: string): void {
    this.state.patch({ own: renameProfile(this.calendar(), profile, name.trim()) });
  }
  protected removeProfile(profile: string): void {
    this.state.patch({ own: withoutProfile(this.calendar(), profile) });
  }

  protected setSeason(at: number, change: Partial<Season>): void {
    this.change({
      seasons: this.calendar().seasons.map((season, index) =>
        index === at ? { ...season, ...change } : season,
      ),
    });
  }
  protected setWeekday(at: number, season: Season, day: number, profile: string): void {
    this.setSeason(at, { weekday: season.weekday.map((name, index) => (index === day ? profile : name)) });
  }
  protected addSeason(): void {
    const { seasons } = this.calendar();
    const taken = new Set(seasons.map((season) => season.fromMonthDay));
    const free = this.months.map((month) => `${month}-01`).find((day) => !taken.has(day)) ?? '01-02';
    const first = this.profiles()[0] ?? '';
    this.change({
      seasons: [
        ...seasons,
        {
          name: this.t('price.season-name', { number: seasons.length + 1 }),
          fromMonthDay: free,
          weekday: seasons.at(-1)?.weekday ?? new Array<string>(7).fill(first),
        },
      ],
    });
  }
  protected removeSeason(at: number): void {
    this.change({ seasons: this.calendar().seasons.filter((_, index) => index !== at) });
  }

  protected addSpecialDay(day: string, profile: string): void {
    if (day === '') return;
    this.change({ specialDays: { ...this.calendar().specialDays, [day]: profile } });
  }
  protected removeSpecialDay(day: string): void {
    this.change({
      specialDays: Object.fromEntries(
        Object.entries(this.calendar().specialDays).filter(([known]) => known !== day),
      ),
    });
  }
}
