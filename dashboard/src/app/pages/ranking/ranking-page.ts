// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { RankingRow } from '@wattledger/contracts/http/analytics';
import { AnalyticsApi } from '../../api/analytics-api.ts';
import { Answer } from '../../api/answer.ts';
import { ask } from '../../api/question.ts';
import { csvOf, download } from '../../chart/csv.ts';
import { numberCell, textCell } from '../../chart/data-table.ts';
import { AnswerNotes } from '../../energy/answer-notes.ts';
import { MediumSwitch } from '../../energy/medium-switch.ts';
import { placeBeside } from '../../energy/place-beside.ts';
import { Subjects } from '../../energy/subjects.ts';
import { Formats } from '../../format/formats.ts';
import { consumptionScale, intensityScale } from '../../format/quantity-format.ts';
import { Change } from '../../look/change.ts';
import { Icon } from '../../look/icon.ts';
import { SearchPicker } from '../../look/search-picker.ts';
import { TableBox } from '../../look/table-box.ts';
import { QualityBadge } from '../../quality/quality-badge.ts';
import { PeriodPicker } from '../../selection/period-picker.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

const subjects = ['point', 'tenant', 'place'] as const;
const measures = ['absolute', 'per-m2', 'per-head'] as const;
const orders = ['highest', 'lowest'] as const;
const pageRows = 50;
const rowsMax = 1000;

/** Who uses most (or least), absolutely or by size, and how that changed. */
@Component({
  selector: 'wl-ranking-page',
  imports: [
    Answer,
    AnswerNotes,
    Change,
    Icon,
    MediumSwitch,
    PeriodPicker,
    QualityBadge,
    RouterLink,
    SearchPicker,
    TableBox,
  ],
  templateUrl: './ranking-page.html',
  styleUrl: './ranking-page.css',
})
export class RankingPage {
  private readonly analytics = inject(AnalyticsApi);
  private readonly site = inject(Site);
  protected readonly subjects = inject(Subjects);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly placeBeside = placeBeside;
  protected readonly t = inject(Words).t;
  protected readonly choices = { subjects, measures, orders };
  protected readonly by = computed(() => this.selection.choice('by', subjects, 'point'));
  protected readonly measure = computed(() => this.selection.choice('measure', measures, 'absolute'));
  protected readonly order = computed(() => this.selection.choice('order', orders, 'highest'));
  protected readonly within = computed(() => this.selection.text('within'));
  private readonly limit = computed(() =>
    Math.min(rowsMax, Math.max(pageRows, Number(this.selection.text('rows') ?? pageRows) || pageRows)),
  );
  protected readonly places = computed(() =>
    this.subjects.items().filter((item) => item.id.startsWith('plc_') || this.site.places().has(item.id)),
  );

  protected readonly ranking = ask({
    params: () => {
      const projectId = this.site.projectId();
      if (projectId === null) return undefined;
      const { from, to } = this.selection.period();
      return {
        projectId,
        query: {
          from,
          to,
          compare: this.selection.compare(),
          medium: this.selection.medium(),
          by: this.by(),
          measure: this.measure(),
          order: this.order(),
          places: this.within(),
          limit: this.limit(),
        },
      };
    },
    load: ({ projectId, query }, abort) => this.analytics.ranking(projectId, query, abort),
    subject: ({ projectId, query }) => `${projectId}|${query.by}|${query.measure}`,
  });
  protected readonly rows = computed(() => this.ranking.value()?.rows ?? []);
  protected readonly scale = computed(() => {
    const values = this.rows().map((row) => row.value);
    const measure = this.ranking.value()?.measure ?? 'absolute';
    if (measure === 'absolute') return consumptionScale(this.selection.medium(), values);
    return intensityScale(this.selection.medium(), values, measure === 'per-m2' ? 'm²' : this.t('per.head'));
  });
  protected readonly largest = computed(() => Math.max(0, ...this.rows().map((row) => row.value ?? 0)));
  protected readonly summary = computed(() => {
    const answer = this.ranking.value();
    if (answer === undefined) return '';
    return this.t('ranking.shown', {
      shown: this.formats.count(answer.rows.length),
      total: this.formats.count(answer.rowsTotal),
      unranked: this.formats.count(answer.rowsUnranked),
    });
  });

  protected linkOf(row: RankingRow): string[] {
    const base = ['/p', this.site.projectId() ?? ''];
    if (row.kind === 'point') return [...base, 'points', row.id ?? ''];
    return [...base, 'trend'];
  }

  protected queryOf(row: RankingRow) {
    return row.kind === 'point' ? this.selection.carried() : { ...this.selection.carried(), series: row.id };
  }

  /** Places gained (positive) or lost since the period before. */
  protected moved(row: RankingRow): number {
    return row.rank === null || row.rankBefore === null ? 0 : row.rankBefore - row.rank;
  }

  protected showMore(): void {
    this.selection.patch({ rows: Math.min(rowsMax, this.limit() * 4) }, { replace: true });
  }

  protected exportCsv(): void {
    const scale = this.scale();
    download(
      'wattledger-ranking.csv',
      csvOf({
        caption: '',
        columns: [
          { label: this.t('ranking.rank') },
          { label: this.t('energy.subject') },
          { label: this.t('energy.place') },
          { label: this.t('energy.tenant') },
          { label: `${this.t('ranking.value')} (${scale.unit})` },
          { label: this.t('energy.before') },
          { label: this.t('energy.change') },
          { label: this.t('ranking.share') },
        ],
        rows: this.rows().map((row) => [
          numberCell('', row.rank),
          textCell(this.subjects.nameOfSubject(row)),
          textCell(row.placeName),
          textCell(row.tenantName),
          numberCell('', row.value === null ? null : row.value / scale.divisor),
          numberCell('', row.valueBefore === null ? null : row.valueBefore / scale.divisor),
          numberCell('', row.figure.changeShare),
          numberCell('', row.share),
        ]),
      }),
    );
  }
}
