// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { Income } from '@wattledger/contracts/http/billing';
import { Answer } from '../../api/answer.ts';
import { BillingApi } from '../../api/billing-api.ts';
import { ask } from '../../api/question.ts';
import { axisLabel, fullLabel } from '../../chart/bucket-label.ts';
import { ChartCard } from '../../chart/chart-card.ts';
import { numberCell, textCell, type DataTable } from '../../chart/data-table.ts';
import { Palettes } from '../../chart/palette.ts';
import { Formats } from '../../format/formats.ts';
import { FigureTile } from '../../look/figure-tile.ts';
import { Icon } from '../../look/icon.ts';
import { addDays, daysBetween } from '../../selection/period.ts';
import { PeriodPicker } from '../../selection/period-picker.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { incomeChart } from './income-chart.ts';
import { TillList } from './till-list.ts';

type Sums = Income['total'];
const receivedOf = (row: Sums): number =>
  row.cashMicros + row.cardMicros + row.transferMicros + row.chequeMicros + row.onlineMicros;
const chargedOf = (row: Sums): number => row.electricityMicros + row.waterMicros + row.gasMicros;
const components = ['energy', 'demand', 'fixed', 'minimum', 'surcharge', 'tax', 'rebate'] as const;

/** What came in and what was charged, the till by means, and whether charges and energy agree. */
@Component({
  selector: 'wl-income-page',
  imports: [Answer, ChartCard, FigureTile, Icon, PeriodPicker, RouterLink, TillList],
  templateUrl: './income-page.html',
})
export class IncomePage {
  private readonly billing = inject(BillingApi);
  private readonly palettes = inject(Palettes);
  private readonly words = inject(Words);
  protected readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly t = this.words.t;
  private readonly grain = computed<'day' | 'month' | 'year'>(() => {
    const days = daysBetween(this.selection.period().from, this.selection.period().to);
    return days > 800 ? 'year' : days > 62 ? 'month' : 'day';
  });
  protected readonly params = computed(() => {
    const projectId = this.site.projectId();
    const { from, to } = this.selection.period();
    const last = addDays(to, -1);
    const toDay =
      last > this.selection.today() && from <= this.selection.today() ? this.selection.today() : last;
    return projectId === null ? undefined : { projectId, fromDay: from, toDay };
  });
  protected readonly income = ask({
    params: () => {
      const params = this.params();
      return params === undefined ? undefined : { ...params, grain: this.grain() };
    },
    load: ({ projectId, ...query }, abort) => this.billing.income(projectId, query, abort),
    subject: ({ projectId }) => projectId,
  });
  protected readonly closure = ask({
    params: () => this.params(),
    load: ({ projectId, ...query }, abort) => this.billing.closure(projectId, query, abort),
    subject: ({ projectId }) => projectId,
  });
  protected readonly charged = computed(() => {
    const total = this.income.value()?.total;
    return total === undefined ? null : chargedOf(total);
  });
  protected readonly received = computed(() => {
    const total = this.income.value()?.total;
    return total === undefined ? null : receivedOf(total);
  });
  protected readonly before = computed(() => {
    const before = this.income.value()?.before;
    return before === undefined ? null : { charged: chargedOf(before), received: receivedOf(before) };
  });
  protected readonly options = computed(() => {
    const answer = this.income.value();
    if (answer === undefined) return null;
    const locale = this.words.locale();
    return incomeChart({
      labels: answer.rows.map((row) => axisLabel(row.span, this.grain(), false, locale)),
      titles: answer.rows.map((row) => fullLabel(row.span, this.grain(), locale)),
      charged: {
        name: this.t('income.charged'),
        micros: answer.rows.map(chargedOf),
      },
      received: {
        name: this.t('income.received'),
        micros: answer.rows.map(receivedOf),
      },
      money: (micros) => this.formats.money(micros, answer.currency),
      palette: this.palettes.palette(),
      locale,
    });
  });
  protected readonly table = computed<DataTable | null>(() => {
    const answer = this.income.value();
    if (answer === undefined) return null;
    const money = (micros: number) => numberCell(this.formats.money(micros, answer.currency), micros / 1e6);
    // Components that never occur are no columns.
    const used = components.filter((name) => answer.total[`${name}Micros`] !== 0);
    const keys = [
      'income.vends',
      'means.cash',
      'means.card',
      'means.transfer',
      'means.cheque',
      'means.online',
      'income.reversed',
      'income.refunded',
      'income.arrears',
      'medium.electricity',
      'medium.water',
      'medium.gas',
      ...used.map((name) => `component.${name}`),
      'income.shared',
      'income.energy',
    ];
    const cellsOf = (row: Sums) => [
      numberCell(this.formats.count(row.vends), row.vends),
      money(row.cashMicros),
      money(row.cardMicros),
      money(row.transferMicros),
      money(row.chequeMicros),
      money(row.onlineMicros),
      money(row.reversedMicros),
      money(row.refundedMicros),
      money(row.arrearsMicros),
      money(row.electricityMicros),
      money(row.waterMicros),
      money(row.gasMicros),
      ...used.map((name) => money(row[`${name}Micros`])),
      money(row.sharedCostMicros + row.propertyFeeMicros),
      numberCell(this.formats.decimal(row.electricityWh / 1000, 0), row.electricityWh / 1000),
    ];
    return {
      caption: this.t('page.income'),
      columns: [
        { label: this.t('energy.period') },
        ...keys.map((key) => ({ label: this.t(key), numeric: true })),
      ],
      rows: answer.rows.map((row) => [textCell(row.span), ...cellsOf(row)]),
      foot: [textCell(this.t('report.total')), ...cellsOf(answer.total)],
    };
  });
  protected readonly label = computed(
    () =>
      `${this.t('income.charged')}: ${this.formats.money(this.charged())}; ${this.t('income.received')}: ${this.formats.money(this.received())}`,
  );
}
