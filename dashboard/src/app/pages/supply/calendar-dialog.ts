// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import type {
  ProtectedDay,
  ProtectedSpan,
  ProtectionCalendar,
  ProtectionCalendarBody,
  ReadDaysAnswer,
} from '@wattledger/contracts/http/billing';
import { command } from '../../api/command.ts';
import { CreditApi } from '../../api/credit-api.ts';
import { Clock } from '../../clock/clock.ts';
import { Formats } from '../../format/formats.ts';
import { DialogButtons } from '../../look/dialog-buttons.ts';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Icon } from '../../look/icon.ts';
import { isDay } from '../../selection/period.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { weekdayName } from './protected-span.ts';

/** Hours and days in which nobody it concerns is cut; days also from a file. */
@Component({
  selector: 'wl-calendar-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote, Icon],
  templateUrl: './calendar-dialog.html',
  styleUrl: './policy-dialog.css',
})
export class CalendarDialog {
  private readonly credit = inject(CreditApi);
  private readonly site = inject(Site);
  private readonly clock = inject(Clock);
  /** Null: a new one. */
  protected readonly before = inject<ProtectionCalendar | null>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<ProtectionCalendar>>(DialogRef);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly weekdays = [1, 2, 3, 4, 5, 6, 7];
  protected readonly name = signal(this.before?.name ?? '');
  protected readonly classes = signal(this.before?.tenantClasses.join(', ') ?? '');
  protected readonly fromDay = signal(this.before?.fromDay ?? '');
  protected readonly toDay = signal(this.before?.toDay ?? '');
  protected readonly spans = signal<readonly ProtectedSpan[]>(this.before?.spans ?? []);
  protected readonly days = signal<readonly ProtectedDay[]>(this.before?.days ?? []);
  protected readonly faults = signal<ReadDaysAnswer['faults']>([]);
  protected readonly command = command();
  protected readonly body = computed<ProtectionCalendarBody | null>(() => {
    const name = this.name().trim();
    const spans = this.spans();
    if (name === '' || spans.some((span) => span.weekdays.length === 0)) return null;
    return {
      name,
      spans: [...spans],
      days: [...this.days()],
      fromDay: isDay(this.fromDay()) ? this.fromDay() : null,
      toDay: isDay(this.toDay()) ? this.toDay() : null,
      tenantClasses: this.classes()
        .split(/[,，;]/)
        .map((word) => word.trim())
        .filter((word) => word !== ''),
      accountIds: this.before?.accountIds ?? [],
    };
  });

  protected weekday(day: number): string {
    return weekdayName(day, this.formats.locale());
  }

  protected time(minute: number): string {
    const within = minute % 1440;
    return `${String(Math.floor(within / 60)).padStart(2, '0')}:${String(within % 60).padStart(2, '0')}`;
  }

  protected minute(text: string): number {
    const [hour = 0, minute = 0] = text.split(':').map(Number);
    return hour * 60 + minute;
  }

  protected changeSpan(index: number, change: Partial<ProtectedSpan>): void {
    this.spans.update((spans) =>
      spans.map((span, other) => (other === index ? normalized({ ...span, ...change }) : span)),
    );
  }

  protected toggleDay(index: number, day: number): void {
    const days = this.spans()[index]?.weekdays ?? [];
    const weekdays = days.includes(day)
      ? days.filter((other) => other !== day)
      : [...days, day].sort((a, b) => a - b);
    this.changeSpan(index, { weekdays });
  }

  protected addSpan(): void {
    this.spans.update((spans) => [...spans, { weekdays: [1, 2, 3, 4, 5], fromMinute: 1080, toMinute: 1920 }]);
  }

  protected removeSpan(index: number): void {
    this.spans.update((spans) => spans.filter((_, other) => other !== index));
  }

  protected addDay(day: string, name: string): void {
    if (isDay(day)) this.join([{ day, name: name.trim() === '' ? day : name.trim() }]);
  }

  protected removeDay(day: string): void {
    this.days.update((days) => days.filter((special) => special.day !== day));
  }

  /** Days of this year and the next three; the person sees them before they are stored. */
  protected async read(files: FileList | null): Promise<void> {
    const file = files?.[0];
    if (file === undefined) return;
    const format = /\.ics$/i.test(file.name) ? 'ics' : 'csv';
    const year = new Date(this.clock.exactMs()).getUTCFullYear();
    const list = {
      format,
      text: await file.text(),
      fromDay: `${year}-01-01`,
      toDay: `${year + 3}-12-31`,
    } as const;
    const answer = await this.command.run(list, (key) =>
      this.credit.readDays(this.site.projectId() ?? '', list, key),
    );
    if (answer === undefined) return;
    this.faults.set(answer.faults.slice(0, 10));
    this.join(answer.days);
  }

  private join(more: readonly ProtectedDay[]): void {
    const byDay = new Map([...this.days(), ...more].map((special) => [special.day, special]));
    this.days.set([...byDay.values()].sort((a, b) => (a.day < b.day ? -1 : 1)));
  }

  protected async save(): Promise<void> {
    const body = this.body();
    if (body === null) return;
    const saved = await this.command.run(body, (key) =>
      this.credit.saveCalendar(this.site.projectId() ?? '', this.before?.calendarId ?? null, body, key),
    );
    if (saved !== undefined) this.dialog.close(saved);
  }
}

/** An end at or before the beginning lies on the next day. */
function normalized(span: ProtectedSpan): ProtectedSpan {
  const end = span.toMinute % 1440;
  return { ...span, toMinute: end > span.fromMinute ? end : end + 1440 };
}
