// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input, signal } from '@angular/core';
import type { ECElementEvent } from 'echarts/core';
import type { Grain } from '@wattledger/contracts/http/analytics';
import type { MeteringPointDetail } from '@wattledger/contracts/http/registry';
import { AnalyticsApi } from '../../api/analytics-api.ts';
import { ask } from '../../api/question.ts';
import { fullLabel } from '../../chart/bucket-label.ts';
import { ChartCard } from '../../chart/chart-card.ts';
import { numberCell, textCell, type DataTable } from '../../chart/data-table.ts';
import { Palettes } from '../../chart/palette.ts';
import { TouLegend } from '../../chart/tou-legend.ts';
import { touRuns } from '../../chart/tou-runs.ts';
import { drawnValues, overlay } from '../../energy/drawn-series.ts';
import { trendChart } from '../../energy/trend-chart.ts';
import { Formats } from '../../format/formats.ts';
import { consumptionScale } from '../../format/quantity-format.ts';
import { keepFresh } from '../../live/keep-fresh.ts';
import { Icon } from '../../look/icon.ts';
import { SlotEvidence } from '../../metering/slot-evidence.ts';
import { grainsOf, periodOf } from '../../selection/period.ts';
import { PeriodPicker } from '../../selection/period-picker.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

/** What the point measured over time; a bar of a day opens the day, a slot opens its registers. */
@Component({
  selector: 'wl-consumption-tab',
  imports: [ChartCard, Icon, PeriodPicker, SlotEvidence, TouLegend],
  template: `
    <div class="stack">
      <div class="toolbar">
        <wl-period-picker />
        <span class="grow"></span>
        <div class="segmented" role="group" [attr.aria-label]="t('trend.grain')">
          @for (option of grains(); track option) {
            <button
              type="button"
              [attr.aria-pressed]="option === grain()"
              (click)="selection.patch({ grain: option }, { replace: true })"
            >
              {{ t('grain.' + option) }}
            </button>
          }
        </div>
      </div>
      <wl-chart-card
        [heading]="t('trend.heading')"
        [unit]="scale().unit"
        [question]="energy"
        [options]="options()"
        [table]="table()"
        [label]="label()"
        fileName="consumption"
        [asOf]="energy.value()?.asOf"
        [running]="selection.running()"
        [empty]="empty()"
        [emptyText]="t('trend.empty')"
        [height]="330"
        (picked)="pick($event)"
      >
        @if (touShown().length > 0) {
          <wl-tou-legend foot [periods]="touShown()" />
        }
        <span foot class="muted">{{ t(grain() === 'slot' ? 'point.pick-slot' : 'point.pick-day') }}</span>
      </wl-chart-card>
      @if (slotStartMs(); as start) {
        <section class="card" [attr.aria-label]="t('point.slot')">
          <header class="card-head">
            <h2>{{ t('point.slot') }} {{ formats.instant(start, 'date-time') }}</h2>
            <button
              type="button"
              class="button quiet small icon"
              [attr.aria-label]="t('do.close')"
              (click)="slotStartMs.set(null)"
            >
              <wl-icon name="close" />
            </button>
          </header>
          <wl-slot-evidence [pointId]="point().id" [slotStartMs]="start" />
        </section>
      }
    </div>
  `,
  styles: `
    .stack {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      gap: var(--s4);
    }
  `,
})
export class ConsumptionTab {
  readonly point = input.required<MeteringPointDetail>();
  private readonly analytics = inject(AnalyticsApi);
  private readonly site = inject(Site);
  private readonly palettes = inject(Palettes);
  private readonly words = inject(Words);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly t = this.words.t;
  protected readonly slotStartMs = signal<number | null>(null);
  protected readonly grains = computed(() => grainsOf(this.selection.period()));
  protected readonly grain = computed<Grain>(() =>
    this.selection.choice('grain', this.grains(), this.grains()[0] ?? 'day'),
  );
  private readonly pointId = computed(() => this.point().id);
  private readonly medium = computed(() => this.point().medium);

  protected readonly energy = ask({
    params: () => {
      const projectId = this.site.projectId();
      if (projectId === null) return undefined;
      const { from, to } = this.selection.period();
      return {
        projectId,
        query: {
          from,
          to,
          points: this.pointId(),
          medium: this.medium(),
          grain: this.grain(),
          compare: this.selection.compare(),
        },
      };
    },
    load: ({ projectId, query }, abort) => this.analytics.energy(projectId, query, abort),
    subject: ({ query }) => query.points,
  });
  private readonly drawing = computed(() => {
    const answer = this.energy.value();
    return answer === undefined ? null : overlay([{ name: this.point().name, answer }]);
  });
  protected readonly empty = computed(() => drawnValues(this.drawing()).every((value) => value === null));
  protected readonly scale = computed(() => consumptionScale(this.medium(), drawnValues(this.drawing())));
  private readonly calendar = computed(() =>
    this.medium() === 'electricity' && (this.drawing()?.buckets.length ?? 0) <= 400
      ? (this.site.tree.value()?.project.calendar ?? null)
      : null,
  );
  protected readonly touShown = computed(() => {
    const calendar = this.calendar();
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
      stacked: false,
      beforeName: this.t(`compare.${this.selection.compare()}`),
      calendar: this.calendar(),
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
    const series = drawing?.series[0];
    if (drawing === null || series === undefined) return null;
    const scale = this.scale();
    const cell = (value: number | null | undefined) =>
      numberCell(this.formats.scaled(value, scale), value == null ? null : value / scale.divisor);
    return {
      caption: this.t('trend.heading'),
      columns: [
        { label: this.t('energy.time') },
        { label: `${series.name} (${scale.unit})`, numeric: true },
        ...(series.before === null
          ? []
          : [{ label: `${this.t(`compare.${this.selection.compare()}`)} (${scale.unit})`, numeric: true }]),
      ],
      rows: drawing.buckets.map((bucket, index) => [
        { text: fullLabel(bucket.label, drawing.grain, this.words.locale()), raw: bucket.label },
        cell(series.values[index]),
        ...(series.before === null ? [] : [cell(series.before[index])]),
      ]),
      foot: [
        textCell(this.t('energy.total')),
        cell(series.total.consumption),
        ...(series.before === null ? [] : [cell(series.total.before)]),
      ],
    };
  });
  protected readonly label = computed(
    () =>
      `${this.point().name}: ${this.formats.consumption(this.energy.value()?.total.consumption, this.medium())}`,
  );

  constructor() {
    keepFresh(['energy'], [this.energy], 20_000);
  }

  protected pick(event: ECElementEvent): void {
    const drawing = this.drawing();
    const bucket = drawing?.buckets[event.dataIndex];
    if (bucket === undefined || drawing === null) return;
    if (drawing.grain === 'slot') this.slotStartMs.set(bucket.startMs);
    else if (drawing.grain === 'day') this.selection.choosePeriod(periodOf('day', bucket.label));
    else if (drawing.grain === 'month') this.selection.choosePeriod(periodOf('month', `${bucket.label}-01`));
  }
}
