// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { MultiRateAnswer } from '@wattledger/contracts/http/analytics';
import { AnalyticsApi } from '../../api/analytics-api.ts';
import { Answer } from '../../api/answer.ts';
import { ask } from '../../api/question.ts';
import { axisLabel, fullLabel } from '../../chart/bucket-label.ts';
import { ChartCard } from '../../chart/chart-card.ts';
import { csvOf, download } from '../../chart/csv.ts';
import { numberCell, textCell, type DataTable } from '../../chart/data-table.ts';
import { Palettes } from '../../chart/palette.ts';
import { AnswerNotes } from '../../energy/answer-notes.ts';
import { MediumSwitch } from '../../energy/medium-switch.ts';
import { ratesChart } from '../../energy/rates-chart.ts';
import { Subjects } from '../../energy/subjects.ts';
import { Formats } from '../../format/formats.ts';
import { consumptionScale, formatTick } from '../../format/quantity-format.ts';
import { Icon } from '../../look/icon.ts';
import { SearchPicker } from '../../look/search-picker.ts';
import { TableBox } from '../../look/table-box.ts';
import { daysBetween } from '../../selection/period.ts';
import { PeriodPicker } from '../../selection/period-picker.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

type Row = MultiRateAnswer['rows'][number];
const groupings = ['none', 'tenant', 'point'] as const;
const measures = ['energy', 'money'] as const;

/** Energy and money per time-of-use period: along time, and by row. */
@Component({
  selector: 'wl-rates-page',
  imports: [
    Answer,
    AnswerNotes,
    ChartCard,
    Icon,
    MediumSwitch,
    PeriodPicker,
    RouterLink,
    SearchPicker,
    TableBox,
  ],
  templateUrl: './rates-page.html',
})
export class RatesPage {
  private readonly analytics = inject(AnalyticsApi);
  private readonly palettes = inject(Palettes);
  private readonly words = inject(Words);
  protected readonly site = inject(Site);
  protected readonly subjects = inject(Subjects);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly t = this.words.t;
  protected readonly groupings = groupings;
  protected readonly measures = measures;
  protected readonly grouping = computed(() => this.selection.choice('rows-by', groupings, 'tenant'));
  protected readonly measure = computed(() => this.selection.choice('measure', measures, 'energy'));
  protected readonly subject = computed(() => this.selection.text('series') ?? 'all');
  private readonly params = computed(() => {
    const projectId = this.site.projectId();
    if (projectId === null) return undefined;
    const { from, to } = this.selection.period();
    return {
      projectId,
      query: { from, to, medium: this.selection.medium(), ...this.subjects.queryOf(this.subject()) },
    };
  });

  protected readonly along = ask({
    params: () => this.params(),
    load: ({ projectId, query }, abort) =>
      this.analytics.multiRate(
        projectId,
        { ...query, grain: daysBetween(query.from, query.to) > 62 ? 'month' : 'day' },
        abort,
      ),
    subject: ({ projectId }) => projectId,
  });
  protected readonly byRow = ask({
    params: () => {
      const params = this.params();
      return params === undefined ? undefined : { ...params, grouping: this.grouping() };
    },
    load: ({ projectId, query, grouping }, abort) =>
      this.analytics.multiRate(projectId, { ...query, grouping }, abort),
    subject: ({ projectId, grouping }) => `${projectId}|${grouping}`,
  });
  protected readonly moneyShown = computed(() => this.along.value()?.moneyShown ?? true);
  protected readonly money = computed(() => this.measure() === 'money' && this.moneyShown());
  protected readonly scale = computed(() =>
    consumptionScale(this.selection.medium(), this.along.value()?.rows.map((row) => row.consumption) ?? []),
  );
  protected readonly rowScale = computed(() =>
    consumptionScale(this.selection.medium(), this.byRow.value()?.rows.map((row) => row.consumption) ?? []),
  );
  protected readonly rows = computed(() =>
    [...(this.byRow.value()?.rows ?? [])].sort((a, b) =>
      this.money() ? b.amountMicros - a.amountMicros : (b.consumption ?? 0) - (a.consumption ?? 0),
    ),
  );
  protected readonly unit = computed(() =>
    this.money() ? (this.along.value()?.currency ?? '') : this.scale().unit,
  );
  protected readonly empty = computed(
    () => this.along.value()?.rows.every((row) => row.consumption === null) ?? false,
  );

