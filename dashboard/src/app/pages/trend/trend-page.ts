// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject } from '@angular/core';
import type { Grain } from '@wattledger/contracts/http/analytics';
import { AnalyticsApi } from '../../api/analytics-api.ts';
import { ask } from '../../api/question.ts';
import { ChartCard } from '../../chart/chart-card.ts';
import { fullLabel } from '../../chart/bucket-label.ts';
import { numberCell, textCell, type DataTable } from '../../chart/data-table.ts';
import { Palettes } from '../../chart/palette.ts';
import { TouLegend } from '../../chart/tou-legend.ts';
import { touRuns } from '../../chart/tou-runs.ts';
import { drawnValues, groups, overlay, type Drawing } from '../../energy/drawn-series.ts';
import { MediumSwitch } from '../../energy/medium-switch.ts';
import { Subjects } from '../../energy/subjects.ts';
import { trendChart } from '../../energy/trend-chart.ts';
import { consumptionScale } from '../../format/quantity-format.ts';
import { Formats } from '../../format/formats.ts';
import { Change } from '../../look/change.ts';
import { Icon } from '../../look/icon.ts';
import { SearchPicker } from '../../look/search-picker.ts';
import { TableBox } from '../../look/table-box.ts';
import { combineAsOf } from '../../quality/combine-as-of.ts';
import { grainsOf } from '../../selection/period.ts';
import { PeriodPicker } from '../../selection/period-picker.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

const seriesMax = 6;
const splits = ['none', 'sub-item', 'place', 'tenant'] as const;

/** Energy over time: one subject against before, split into its parts, or several laid over each other. */
@Component({
  selector: 'wl-trend-page',
  imports: [Change, ChartCard, Icon, MediumSwitch, PeriodPicker, SearchPicker, TableBox, TouLegend],
  templateUrl: './trend-page.html',
  styleUrl: './trend-page.css',
})
export class TrendPage {
  private readonly analytics = inject(AnalyticsApi);
  private readonly site = inject(Site);
  private readonly palettes = inject(Palettes);
  private readonly words = inject(Words);
  protected readonly subjects = inject(Subjects);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly t = this.words.t;
  protected readonly splits = splits;
  protected readonly seriesMax = seriesMax;

  protected readonly tokens = computed(() => {
    const chosen = this.selection.list('series').slice(0, seriesMax);
    return chosen.length === 0 ? ['all'] : chosen;
  });
  protected readonly grains = computed(() => grainsOf(this.selection.period()));
  protected readonly grain = computed<Grain>(() =>
    this.selection.choice('grain', this.grains(), this.grains()[0] ?? 'day'),
  );
  /** Splitting makes sense of one subject only. */
  protected readonly split = computed(() =>
    this.tokens().length === 1 ? this.selection.choice('split', splits, 'none') : 'none',
  );

