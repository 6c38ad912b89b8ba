// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import {
  openingColumns,
  openingRowsMax,
  type OpeningListAnswer,
  type OpeningRow,
} from '@wattledger/contracts/http/billing';
import { AccountsApi } from '../../api/accounts-api.ts';
import { Formats } from '../../format/formats.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { Notices } from '../../notices/notices.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { fileBytesMax, keyOfRows, readOpeningFile, writeOpeningFile, type Headings } from './opening-file.ts';

type ListedAccount = OpeningListAnswer['accounts'][number];
/** Accounts per request of the deed: between two of them the progress is shown. */
const accountsPerStep = 50;
const faultsShownMax = 200;

/** Many accounts at once from a spreadsheet: first everything is looked at, then opened, step by step. */
@Component({
  selector: 'wl-openings-page',
  imports: [Icon, RouterLink, TableBox],
  templateUrl: './openings-page.html',
  styles: `
    .card-body {
      display: grid;
      gap: var(--s3);
      padding: var(--s4);
    }
    input[type='file'] {
      height: auto;
      padding: 7px 10px;
    }
  `,
})
export class OpeningsPage {
  private readonly accounts = inject(AccountsApi);
  private readonly notices = inject(Notices);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly fileName = signal('');
  private readonly rows = signal<readonly OpeningRow[]>([]);
  protected readonly answer = signal<OpeningListAnswer | null>(null);
  protected readonly busy = signal(false);
  /** Accounts dealt with, while the deed runs. */
  protected readonly opened = signal<number | null>(null);
  protected readonly fault = signal<string | null>(null);

  protected readonly listed = computed(() => this.answer()?.accounts ?? []);
  protected readonly toOpen = computed(() => this.listed().filter((item) => item.outcome === 'would-open'));
  protected readonly faults = computed(() => this.answer()?.faults ?? []);
  protected readonly faultsShown = computed(() => this.faults().slice(0, faultsShownMax));
  protected readonly firstVends = computed(() =>
    this.toOpen().reduce((sum, item) => sum + item.firstVendMicros, 0),
  );
  protected readonly done = computed(
    () => this.listed().length > 0 && this.faults().length === 0 && this.toOpen().length === 0,
  );

  protected async template(): Promise<void> {
    try {
      const { rows } = await this.accounts.template(this.projectId());
      await writeOpeningFile(rows, this.headings(), 'wattledger-account-openings.xlsx');
    } catch (error) {
      this.notices.failed(error);
    }
  }

  protected async choose(file: File | undefined): Promise<void> {
    if (file === undefined) return;
    this.fileName.set(file.name);
    this.answer.set(null);
    this.fault.set(null);
    if (file.size > fileBytesMax) return this.fault.set(this.t('openings.too-large'));
    let rows: readonly OpeningRow[];
    try {
      rows = await readOpeningFile(file, this.headings());
    } catch {
      return this.fault.set(this.t('openings.unreadable'));
    }
    if (rows.length === 0) return this.fault.set(this.t('openings.no-rows'));
    if (rows.length > openingRowsMax)
      return this.fault.set(this.t('openings.too-many', { max: this.formats.count(openingRowsMax) }));
    this.rows.set(rows);
    await this.look();
  }

  /** What would happen, row by row. */
  protected async look(): Promise<void> {
    const rows = this.rows();
    this.busy.set(true);
    try {
      const body = { dryRun: true, rows: [...rows] };
      this.answer.set(await this.accounts.openList(this.projectId(), body, keyOfRows(rows)));
    } catch (error) {
      this.notices.failed(error);
    } finally {
      this.busy.set(false);
    }
  }

  protected async open(): Promise<void> {
    const all = this.rows();
    const rowOf = new Map(all.map((row) => [row.row, row]));
    const waiting = this.toOpen();
    this.busy.set(true);
    try {
      for (let from = 0; from < waiting.length; from += accountsPerStep) {
        this.opened.set(from);
        const step = waiting.slice(from, from + accountsPerStep);
        const rows = step.flatMap((item) => item.rows.map((row) => rowOf.get(row)!));
        await this.accounts.openList(this.projectId(), { rows }, keyOfRows(all));
      }
      this.notices.done(this.t('openings.done', { count: this.formats.count(waiting.length) }));
    } catch (error) {
      this.notices.failed(error);
    } finally {
      this.opened.set(null);
      this.busy.set(false);
    }
    // What was opened before a failure stands: the look tells it apart from what is still to be done.
    await this.look();
  }

  protected columnName(column: OpeningListAnswer['faults'][number]['column']): string {
    return column === null ? '' : this.t('opening-column.' + column);
  }

  protected rowsText({ rows }: ListedAccount): string {
    return rows.length > 3 ? `${rows[0]} … ${rows.at(-1)}` : rows.join(', ');
  }

  private headings(): Headings {
    return Object.fromEntries(
      openingColumns.map((column) => [column, this.t('opening-column.' + column)]),
    ) as Record<(typeof openingColumns)[number], string>;
  }

  private projectId(): string {
    return this.site.projectId() ?? '';
  }
}
