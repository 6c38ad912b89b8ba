// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { LossParent } from '@wattledger/contracts/http/analytics';
import { AnalyticsApi } from '../../api/analytics-api.ts';
import { Answer } from '../../api/answer.ts';
import { ask } from '../../api/question.ts';
import { ChartCard } from '../../chart/chart-card.ts';
import { csvOf, download } from '../../chart/csv.ts';
import { numberCell, textCell, type DataTable } from '../../chart/data-table.ts';
import { Palettes } from '../../chart/palette.ts';
import { AnswerNotes } from '../../energy/answer-notes.ts';
import { lossChart } from '../../energy/loss-chart.ts';
import { MediumSwitch } from '../../energy/medium-switch.ts';
import { Formats } from '../../format/formats.ts';
import { consumptionScale } from '../../format/quantity-format.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { QualityBadge } from '../../quality/quality-badge.ts';
import { PeriodPicker } from '../../selection/period-picker.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

/** A loss rate from which the eye should be caught. */
const rateHigh = 0.1;

/** Where energy goes that no meter beneath has measured. */
@Component({
  selector: 'wl-loss-page',
  imports: [
    Answer,
    AnswerNotes,
    ChartCard,
    Icon,
    MediumSwitch,
    PeriodPicker,
    QualityBadge,
    RouterLink,
    TableBox,
  ],
  templateUrl: './loss-page.html',
  styleUrl: './loss-page.css',
})
export class LossPage {
  private readonly analytics = inject(AnalyticsApi);
  private readonly palettes = inject(Palettes);
  private readonly words = inject(Words);
  protected readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly t = this.words.t;

  private readonly span = computed(() => {
    const projectId = this.site.projectId();
    const { from, to } = this.selection.period();
    return projectId === null ? undefined : { projectId, from, to };
  });
  protected readonly loss = ask({
    params: () => {
      const span = this.span();
      return span === undefined
        ? undefined
        : { ...span, compare: this.selection.compare(), medium: this.selection.medium() };
    },
    load: ({ projectId, ...query }, abort) => this.analytics.loss(projectId, query, abort),
    subject: ({ projectId, medium }) => `${projectId}|${medium}`,
  });
  /** The parent looked at day by day: the one chosen, else the one that loses most. */
  protected readonly chosen = computed<LossParent | null>(() => {
    const parents = this.loss.value()?.parents ?? [];
    const asked = this.selection.text('point');
    return (
      parents.find((parent) => parent.meteringPointId === asked) ??
      [...parents].sort((a, b) => (b.loss ?? 0) - (a.loss ?? 0))[0] ??
      null
    );
  });
  protected readonly series = ask({
    params: () => {
      const span = this.span();
      const pointId = this.chosen()?.meteringPointId;
      return span === undefined || pointId === undefined ? undefined : { ...span, pointId };
    },
    load: ({ projectId, pointId, ...query }, abort) =>
      this.analytics.lossSeries(projectId, pointId, query, abort),
    subject: ({ pointId }) => pointId,
  });

  protected readonly scale = computed(() =>
    consumptionScale(this.selection.medium(), this.loss.value()?.parents.map((parent) => parent.input) ?? []),
  );
  protected readonly seriesScale = computed(() =>
    consumptionScale(this.selection.medium(), this.series.value()?.days.map((day) => day.input) ?? []),
  );
  protected readonly childScale = computed(() =>
    consumptionScale(
      this.selection.medium(),
      this.series.value()?.children.map((child) => child.consumption) ?? [],
    ),
  );
  protected readonly children = computed(() =>
    [...(this.series.value()?.children ?? [])].sort((a, b) => (b.consumption ?? 0) - (a.consumption ?? 0)),
  );
  protected readonly suspicions = computed(() =>
    (this.loss.value()?.parents ?? []).flatMap((parent) =>
      parent.suspicions.map((suspicion) => ({ parent, suspicion })),
    ),
  );
  protected readonly options = computed(() => {
    const answer = this.series.value();
    if (answer === undefined) return null;
    return lossChart({
      answer,
      scale: this.seriesScale(),
      palette: this.palettes.palette(),
      locale: this.words.locale(),
      words: {
        loss: this.t('loss.loss'),
        input: this.t('loss.input'),
        children: this.t('loss.children'),
        compared: this.t('loss.compared'),
      },
    });
  });
  protected readonly table = computed<DataTable | null>(() => {
    const answer = this.series.value();
    if (answer === undefined) return null;
    const scale = this.seriesScale();
    const cell = (value: number | null) =>
      numberCell(this.formats.scaled(value, scale), value === null ? null : value / scale.divisor);
    const share = (value: number | null) => numberCell(this.formats.share(value), value);
    return {
      caption: this.t('loss.series'),
      columns: [
        { label: this.t('grain.day') },
        { label: `${this.t('loss.input')} (${scale.unit})`, numeric: true },
        { label: `${this.t('loss.children')} (${scale.unit})`, numeric: true },
        { label: `${this.t('loss.loss')} (${scale.unit})`, numeric: true },
        { label: this.t('loss.rate'), numeric: true },
        { label: this.t('loss.compared'), numeric: true },
      ],
      rows: answer.days.map((day) => [
        textCell(day.localDay),
        cell(day.input),
        cell(day.children),
        cell(day.loss),
        share(day.rate),
        share(day.comparedShare),
      ]),
    };
  });
  protected readonly label = computed(() => {
    const parent = this.chosen();
    return `${this.t('loss.series')}: ${parent?.name ?? ''}. ${this.t('loss.rate')}: ${this.formats.share(parent?.rate)}`;
  });

  protected high(parent: LossParent): boolean {
    return (parent.rate ?? 0) > rateHigh || (parent.rate ?? 0) < -0.02;
  }

  protected exportCsv(): void {
    const scale = this.scale();
    download(
      'wattledger-loss.csv',
      csvOf({
        caption: '',
        columns: [
          'loss.parent',
          'loss.input',
          'loss.children',
          'loss.loss',
          'loss.rate',
          'loss.compared',
        ].map((key, index) => ({
          label: index >= 1 && index <= 3 ? `${this.t(key)} (${scale.unit})` : this.t(key),
        })),
        rows: (this.loss.value()?.parents ?? []).map((parent) => [
          textCell(`${parent.code} ${parent.name}`),
          ...[parent.input, parent.children, parent.loss].map((value) =>
            numberCell('', value === null ? null : value / scale.divisor),
          ),
          numberCell('', parent.rate),
          numberCell('', parent.comparedShare),
        ]),
      }),
    );
  }
}
