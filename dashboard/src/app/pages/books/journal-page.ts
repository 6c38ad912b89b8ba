// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject } from '@angular/core';
import { Answer } from '../../api/answer.ts';
import { BooksApi } from '../../api/books-api.ts';
import { command } from '../../api/command.ts';
import { ask } from '../../api/question.ts';
import { Formats } from '../../format/formats.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { Notices } from '../../notices/notices.ts';
import { addDays } from '../../selection/period.ts';
import { PeriodPicker } from '../../selection/period-picker.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

/** The ledger for accounting: trial balance, the customer's own account numbers, and the journal as a file. */
@Component({
  selector: 'wl-journal-page',
  imports: [Answer, FaultNote, Icon, PeriodPicker, TableBox],
  templateUrl: './journal-page.html',
  styles: `
    td .input {
      min-width: 92px;
    }
  `,
})
export class JournalPage {
  private readonly books = inject(BooksApi);
  private readonly notices = inject(Notices);
  private readonly words = inject(Words);
  protected readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly t = this.words.t;
  protected readonly mayWrite = computed(() => this.site.may('books:write'));
  protected readonly saving = command();
  protected readonly query = computed(() => {
    const { from, to } = this.selection.period();
    return { fromDay: from, toDay: addDays(to, -1) };
  });
  protected readonly balance = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null ? undefined : { projectId, query: this.query() };
    },
    load: ({ projectId, query }, abort) => this.books.trialBalance(projectId, query, abort),
    subject: ({ projectId }) => projectId,
  });
  protected readonly file = computed(() =>
    this.books.file(this.site.projectId() ?? '', 'journal.csv', this.query()),
  );

  protected name(ledgerAccount: string): string {
    return this.words.nameOf('ledger-account.' + ledgerAccount, ledgerAccount);
  }

  /** Accountants read a side, not a sign: credit is positive in the ledger. */
  protected sided(micros: number, currency: string): string {
    const amount = this.formats.money(Math.abs(micros), currency);
    return micros === 0 ? amount : `${amount} ${this.t(micros < 0 ? 'journal.dr' : 'journal.cr')}`;
  }

  protected async setNumber(
    ledgerAccount: string,
    field: 'chartNumber' | 'chartName',
    value: string,
  ): Promise<void> {
    const rows = this.balance.value()?.rows ?? [];
    const accounts = rows
      .map(({ ledgerAccount: name, chartNumber, chartName }) =>
        name === ledgerAccount
          ? { ledgerAccount: name, chartNumber, chartName, [field]: value.trim() }
          : { ledgerAccount: name, chartNumber, chartName },
      )
      .filter(({ chartNumber, chartName }) => chartNumber !== '' || chartName !== '');
    const done = await this.saving.run(accounts, () =>
      this.books.saveChart(this.site.projectId() ?? '', accounts),
    );
    if (done === undefined) return;
    this.notices.done(this.t('journal.saved'));
    this.balance.reload();
  }
}
