// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import type { MeteringPointDetail } from '@wattledger/contracts/http/registry';
import { AnalyticsApi } from '../api/analytics-api.ts';
import { ask } from '../api/question.ts';
import { ChartCard } from '../chart/chart-card.ts';
import { numberCell, textCell, type DataTable } from '../chart/data-table.ts';
import { Palettes } from '../chart/palette.ts';
import { heatMapChart, meanDayChart, type ProfileDrawing } from '../energy/profile-charts.ts';
import { Formats } from '../format/formats.ts';
import { consumptionScale, powerScale, type Scale } from '../format/quantity-format.ts';
import { FigureTile } from '../look/figure-tile.ts';
import { Screen } from '../look/screen.ts';
import { PeriodPicker } from '../selection/period-picker.ts';
import { Selection } from '../selection/selection.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';

/** When the point draws how much: mean day, hours by days, maximum demand, what runs day and night. */
@Component({
  selector: 'wl-profile-tab',
  imports: [ChartCard, FigureTile, PeriodPicker],
  template: `
    <div class="stack">
      <wl-period-picker [comparing]="false" [kinds]="['week', 'month', 'year', 'free']" />
      @if (profile.value(); as it) {
        <section class="card" [attr.aria-label]="t('profile.figures')">
          <div class="tiles">
            <wl-figure-tile
              [label]="t('profile.maximum')"
              [value]="formats.scaled(it.maximumDemand?.demandW, powerScale())"
              [unit]="powerScale().unit"
            >
              <span class="muted">{{ formats.instant(it.maximumDemand?.slotStartMs, 'date-time') }}</span>
            </wl-figure-tile>
            <wl-figure-tile
              [label]="t('profile.mean')"
              [value]="formats.scaled(it.meanDemandW, powerScale())"
              [unit]="powerScale().unit"
            />
            <wl-figure-tile [label]="t('profile.factor')" [value]="formats.share(it.loadFactor)">
              <span class="muted">{{ t('profile.factor.hint') }}</span>
            </wl-figure-tile>
            <wl-figure-tile
              [label]="t('profile.base')"
              [value]="formats.scaled(it.baseLoadW, powerScale())"
              [unit]="powerScale().unit"
            >
              <span class="muted">{{
                t('profile.base.hint', { share: formats.share(it.baseLoadShare) })
              }}</span>
            </wl-figure-tile>
          </div>
        </section>
      }
      <wl-chart-card
        [heading]="t('profile.day')"
        [unit]="powerScale().unit"
        [question]="profile"
        [options]="dayOptions()"
        [table]="dayTable()"
        [label]="label()"
        fileName="mean-day"
        [asOf]="profile.value()?.asOf"
        [running]="selection.running()"
        [empty]="empty()"
        [height]="280"
      />
      <wl-chart-card
        [heading]="t('profile.heat')"
        [unit]="energyScale().unit"
        [question]="profile"
        [options]="heatOptions()"
        [table]="heatTable()"
        [label]="label()"
        fileName="heat-map"
        [asOf]="profile.value()?.asOf"
        [running]="selection.running()"
        [empty]="empty()"
        [height]="heatHeight()"
      />
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
export class ProfileTab {
  readonly point = input.required<MeteringPointDetail>();
  private readonly analytics = inject(AnalyticsApi);
  private readonly site = inject(Site);
  private readonly palettes = inject(Palettes);
  private readonly screen = inject(Screen);
  private readonly words = inject(Words);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly t = this.words.t;
  private readonly pointId = computed(() => this.point().id);
  private readonly medium = computed(() => this.point().medium);

  protected readonly profile = ask({
    params: () => {
      const projectId = this.site.projectId();
      if (projectId === null) return undefined;
      const { from, to } = this.selection.period();
      return { projectId, query: { from, to, points: this.pointId(), medium: this.medium() } };
    },
    load: ({ projectId, query }, abort) => this.analytics.loadProfile(projectId, query, abort),
    subject: ({ query }) => query.points,
  });
  protected readonly empty = computed(() => (this.profile.value()?.slotsCounted ?? 0) === 0);
  /** Watts; of water and gas base units per hour. */
  protected readonly powerScale = computed<Scale>(() => {
    const answer = this.profile.value();
    const values =
      answer === undefined
        ? []
        : [answer.maximumDemand?.demandW ?? null, ...answer.averageDay.map((entry) => entry.highest)];
    return this.medium() === 'electricity'
      ? powerScale(values)
      : { ...consumptionScale(this.medium(), values), unit: this.t('unit.m3-per-hour') };
  });
  protected readonly energyScale = computed(() =>
    consumptionScale(this.medium(), this.profile.value()?.heatMap.hours.flat() ?? []),
  );
  protected readonly heatHeight = computed(() =>
    this.screen.narrow() ? 90 + 14 * (this.profile.value()?.heatMap.days.length ?? 20) : 420,
  );
  protected readonly dayOptions = computed(() => {
    const drawing = this.drawing(this.powerScale());
    return drawing === null ? null : meanDayChart(drawing);
  });
  protected readonly heatOptions = computed(() => {
    const drawing = this.drawing(this.energyScale());
    return drawing === null ? null : heatMapChart(drawing, this.screen.narrow());
  });
  protected readonly dayTable = computed<DataTable | null>(() => {
    const answer = this.profile.value();
    if (answer === undefined) return null;
    const scale = this.powerScale();
    const cell = (value: number | null) =>
      numberCell(this.formats.scaled(value, scale), value === null ? null : value / scale.divisor);
    return {
      caption: this.t('profile.day'),
      columns: [
        'energy.time',
        'profile.workdays',
        'profile.weekends',
        'profile.highest',
        'profile.lowest',
      ].map((key, index) => ({
        label: index === 0 ? this.t(key) : `${this.t(key)} (${scale.unit})`,
        numeric: index > 0,
      })),
      rows: answer.averageDay.map((entry) => [
        textCell(entry.localTime),
        cell(entry.workdays),
        cell(entry.weekends),
        cell(entry.highest),
        cell(entry.lowest),
      ]),
    };
  });
  protected readonly heatTable = computed<DataTable | null>(() => {
    const answer = this.profile.value();
    if (answer === undefined) return null;
    const scale = this.energyScale();
    return {
      caption: this.t('profile.heat'),
      columns: [
        { label: `${this.t('grain.day')} (${scale.unit})` },
        ...Array.from({ length: 24 }, (_, hour) => ({ label: String(hour).padStart(2, '0'), numeric: true })),
      ],
      rows: answer.heatMap.days.map((day, index) => [
        textCell(day),
        ...(answer.heatMap.hours[index] ?? []).map((value) =>
          numberCell(this.formats.scaled(value, scale), value === null ? null : value / scale.divisor),
        ),
      ]),
    };
  });
  protected readonly label = computed(() => {
    const answer = this.profile.value();
    return `${this.t('profile.maximum')}: ${this.formats.scaled(answer?.maximumDemand?.demandW, this.powerScale())} ${this.powerScale().unit}; ${this.t('profile.factor')}: ${this.formats.share(answer?.loadFactor)}`;
  });

  private drawing(scale: Scale): ProfileDrawing | null {
    const answer = this.profile.value();
    if (answer === undefined) return null;
    return {
      answer,
      scale,
      palette: this.palettes.palette(),
      locale: this.words.locale(),
      words: {
        workdays: this.t('profile.workdays'),
        weekends: this.t('profile.weekends'),
        highest: this.t('profile.highest'),
        lowest: this.t('profile.lowest'),
      },
    };
  }
}
