// SPDX-License-Identifier: Apache-2.0
import { Component, inject, input, output } from '@angular/core';
import type { ProtectionCalendar, ProtectionCalendarList } from '@wattledger/contracts/http/billing';
import { Answer } from '../../api/answer.ts';
import { CreditApi } from '../../api/credit-api.ts';
import type { Question } from '../../api/question.ts';
import { Formats } from '../../format/formats.ts';
import { Dialogs } from '../../look/dialogs.ts';
import { Icon } from '../../look/icon.ts';
import { Notices } from '../../notices/notices.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { CalendarDialog } from './calendar-dialog.ts';
import { protectedSpanText } from './protected-span.ts';

const daysShown = 12;

/** The project's calendars of protection, whether the policy points to them or not. */
@Component({
  selector: 'wl-calendars-card',
  imports: [Answer, Icon],
  template: `
    <section class="card" [attr.aria-label]="t('supply.tab.calendars')">
      <header class="card-head">
        <h2>{{ t('protection.title') }}</h2>
        @if (site.may('price:write')) {
          <button type="button" class="button small" (click)="edit(null)">
            <wl-icon name="plus" />{{ t('protection.add') }}
          </button>
        }
      </header>
      <wl-answer
        [of]="of()"
        [empty]="of().value()?.calendars?.length === 0"
        [emptyText]="t('protection.none')"
        [height]="160"
      >
        @for (calendar of of().value()?.calendars ?? []; track calendar.calendarId) {
          <article>
            <header>
              <h3>{{ calendar.name }}</h3>
              <span [class]="'chip ' + (holds(calendar) ? 'good' : '')">{{
                t(holds(calendar) ? 'protection.holds' : 'protection.rests')
              }}</span>
              <span class="grow"></span>
              @if (site.may('price:write')) {
                <button type="button" class="button small" (click)="edit(calendar)">
                  {{ t('protection.edit') }}
                </button>
                @if (!holds(calendar)) {
                  <button type="button" class="button small quiet" (click)="remove(calendar)">
                    {{ t('do.remove') }}
                  </button>
                }
              }
            </header>
            <p class="chips">
              @for (span of calendar.spans; track $index) {
                <span class="chip info"><wl-icon name="shield" />{{ spanText(span) }}</span>
              }
              @for (special of calendar.days.slice(0, daysShown); track special.day) {
                <span class="chip">{{ formats.day(special.day) }} {{ special.name }}</span>
              }
              @if (calendar.days.length > daysShown) {
                <span class="muted">{{
                  t('protection.more-days', { count: formats.count(calendar.days.length - daysShown) })
                }}</span>
              }
            </p>
            <p class="muted">
              {{
                calendar.tenantClasses.length === 0
                  ? t('protection.everybody')
                  : calendar.tenantClasses.join(', ')
              }}
              @if (calendar.fromDay) {
                · {{ t('protection.from') }} {{ formats.day(calendar.fromDay) }}
              }
              @if (calendar.toDay) {
                · {{ t('protection.to') }} {{ formats.day(calendar.toDay) }}
              }
            </p>
          </article>
        }
      </wl-answer>
    </section>
  `,
  styles: `
    article {
      display: grid;
      gap: 6px;
      padding: 12px var(--s4);
      border-top: 1px solid var(--line);
    }
    article header,
    .chips {
      display: flex;
      flex-wrap: wrap;
      gap: 8px;
      align-items: center;
    }
    .grow {
      flex: 1;
    }
  `,
})
export class CalendarsCard {
  readonly of = input.required<Question<ProtectionCalendarList>>();
  readonly held = input.required<readonly ProtectionCalendar[]>();
  readonly changed = output();
  private readonly credit = inject(CreditApi);
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly daysShown = daysShown;

  protected holds({ calendarId }: ProtectionCalendar): boolean {
    return this.held().some((calendar) => calendar.calendarId === calendarId);
  }

  protected spanText(span: ProtectionCalendar['spans'][number]): string {
    return protectedSpanText(span, this.formats.locale());
  }

  protected async edit(calendar: ProtectionCalendar | null): Promise<void> {
    if ((await this.dialogs.open(CalendarDialog, calendar, { wide: true })) === undefined) return;
    this.notices.done(this.t('protection.saved'));
    this.changed.emit();
  }

  protected async remove(calendar: ProtectionCalendar): Promise<void> {
    try {
      await this.credit.removeCalendar(this.site.projectId() ?? '', calendar.calendarId);
      this.notices.done(this.t('protection.removed', { name: calendar.name }));
    } catch (error) {
      this.notices.failed(error);
    }
    this.changed.emit();
  }
}
