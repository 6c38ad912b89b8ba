// SPDX-License-Identifier: Apache-2.0
import { Component, computed, effect, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { accountRecordKinds, type AccountRecord } from '@wattledger/contracts/http/billing';
import { AccountsApi } from '../../api/accounts-api.ts';
import { Answer } from '../../api/answer.ts';
import { ask } from '../../api/question.ts';
import { csvOf, download } from '../../chart/csv.ts';
import { textCell } from '../../chart/data-table.ts';
import { Formats } from '../../format/formats.ts';
import { Icon } from '../../look/icon.ts';
import { SearchPicker, type PickerItem } from '../../look/search-picker.ts';
import { Notices } from '../../notices/notices.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { RecordTable } from './record-table.ts';

const pageLimit = 100;

/** Every opening, closing and change of an account of the project, newest first. */
@Component({
  selector: 'wl-records-page',
  imports: [Answer, Icon, RecordTable, RouterLink, SearchPicker],
  templateUrl: './records-page.html',
})
export class RecordsPage {
  private readonly accounts = inject(AccountsApi);
  private readonly notices = inject(Notices);
  protected readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly kinds = ['all', ...accountRecordKinds] as const;
  protected readonly kind = computed(() => this.selection.choice('record-kind', this.kinds, 'all'));
  protected readonly fromDay = computed(() => this.selection.text('record-from') ?? '');
  protected readonly toDay = computed(() => this.selection.text('record-to') ?? '');
  protected readonly tenant = computed(() => this.selection.text('tenant'));
  protected readonly tenants = computed<readonly PickerItem[]>(() =>
    (this.site.tree.value()?.tenants ?? []).map((tenant) => ({
      id: tenant.id,
      label: tenant.name,
      detail: tenant.code,
      icon: 'user',
      group: this.t('energy.tenant'),
    })),
  );
  private readonly query = computed(() => ({
    limit: pageLimit,
    kind: this.kind() === 'all' ? null : this.kind(),
    fromDay: this.fromDay() || null,
    toDay: this.toDay() || null,
    tenantId: this.tenant(),
  }));
  private readonly older = signal<readonly AccountRecord[]>([]);
  private readonly olderNext = signal<string | null | undefined>(undefined);

  protected readonly records = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null ? undefined : { projectId, query: this.query() };
    },
    load: ({ projectId, query }, abort) => this.accounts.records(projectId, query, abort),
    subject: ({ projectId, query }) => `${projectId}|${JSON.stringify(query)}`,
  });
  protected readonly rows = computed(() => [...(this.records.value()?.events ?? []), ...this.older()]);
  protected readonly next = computed(() => {
    const older = this.olderNext();
    return older === undefined ? (this.records.value()?.next ?? null) : older;
  });

  constructor() {
    effect(() => {
      this.query();
      this.older.set([]);
      this.olderNext.set(undefined);
    });
  }

  protected async more(): Promise<void> {
    const [after, projectId] = [this.next(), this.site.projectId()];
    if (after === null || projectId === null) return;
    try {
      const page = await this.accounts.records(projectId, { ...this.query(), after });
      this.older.update((rows) => [...rows, ...page.events]);
      this.olderNext.set(page.next);
    } catch (error) {
      this.notices.failed(error);
    }
  }

  protected exportCsv(): void {
    const keys = [
      'record.recorded',
      'record.kind',
      'wall.code',
      'energy.tenant',
      'energy.point',
      'record.effective',
      'record.by',
      'reversal.reason',
    ];
    download(
      'wattledger-account-record.csv',
      csvOf({
        caption: '',
        columns: keys.map((key) => ({ label: this.t(key) })),
        rows: this.rows().map((row) => [
          textCell(this.formats.instant(row.recordedAtMs, 'date-time-seconds')),
          textCell(this.t('record-kind.' + row.kind)),
          textCell(row.tenantCode),
          textCell(row.tenantName),
          textCell(row.point?.code ?? ''),
          textCell(this.formats.instant(row.effectiveAtMs)),
          textCell(row.recordedBy.name),
          textCell(row.reason ?? ''),
        ]),
      }),
    );
  }
}