  protected readonly options = computed(() => {
    const answer = this.along.value();
    if (answer === undefined) return null;
    const money = this.money();
    const scale = this.scale();
    const locale = this.words.locale();
    const grain =
      daysBetween(answer.period.from.slice(0, 10), answer.period.to.slice(0, 10)) > 62 ? 'month' : 'day';
    const divisor = money ? 1e6 : scale.divisor;
    return ratesChart({
      labels: answer.rows.map((row) => axisLabel(row.bucket?.label ?? '', grain, false, locale)),
      titles: answer.rows.map((row) => fullLabel(row.bucket?.label ?? '', grain, locale)),
      periods: periodsUsed(answer).map((period) => ({
        period,
        name: this.t(`tou.${period}`),
        values: answer.rows.map((row) => valueOf(row, period, money) / divisor),
      })),
      written: (value) =>
        money
          ? this.formats.money(Math.round(value * 1e6), answer.currency)
          : `${this.formats.decimal(value, scale.digits)} ${scale.unit}`,
      axisText: (value) => formatTick(value, locale),
      share: (share) => this.formats.share(share),
      total: this.t('energy.total'),
      palette: this.palettes.palette(),
    });
  });
  protected readonly table = computed<DataTable | null>(() => {
    const answer = this.along.value();
    return answer === undefined
      ? null
      : this.tableOf(answer, answer.rows, (row) => textCell(row.bucket?.label ?? ''));
  });
  protected readonly label = computed(() => {
    const total = this.along.value()?.total;
    const parts = (total?.cells ?? []).map(
      (cell) =>
        `${this.t(`tou.${cell.period}`)}: ${this.formats.consumption(cell.consumption, this.selection.medium())}`,
    );
    return `${this.t('rates.heading')}. ${parts.join('; ')}`;
  });

  protected readonly rowPeriods = computed(() => {
    const answer = this.byRow.value();
    return answer === undefined ? [] : periodsUsed(answer);
  });

  protected value(row: Pick<Row, 'cells'>, period: Row['cells'][number]['period']): string {
    const cell = row.cells.find((candidate) => candidate.period === period);
    return this.money()
      ? this.formats.money(cell?.amountMicros ?? 0, this.byRow.value()?.currency)
      : this.formats.scaled(cell?.consumption ?? 0, this.rowScale());
  }

  /** Micros per kWh or m³ of what was charged. */
  protected average(row: Pick<Row, 'amountMicros' | 'chargedConsumption'>): string {
    if (row.chargedConsumption === 0) return '–';
    return this.formats.price(
      Math.round((row.amountMicros / row.chargedConsumption) * 1_000),
      this.byRow.value()?.currency,
    );
  }

  protected exportCsv(): void {
    const answer = this.byRow.value();
    if (answer === undefined) return;
    download(
      'wattledger-multi-rate.csv',
      csvOf(this.tableOf(answer, this.rows(), (row) => textCell(this.subjects.nameOfSubject(row.subject)))),
    );
  }

  private tableOf(
    answer: MultiRateAnswer,
    rows: readonly Row[],
    first: (row: Row) => ReturnType<typeof textCell>,
  ): DataTable {
    const scale = this.scale();
    const energy = (value: number | null) =>
      numberCell(this.formats.scaled(value, scale), value === null ? null : value / scale.divisor);
    const money = (micros: number) => numberCell(this.formats.money(micros, answer.currency), micros / 1e6);
    return {
      caption: this.t('rates.heading'),
      columns: [
        { label: this.t('energy.subject') },
        ...periodsUsed(answer).map((period) => ({
          label: `${this.t(`tou.${period}`)} (${scale.unit})`,
          numeric: true,
        })),
        { label: `${this.t('energy.total')} (${scale.unit})`, numeric: true },
        ...(answer.moneyShown
          ? [{ label: `${this.t('rates.amount')} (${answer.currency})`, numeric: true }]
          : []),
      ],
      rows: rows.map((row) => [
        first(row),
        ...periodsUsed(answer).map((period) => energy(valueOf(row, period, false))),
        energy(row.consumption),
        ...(answer.moneyShown ? [money(row.amountMicros)] : []),
      ]),
    };
  }
}

/** Periods that occur: a calendar may name others that no day of the span uses. */
function periodsUsed(answer: MultiRateAnswer): readonly Row['cells'][number]['period'][] {
  return answer.periods.filter(
    (period) => valueOf(answer.total, period, false) !== 0 || valueOf(answer.total, period, true) !== 0,
  );
}

function valueOf(row: Pick<Row, 'cells'>, period: Row['cells'][number]['period'], money: boolean): number {
  const cell = row.cells.find((candidate) => candidate.period === period);
  return (money ? cell?.amountMicros : cell?.consumption) ?? 0;
}
