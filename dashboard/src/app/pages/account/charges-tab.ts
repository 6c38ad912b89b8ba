// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import type { AccountDetail, ChargeRow } from '@wattledger/contracts/http/billing';
import { touPeriods, type TouPeriod } from '@wattledger/contracts';
import { BillingApi } from '../../api/billing-api.ts';
import { ask } from '../../api/question.ts';
import { axisLabel, fullLabel } from '../../chart/bucket-label.ts';
import { ChartCard } from '../../chart/chart-card.ts';
import { numberCell, textCell, type DataTable } from '../../chart/data-table.ts';
import { Palettes } from '../../chart/palette.ts';
import { ratesChart } from '../../energy/rates-chart.ts';
import { Formats } from '../../format/formats.ts';
import { formatTick } from '../../format/quantity-format.ts';
import { keepFresh } from '../../live/keep-fresh.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { addDays, daysBetween } from '../../selection/period.ts';
import { PeriodPicker } from '../../selection/period-picker.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { ExplainDay } from './explain-day.ts';
import { ExplainMonth } from './explain-month.ts';

/** What was charged, day by day and period by period; a day opens to its slots. */
@Component({
  selector: 'wl-charges-tab',
  imports: [ChartCard, ExplainDay, ExplainMonth, Icon, PeriodPicker, TableBox],
  templateUrl: './charges-tab.html',
  styleUrl: './charges-tab.css',
})
export class ChargesTab {
  readonly account = input.required<AccountDetail>();
  private readonly billing = inject(BillingApi);
  private readonly palettes = inject(Palettes);
  private readonly words = inject(Words);
  protected readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly t = this.words.t;
  private readonly accountId = computed(() => this.account().accountId);
  private readonly grain = computed(() =>
    daysBetween(this.selection.period().from, this.selection.period().to) > 62 ? 'month' : 'day',
  );

  protected readonly charges = ask({
    params: () => {
      const projectId = this.site.projectId();
      if (projectId === null) return undefined;
      const { from, to } = this.selection.period();
      return {
        projectId,
        accountId: this.accountId(),
        query: { fromDay: from, toDay: addDays(to, -1), grain: this.grain() },
      };
    },
    load: ({ projectId, accountId, query }, abort) =>
      this.billing.charges(projectId, accountId, query, abort),
    subject: ({ accountId }) => accountId,
  });
  protected readonly rows = computed(() =>
    [...(this.charges.value()?.rows ?? [])].sort((a, b) =>
      a.span === b.span ? 0 : a.span < b.span ? 1 : -1,
    ),
  );
  protected readonly periods = computed(() =>
    touPeriods.filter((period) =>
      this.rows().some((row) => row.periods.some((cell) => cell.period === period)),
    ),
  );
  /** Rows with demand, fixed charges, taxes and the like. */
  protected readonly withItems = computed(() => this.rows().filter((row) => row.items.length > 0));
  /** Month and point whose items are explained. */
  private readonly openMonth = computed(() => this.selection.text('charge-items'));
  protected readonly severalPoints = computed(
    () => new Set(this.rows().map((row) => row.meteringPointId)).size > 1,
  );
  protected readonly total = computed(
    () => this.charges.value()?.totals.reduce((sum, total) => sum + total.amountMicros, 0) ?? 0,
  );
  /** The day that is explained: of one metering point. */
  protected readonly explained = computed(() => {
    const day = this.selection.text('charge-day');
    const point = this.selection.text('charge-point');
    return day === null || point === null ? null : { day, point };
  });
  /** Spans of the chart, oldest first, with all points added up. */
  private readonly spans = computed(() => [...new Set(this.rows().map((row) => row.span))].reverse());
  protected readonly options = computed(() => {
    const rows = this.rows();
    const locale = this.words.locale();
    return ratesChart({
      labels: this.spans().map((span) => axisLabel(span, this.grain(), false, locale)),
      titles: this.spans().map((span) => fullLabel(span, this.grain(), locale)),
      periods: this.periods().map((period) => ({
        period,
        name: this.t(`tou.${period}`),
        values: this.spans().map(
          (span) =>
            rows.filter((row) => row.span === span).reduce((sum, row) => sum + amountOf(row, period), 0) /
            1e6,
        ),
      })),
      written: (value) => this.formats.money(Math.round(value * 1e6)),
      axisText: (value) => formatTick(value, locale),
      share: (share) => this.formats.share(share),
      total: this.t('energy.total'),
      palette: this.palettes.palette(),
    });
  });
  protected readonly table = computed<DataTable>(() => ({
    caption: this.t('account.tab.charges'),
    columns: [
      { label: this.t('energy.period') },
      { label: this.t('energy.point') },
      { label: `${this.t('energy.consumption')} (kWh, m³)`, numeric: true },
      ...this.periods().map((period) => ({
        label: `${this.t(`tou.${period}`)} (${this.formats.currency()})`,
        numeric: true,
      })),
      ...(this.withItems().length === 0
        ? []
        : [{ label: `${this.t('items.short')} (${this.formats.currency()})`, numeric: true }]),
      { label: `${this.t('charges.amount')} (${this.formats.currency()})`, numeric: true },
    ],
    rows: this.rows().map((row) => [
      textCell(row.span),
      textCell(this.site.points().get(row.meteringPointId)?.name ?? row.meteringPointId),
      numberCell(this.formats.decimal(row.consumption / 1000, 3), row.consumption / 1000),
      ...this.periods().map((period) =>
        numberCell(this.formats.money(amountOf(row, period)), amountOf(row, period) / 1e6),
      ),
      ...(this.withItems().length === 0
        ? []
        : [numberCell(this.formats.money(this.itemsOf(row)), this.itemsOf(row) / 1e6)]),
      numberCell(this.formats.money(row.amountMicros), row.amountMicros / 1e6),
    ]),
  }));
  protected readonly label = computed(
    () => `${this.t('account.tab.charges')}. ${this.t('energy.total')}: ${this.formats.money(this.total())}`,
  );

  constructor() {
    keepFresh(['accounts'], [this.charges], 15_000);
  }

  protected amount(row: ChargeRow, period: TouPeriod): string {
    return this.formats.money(amountOf(row, period));
  }

  protected itemsOf(row: ChargeRow): number {
    return row.items.reduce((sum, item) => sum + item.amountMicros, 0);
  }

  protected itemNames(row: ChargeRow): string {
    const names = row.items.map((item) =>
      item.component === 'minimum' ? this.t('charge-component.minimum') : item.item,
    );
    return [...new Set(names)].join(', ');
  }

  protected readonly monthOf = (row: ChargeRow): string => row.span.slice(0, 7);

  protected isOpenMonth(row: ChargeRow): boolean {
    return this.openMonth() === `${this.monthOf(row)}|${row.meteringPointId}`;
  }

  protected toggleMonth(row: ChargeRow): void {
    const key = this.isOpenMonth(row) ? null : `${this.monthOf(row)}|${row.meteringPointId}`;
    this.selection.patch({ 'charge-items': key }, { replace: true });
  }

  protected isExplained(row: ChargeRow): boolean {
    const explained = this.explained();
    return explained !== null && explained.day === row.span && explained.point === row.meteringPointId;
  }

  protected explain(row: ChargeRow): void {
    const close = this.isExplained(row);
    this.selection.patch(
      { 'charge-day': close ? null : row.span, 'charge-point': close ? null : row.meteringPointId },
      { replace: true },
    );
  }
}

function amountOf(row: ChargeRow, period: TouPeriod): number {
  return row.periods
    .filter((cell) => cell.period === period)
    .reduce((sum, cell) => sum + cell.amountMicros, 0);
}
