// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import type { ParameterGrain } from '@wattledger/contracts/http/analytics';
import type { RegisterMapSummary } from '@wattledger/contracts/http/ingest';
import { AlarmsApi } from '../../api/alarms-api.ts';
import { AnalyticsApi } from '../../api/analytics-api.ts';
import { ask } from '../../api/question.ts';
import { ChartCard } from '../../chart/chart-card.ts';
import { numberCell, textCell, type DataTable } from '../../chart/data-table.ts';
import { Palettes } from '../../chart/palette.ts';
import { Formats } from '../../format/formats.ts';
import { keepFresh } from '../../live/keep-fresh.ts';
import { bucketName, parameterChart, writtenValue } from '../../metering/parameter-chart.ts';
import {
  circuitOf,
  familiesOf,
  phases,
  quantityScales,
  withoutCircuit,
  type ParameterFamily,
} from '../../metering/parameter-families.ts';
import { unitText } from '../../metering/unit-text.ts';
import { daysBetween } from '../../selection/period.ts';
import { PeriodPicker } from '../../selection/period-picker.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { voltageLimit } from './voltage-limit.ts';

/** Grains that fit a span, the natural one first. The server takes 4,000 of them. */
function grainsFor(days: number): readonly ParameterGrain[] {
  if (days <= 1) return ['slot', 'raw', 'hour'];
  if (days <= 8) return ['hour', 'slot', 'day'];
  if (days <= 40) return ['hour', 'day', 'slot'];
  return days <= 160 ? ['day', 'hour'] : ['day'];
}
/** What is drawn from zero upwards; of the others only the change says something. */
const fromZero: readonly string[] = ['current', 'active', 'reactive', 'apparent'];

/** How electrical parameters went: one quantity with its phases, over the chosen time. */
@Component({
  selector: 'wl-parameter-history',
  imports: [ChartCard, PeriodPicker],
  templateUrl: './parameter-history.html',
  styles: `
    :host {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      gap: var(--s4);
      min-width: 0;
    }
    .toolbar {
      flex-wrap: wrap;
    }
    .select {
      max-width: 240px;
    }
  `,
})
export class ParameterHistory {
  readonly meterId = input.required<string>();
  readonly circuit = input.required<string | null>();
  readonly map = input.required<RegisterMapSummary | null>();
  readonly tenantClass = input.required<string | null>();
  private readonly analytics = inject(AnalyticsApi);
  private readonly alarms = inject(AlarmsApi);
  private readonly palettes = inject(Palettes);
  private readonly site = inject(Site);
  private readonly words = inject(Words);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly t = this.words.t;
  private readonly meter = computed(() => {
    const projectId = this.site.projectId();
    return projectId === null ? undefined : { projectId, meterId: this.meterId() };
  });

