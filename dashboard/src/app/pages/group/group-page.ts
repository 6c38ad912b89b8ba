// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { Medium } from '@wattledger/contracts';
import type { GroupOverview } from '@wattledger/contracts/http/analytics';
import type { ProjectList } from '@wattledger/contracts/http/registry';
import { AnalyticsApi } from '../../api/analytics-api.ts';
import { Answer } from '../../api/answer.ts';
import { Api } from '../../api/api.ts';
import { BillingApi } from '../../api/billing-api.ts';
import { ask } from '../../api/question.ts';
import { csvOf, download } from '../../chart/csv.ts';
import { numberCell, textCell } from '../../chart/data-table.ts';
import { Formats } from '../../format/formats.ts';
import { consumptionScale, intensityScale } from '../../format/quantity-format.ts';
import { dayOfInstant } from '../../format/time-format.ts';
import { Change } from '../../look/change.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { QualityBadge } from '../../quality/quality-badge.ts';
import { Selection } from '../../selection/selection.ts';
import { SignedIn } from '../../session/session.ts';
import { Words } from '../../words/words.ts';

type Project = GroupOverview['projects'][number];
type Column =
  'name' | 'today' | 'month' | 'per-m2' | 'change' | 'charges' | 'received' | 'arrears' | 'alarms';
/** Money is asked project by project; beyond these the league shows energy alone. */
const moneyProjectsMax = 40;

/** The whole group on one screen. */
@Component({
  selector: 'wl-group-page',
  imports: [Answer, Change, Icon, QualityBadge, RouterLink, TableBox],
  templateUrl: './group-page.html',
  styleUrl: './group-page.css',
})
export class GroupPage {
  private readonly analytics = inject(AnalyticsApi);
  private readonly api = inject(Api);
  private readonly billing = inject(BillingApi);
  private readonly signedIn = inject(SignedIn);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly medium = signal<Medium>('electricity');
  protected readonly sortedBy = signal<Column>('month');
  protected readonly descending = signal(true);
  private readonly allColumns: readonly {
    readonly column: Column;
    readonly numeric: boolean;
    /** Left out on a phone. */
    readonly wideOnly?: boolean;
    readonly money?: boolean;
  }[] = [
    { column: 'name', numeric: false },
    { column: 'today', numeric: true, wideOnly: true },
    { column: 'month', numeric: true },
    { column: 'change', numeric: true },
    { column: 'per-m2', numeric: true, wideOnly: true },
    { column: 'charges', numeric: true, wideOnly: true },
    { column: 'received', numeric: true, wideOnly: true, money: true },
    { column: 'arrears', numeric: true, money: true },
    { column: 'alarms', numeric: true },
  ];
  protected readonly columns = computed(() =>
    this.allColumns.filter((column) => column.money !== true || this.moneyShown()),
  );