  protected readonly energy = ask({
    params: () => {
      const projectId = this.site.projectId();
      if (projectId === null) return undefined;
      const { from, to } = this.selection.period();
      const alone = this.tokens().length === 1 && this.split() === 'none';
      return {
        projectId,
        tokens: this.tokens(),
        query: {
          from,
          to,
          grain: this.grain(),
          medium: this.selection.medium(),
          compare: alone ? this.selection.compare() : 'none',
          grouping: this.split(),
        },
      };
    },
    load: ({ projectId, tokens, query }, abort) =>
      Promise.all(
        tokens.map(async (token) => ({
          token,
          answer: await this.analytics.energy(
            projectId,
            { ...query, ...this.subjects.queryOf(token) },
            abort,
          ),
        })),
      ),
    subject: ({ projectId }) => projectId,
  });
  protected readonly drawing = computed<Drawing | null>(() => {
    const answers = this.energy.value();
    const first = answers?.[0]?.answer;
    if (answers === undefined || first === undefined) return null;
    if (first.grouping !== 'none')
      return groups(first, (subject) => this.subjects.nameOfSubject(subject), this.t('energy.others'));
    return overlay(answers.map(({ token, answer }) => ({ name: this.subjects.nameOf(token), answer })));
  });
  protected readonly asOf = computed(() =>
    combineAsOf((this.energy.value() ?? []).map(({ answer }) => answer.asOf)),
  );
  protected readonly stacked = computed(() => this.split() !== 'none');
  protected readonly scale = computed(() =>
    consumptionScale(this.selection.medium(), drawnValues(this.drawing(), this.stacked())),
  );
  protected readonly totalScale = computed(() =>
    consumptionScale(
      this.selection.medium(),
      this.drawing()?.series.map((series) => series.total.consumption) ?? [],
    ),
  );
  protected readonly empty = computed(() => drawnValues(this.drawing()).every((value) => value === null));
  private readonly calendar = computed(() =>
    this.selection.medium() === 'electricity' ? (this.site.tree.value()?.project.calendar ?? null) : null,
  );
  /** The strip is for spans in which its colours can be told apart. */
  private readonly stripCalendar = computed(() =>
    (this.drawing()?.buckets.length ?? 0) <= 400 ? this.calendar() : null,
  );
  protected readonly touShown = computed(() => {
    const calendar = this.stripCalendar();
    const drawing = this.drawing();
    if (calendar === null || drawing === null || !['slot', 'hour'].includes(drawing.grain)) return [];
    return touRuns(
      calendar,
      drawing.buckets.map((bucket) => bucket.label),
    ).map((run) => run.period);
  });
  protected readonly options = computed(() => {
    const drawing = this.drawing();
    if (drawing === null) return null;
    return trendChart({
      drawing,
      scale: this.scale(),
      palette: this.palettes.palette(),
      locale: this.words.locale(),
      stacked: this.stacked(),
      beforeName: this.t(`compare.${this.selection.compare()}`),
      calendar: this.stripCalendar(),
      words: {
        estimated: this.t('quality.holds-estimated'),
        missing: this.t('quality.holds-missing'),
        running: this.t('comparison.partial'),
        total: this.t('energy.total'),
        touOf: (period) => this.t(`tou.${period}`),
      },
    });
  });
  protected readonly table = computed<DataTable | null>(() => {
    const drawing = this.drawing();
    return drawing === null ? null : this.tableOf(drawing);
  });
  protected readonly label = computed(() => {
    const parts = (this.drawing()?.series ?? []).map(
      (series) =>
        `${series.name}: ${this.formats.scaled(series.total.consumption, this.totalScale())} ${this.totalScale().unit}`,
    );
    return `${this.t('page.trend')}. ${parts.join('; ')}`;
  });

  protected add(token: string): void {
    if (this.tokens().includes(token)) return;
    this.selection.patch({ series: [...this.tokens(), token].join(','), split: null });
  }

  protected remove(token: string): void {
    const rest = this.tokens().filter((other) => other !== token);
    this.selection.patch({ series: rest.length === 0 ? null : rest.join(',') });
  }

  private tableOf(drawing: Drawing): DataTable {
    const scale = this.scale();
    const before = drawing.series.length === 1 ? drawing.series[0]?.before : null;
    const cell = (value: number | null | undefined) =>
      numberCell(
        this.formats.scaled(value, scale),
        value === null || value === undefined ? null : value / scale.divisor,
      );
    const columns = drawing.series.map((series) => ({
      label: `${series.name} (${scale.unit})`,
      numeric: true,
    }));
    return {
      caption: this.t('page.trend'),
      columns: [
        { label: this.t('energy.time') },
        ...columns,
        ...(before
          ? [{ label: `${this.t(`compare.${this.selection.compare()}`)} (${scale.unit})`, numeric: true }]
          : []),
      ],
      rows: drawing.buckets.map((bucket, index) => [
        { text: fullLabel(bucket.label, drawing.grain, this.words.locale()), raw: bucket.label },
        ...drawing.series.map((series) => cell(series.values[index])),
        ...(before ? [cell(before[index])] : []),
      ]),
      foot: [
        textCell(this.t('energy.total')),
        ...drawing.series.map((series) => cell(series.total.consumption)),
        ...(before ? [cell(drawing.series[0]?.total.before)] : []),
      ],
    };
  }
}