  protected readonly kept = ask({
    params: () => this.meter(),
    load: ({ projectId, meterId }, abort) => this.analytics.parameterNames(projectId, meterId, abort),
    subject: ({ meterId }) => meterId,
  });
  /** Names within the circuit, in the order of the register map. */
  private readonly names = computed(
    () => {
      const order = new Map(this.map()?.registers.map(({ name }, index) => [name, index]) ?? []);
      return (this.kept.value()?.parameters ?? [])
        .filter(({ name }) => circuitOf(name) === this.circuit())
        .map(({ name }) => withoutCircuit(name))
        .sort((a, b) => (order.get(a) ?? 999) - (order.get(b) ?? 999));
    },
    { equal: (a, b) => a.join() === b.join() },
  );
  protected readonly families = computed(() => familiesOf(this.names()));
  protected readonly family = computed(
    () => this.families().find(({ id }) => id === this.selection.text('parameter')) ?? this.families()[0],
  );
  protected readonly grains = computed(() => {
    const { from, to } = this.selection.period();
    return grainsFor(daysBetween(from, to));
  });
  protected readonly grain = computed(() =>
    this.selection.choice('grain', this.grains(), this.grains()[0] ?? 'day'),
  );
  protected readonly history = ask({
    params: () => {
      const meter = this.meter();
      const family = this.family();
      if (meter === undefined || family === undefined) return undefined;
      const { from, to } = this.selection.period();
      const prefix = this.circuit() === null ? '' : `circuit${this.circuit()}.`;
      const names = family.names.map((name) => prefix + name).join(',');
      return { ...meter, query: { names, from, to, grain: this.grain() } };
    },
    load: ({ projectId, meterId, query }, abort) =>
      this.analytics.parameters(projectId, meterId, query, abort),
    subject: ({ meterId, query }) => `${meterId}|${query.names}`,
  });
  private readonly schemes = ask({
    params: () => (this.site.may('alarm:read') ? (this.site.projectId() ?? undefined) : undefined),
    load: (projectId, abort) => this.alarms.schemes(projectId, abort),
    subject: (projectId) => projectId,
  });
  /** Voltage below which an alarm is raised. */
  protected readonly limit = computed(() => {
    const schemes = this.schemes.value();
    return schemes === undefined || this.family()?.quantity !== 'voltage'
      ? null
      : voltageLimit(schemes, this.tenantClass());
  });
  protected readonly scale = computed(() => {
    const family = this.family();
    if (family === undefined) return { unit: '', divisor: 1 };
    if (family.quantity !== null) return quantityScales[family.quantity];
    const register = this.map()?.registers.find(({ name }) => name === family.id);
    return { unit: unitText(register?.unit), divisor: 1 };
  });
  protected readonly heading = computed(() => {
    const family = this.family();
    return family === undefined ? this.t('electrical.history') : this.familyName(family);
  });
  /** Nothing was ever kept of this meter. */
  protected readonly never = computed(() => this.kept.value() !== undefined && this.families().length === 0);
  protected readonly empty = computed(
    () => this.history.value()?.series.every(({ count }) => count.every((polls) => polls === 0)) ?? false,
  );
  /** Along the series. */
  private readonly seriesNames = computed(() =>
    (this.family()?.names ?? []).map((name) => {
      const phase = phases.find((one) => name.endsWith(`.${one.toLowerCase()}`));
      return phase ?? this.words.nameOf('parameter.' + name, name);
    }),
  );
  protected readonly options = computed(() => {
    const answer = this.history.value();
    const limit = this.limit();
    if (answer === undefined) return null;
    return parameterChart({
      answer,
      ...this.scale(),
      names: this.seriesNames(),
      fromLowest: !fromZero.includes(this.family()?.id ?? ''),
      limit: limit === null ? null : { value: limit, name: this.t('electrical.limit', { volts: limit }) },
      palette: this.palettes.palette(),
      locale: this.formats.locale(),
    });
  });
  protected readonly table = computed((): DataTable | null => {
    const answer = this.history.value();
    if (answer === undefined) return null;
    const { unit, divisor } = this.scale();
    const locale = this.formats.locale();
    const withUnit = unit === '' ? '' : ` (${unit})`;
    const figures = ['mean', 'min', 'max'] as const;
    const shown = answer.grain === 'raw' ? figures.slice(0, 1) : figures;
    return {
      caption: this.heading(),
      columns: [
        { label: this.t('energy.time') },
        ...this.seriesNames().flatMap((name) =>
          shown.map((figure) => ({
            label: `${name}${shown.length > 1 ? ` ${this.t('electrical.' + figure)}` : ''}${withUnit}`,
            numeric: true,
          })),
        ),
      ],
      rows: answer.buckets.flatMap((_, index) => {
        if (answer.series.every(({ count }) => (count[index] ?? 0) === 0)) return [];
        return [
          [
            textCell(bucketName(answer, index, locale)),
            ...answer.series.flatMap((series) =>
              shown.map((figure) => {
                const value = series[figure][index] ?? null;
                return numberCell(
                  writtenValue(value, divisor, locale),
                  value === null ? null : value / divisor,
                );
              }),
            ),
          ],
        ];
      }),
    };
  });
  protected readonly label = computed(() =>
    this.t('electrical.label', {
      name: this.heading(),
      as: this.formats.instant(this.history.value()?.asOfMs, 'date-time'),
    }),
  );

  constructor() {
    keepFresh(['telemetry'], [this.kept, this.history], 30_000);
  }

  protected familyName({ id, quantity }: ParameterFamily): string {
    return quantity === null
      ? this.words.nameOf('parameter.' + id, id)
      : this.t('electrical-quantity.' + quantity);
  }
}