  protected readonly overview = ask({
    params: () => true,
    load: (_, abort) => this.analytics.groupOverview(abort),
  });
  private readonly projects = ask({
    params: () => true,
    load: (_, abort) => this.api.get<ProjectList>('/api/projects', {}, abort),
  });
  /** Collections and arrears, of the projects whose accounts one may read. */
  private readonly money = ask({
    params: () => {
      const overview = this.overview.value();
      const readable = overview?.projects.filter(({ projectId }) =>
        this.signedIn.may('account:read', projectId),
      );
      return overview === undefined || readable === undefined || readable.length === 0
        ? undefined
        : readable.slice(0, moneyProjectsMax).map(({ projectId, zone }) => {
            const toDay = dayOfInstant(overview.nowMs, zone);
            return { projectId, fromDay: `${toDay.slice(0, 7)}-01`, toDay };
          });
    },
    load: async (projects, abort) =>
      new Map(
        await Promise.all(
          projects.map(
            async ({ projectId, ...query }) =>
              [projectId, await this.billing.income(projectId, { ...query, grain: 'month' }, abort)] as const,
          ),
        ),
      ),
  });
  protected readonly moneyShown = computed(() => this.money.value() !== undefined);
  private readonly alarms = computed(
    () => new Map(this.projects.value()?.projects.map((project) => [project.id, project.counts.alarms])),
  );
  protected readonly media = computed(() => [
    ...new Set(
      this.overview.value()?.projects.flatMap((project) => project.media.map((entry) => entry.medium)) ?? [],
    ),
  ]);
  protected readonly rows = computed(() => {
    const rows = (this.overview.value()?.projects ?? []).map((project) => this.rowOf(project));
    const key = this.sortedBy();
    const sign = this.descending() ? -1 : 1;
    return rows.sort((a, b) => {
      const [x, y] = [a.keys[key], b.keys[key]];
      if (typeof x === 'string' || typeof y === 'string')
        return -sign * String(x).localeCompare(String(y), this.formats.locale());
      return sign * ((x ?? -Infinity) - (y ?? -Infinity));
    });
  });
  protected readonly scale = computed(() =>
    consumptionScale(
      this.medium(),
      this.rows().map((row) => row.energy?.month.consumption ?? null),
    ),
  );
  protected readonly todayScale = computed(() =>
    consumptionScale(
      this.medium(),
      this.rows().map((row) => row.energy?.today.consumption ?? null),
    ),
  );
  protected readonly densityScale = computed(() =>
    intensityScale(
      this.medium(),
      this.rows().map((row) => row.energy?.monthPerM2 ?? null),
      'm²',
    ),
  );
  /** Longest bar of the league of intensities. */
  protected readonly densest = computed(() =>
    Math.max(0, ...this.rows().map((row) => row.energy?.monthPerM2 ?? 0)),
  );

  protected sort(column: Column): void {
    if (this.sortedBy() === column) this.descending.update((descending) => !descending);
    else {
      this.sortedBy.set(column);
      this.descending.set(column !== 'name');
    }
  }

  protected exportCsv(): void {
    const scale = this.scale();
    download(
      'wattledger-projects.csv',
      csvOf({
        caption: '',
        columns: [
          { label: this.t('group.name') },
          { label: `${this.t('group.month')} (${scale.unit})` },
          { label: this.t('group.change') },
          { label: `${this.t('group.per-m2')} (${this.densityScale().unit})` },
          { label: this.t('group.charges') },
          { label: this.t('group.received') },
          { label: this.t('group.arrears') },
          { label: this.t('group.alarms') },
        ],
        rows: this.rows().map((row) => [
          textCell(row.project.name),
          numberCell('', row.keys.month === null ? null : row.keys.month / scale.divisor),
          numberCell('', row.keys.change),
          numberCell(
            '',
            row.keys['per-m2'] === null ? null : row.keys['per-m2'] / this.densityScale().divisor,
          ),
          numberCell('', row.keys.charges === null ? null : row.keys.charges / 1e6),
          numberCell('', row.received === null ? null : row.received / 1e6),
          numberCell('', row.arrears),
          numberCell('', row.keys.alarms),
        ]),
      }),
    );
  }

  private rowOf(project: Project) {
    const energy = project.media.find((entry) => entry.medium === this.medium()) ?? null;
    const alarms = this.alarms().get(project.projectId) ?? null;
    const money = this.money.value()?.get(project.projectId);
    const received =
      money === undefined
        ? null
        : money.total.cashMicros +
          money.total.cardMicros +
          money.total.transferMicros +
          money.total.chequeMicros +
          money.total.onlineMicros;
    const arrears = money?.accountsByStage.arrears ?? null;
    return {
      project,
      energy,
      alarms,
      received,
      arrears,
      keys: {
        name: project.name,
        today: energy?.today.consumption ?? null,
        month: energy?.month.consumption ?? null,
        'per-m2': energy?.monthPerM2 ?? null,
        change: energy?.month.changeShare ?? null,
        charges: project.charges?.monthMicros ?? null,
        received,
        arrears,
        alarms,
      },
    };
  }
}
