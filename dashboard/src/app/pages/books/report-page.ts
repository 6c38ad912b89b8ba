// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { ReportPoint } from '@wattledger/contracts/http/billing';
import { Answer } from '../../api/answer.ts';
import { BooksApi } from '../../api/books-api.ts';
import { ask } from '../../api/question.ts';
import { Formats } from '../../format/formats.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { addDays } from '../../selection/period.ts';
import { PeriodPicker } from '../../selection/period-picker.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

/** Consumption and charges of every account over a period: registers, balances before and after, to the last micro. */
@Component({
  selector: 'wl-report-page',
  imports: [Answer, Icon, PeriodPicker, RouterLink, TableBox],
  templateUrl: './report-page.html',
  styles: `
    .tenant {
      min-width: 150px;
    }
    .rooms {
      max-width: 300px;
      color: var(--ink-3);
      font-size: var(--t-s);
    }
    @media (min-width: 1001px) {
      .tenant {
        min-width: 230px;
      }
    }
  `,
})
export class ReportPage {
  private readonly books = inject(BooksApi);
  private readonly words = inject(Words);
  protected readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly t = this.words.t;
  protected readonly open = signal<string | null>(null);
  protected readonly moneyNames = [
    'openingMicros',
    'vendedMicros',
    'chargedMicros',
    'refundedMicros',
    'otherMicros',
    'closingMicros',
  ] as const;
  protected readonly query = computed(() => {
    const { from, to } = this.selection.period();
    const last = addDays(to, -1);
    const today = this.selection.today();
    return {
      fromDay: from,
      toDay: last > today && from <= today ? today : last,
      q: this.selection.text('q'),
      language: this.words.language() === 'zh' ? 'zh' : 'en',
    };
  });
  protected readonly report = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null ? undefined : { projectId, query: this.query() };
    },
    load: ({ projectId, query }, abort) => this.books.report(projectId, query, abort),
    subject: ({ projectId }) => projectId,
  });
  protected readonly csv = computed(() =>
    this.books.file(this.site.projectId() ?? '', 'consumption-report.csv', this.query()),
  );
  protected readonly xlsx = computed(() =>
    this.books.file(this.site.projectId() ?? '', 'consumption-report.xlsx', this.query()),
  );

  protected reading(at: ReportPoint['registers'][number]['opening']): string {
    return at === null ? '–' : this.formats.register(at.value, at.scaler);
  }

  protected toggle(accountId: string): void {
    this.open.update((open) => (open === accountId ? null : accountId));
  }

  protected print(): void {
    globalThis.print();
  }
}
