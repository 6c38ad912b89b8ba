// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject } from '@angular/core';
import { AnalyticsApi } from '../../api/analytics-api.ts';
import { Answer } from '../../api/answer.ts';
import { ask } from '../../api/question.ts';
import { fullLabel } from '../../chart/bucket-label.ts';
import { ChartCard } from '../../chart/chart-card.ts';
import { csvOf, download } from '../../chart/csv.ts';
import { numberCell, textCell, type DataTable } from '../../chart/data-table.ts';
import { Palettes } from '../../chart/palette.ts';
import { AnswerNotes } from '../../energy/answer-notes.ts';
import { comparisonChart } from '../../energy/comparison-chart.ts';
import { MediumSwitch } from '../../energy/medium-switch.ts';
import { Subjects } from '../../energy/subjects.ts';
import { Formats } from '../../format/formats.ts';
import { consumptionScale } from '../../format/quantity-format.ts';
import { Change } from '../../look/change.ts';
import { FigureTile } from '../../look/figure-tile.ts';
import { Icon } from '../../look/icon.ts';
import { SearchPicker } from '../../look/search-picker.ts';
import { TableBox } from '../../look/table-box.ts';
import { daysBetween } from '../../selection/period.ts';
import { PeriodPicker } from '../../selection/period-picker.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

const modes = ['year-on-year', 'month-on-month'] as const;
const groupings = ['place', 'sub-item', 'tenant'] as const;

/** Each period against the same calendar span a year or a month before; a partial one against the same part. */
@Component({
  selector: 'wl-comparison-page',
  imports: [
    Answer,
    AnswerNotes,
    Change,
    ChartCard,
    FigureTile,
    Icon,
    MediumSwitch,
    PeriodPicker,
    SearchPicker,
    TableBox,
  ],
  templateUrl: './comparison-page.html',
})
export class ComparisonPage {
  private readonly analytics = inject(AnalyticsApi);
  private readonly site = inject(Site);
  private readonly palettes = inject(Palettes);
  private readonly words = inject(Words);
  protected readonly subjects = inject(Subjects);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly t = this.words.t;
  protected readonly modes = modes;
  protected readonly groupings = groupings;
  protected readonly mode = computed(() => this.selection.choice('mode', modes, 'year-on-year'));
  protected readonly subject = computed(() => this.selection.text('series') ?? 'all');
  protected readonly grouping = computed(() => this.selection.choice('rows-by', groupings, 'place'));

  private readonly params = computed(() => {
    const projectId = this.site.projectId();
    if (projectId === null) return undefined;
    const { from, to } = this.selection.period();
    const days = daysBetween(from, to);
    const grain = days > 800 ? 'year' : days > 62 ? 'month' : 'day';
    return {
      projectId,
      mode: this.mode(),
      query: { from, to, grain, medium: this.selection.medium(), ...this.subjects.queryOf(this.subject()) },
    };
  });
  protected readonly compared = ask({
    params: () => this.params(),
    load: ({ projectId, mode, query }, abort) => this.asked(projectId, mode, query, abort),
    subject: ({ projectId, mode }) => `${projectId}|${mode}`,
  });
  protected readonly groups = ask({
    params: () => {
      const params = this.params();
      return params === undefined ? undefined : { ...params, grouping: this.grouping() };
    },
    load: ({ projectId, mode, query, grouping }, abort) =>
      this.asked(projectId, mode, { ...query, grain: 'month', grouping }, abort),
    subject: ({ projectId, mode, grouping }) => `${projectId}|${mode}|${grouping}`,
  });
  protected readonly series = computed(() => this.compared.value()?.series[0] ?? null);
  protected readonly scale = computed(() =>
    consumptionScale(
      this.selection.medium(),
      this.series()?.figures.flatMap((figure) => [figure.consumption, figure.before]) ?? [],
    ),
  );
  protected readonly groupScale = computed(() =>
    consumptionScale(
      this.selection.medium(),
      this.groups.value()?.series.map((series) => series.total.consumption) ?? [],
    ),
  );
  protected readonly groupRows = computed(() =>
    [...(this.groups.value()?.series ?? [])].sort(
      (a, b) => (b.total.consumption ?? 0) - (a.total.consumption ?? 0),
    ),
  );
  protected readonly beforeName = computed(() =>
    this.t(this.mode() === 'year-on-year' ? 'comparison.before-year' : 'comparison.before-month'),
  );
  protected readonly empty = computed(
    () =>
      this.series()?.figures.every((figure) => figure.consumption === null && figure.before === null) ?? true,
  );
  protected readonly options = computed(() => {
    const answer = this.compared.value();
    if (answer === undefined) return null;
    return comparisonChart({
      answer,
      scale: this.scale(),
      palette: this.palettes.palette(),
      locale: this.words.locale(),
      nowName: this.t('comparison.now'),
      beforeName: this.beforeName(),
      partial: this.t('comparison.partial'),
    });
  });
  protected readonly table = computed<DataTable | null>(() => {
    const answer = this.compared.value();
    const series = this.series();
    if (answer === undefined || series === null) return null;
    const scale = this.scale();
    const cell = (value: number | null) =>
      numberCell(this.formats.scaled(value, scale), value === null ? null : value / scale.divisor);
    const change = (value: number | null) => numberCell(this.formats.change(value), value);
    return {
      caption: this.t('page.comparison'),
      columns: [
        { label: this.t('energy.period') },
        { label: `${this.t('comparison.now')} (${scale.unit})`, numeric: true },
        { label: `${this.beforeName()} (${scale.unit})`, numeric: true },
        { label: this.t('energy.change'), numeric: true },
      ],
      rows: answer.buckets.map((bucket, index) => {
        const figure = series.figures[index]!;
        const name = fullLabel(bucket.label, answer.grain, this.words.locale());
        return [
          textCell(bucket.complete ? name : `${name} (${this.t('comparison.partial')})`),
          cell(figure.consumption),
          cell(figure.before),
          change(figure.changeShare),
        ];
      }),
      foot: [
        textCell(this.t('energy.total')),
        cell(series.total.consumption),
        cell(series.total.before),
        change(series.total.changeShare),
      ],
    };
  });
  protected readonly label = computed(() => {
    const total = this.series()?.total;
    return `${this.t('page.comparison')}. ${this.t('comparison.now')}: ${this.formats.consumption(total?.consumption, this.selection.medium())}; ${this.beforeName()}: ${this.formats.consumption(total?.before, this.selection.medium())}`;
  });

  protected exportGroups(): void {
    const scale = this.groupScale();
    const cell = (value: number | null) => numberCell('', value === null ? null : value / scale.divisor);
    const csv = csvOf({
      caption: '',
      columns: [
        { label: this.t('energy.subject') },
        { label: `${this.t('comparison.now')} (${scale.unit})` },
        { label: `${this.beforeName()} (${scale.unit})` },
        { label: this.t('energy.change') },
      ],
      rows: this.groupRows().map(({ subject, total }) => [
        textCell(this.subjects.nameOfSubject(subject)),
        cell(total.consumption),
        cell(total.before),
        numberCell('', total.changeShare),
      ]),
    });
    download('wattledger-comparison.csv', csv);
  }

  private asked(
    projectId: string,
    mode: (typeof modes)[number],
    query: Parameters<AnalyticsApi['yearOnYear']>[1],
    abort: AbortSignal,
  ) {
    return mode === 'year-on-year'
      ? this.analytics.yearOnYear(projectId, query, abort)
      : this.analytics.monthOnMonth(projectId, { ...query, grain: undefined }, abort);
  }
}
