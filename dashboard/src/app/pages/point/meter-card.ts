// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input, signal } from '@angular/core';
import { DevicesApi } from '../../api/devices-api.ts';
import { MeteringApi } from '../../api/metering-api.ts';
import { Answer } from '../../api/answer.ts';
import { ask } from '../../api/question.ts';
import { Clock } from '../../clock/clock.ts';
import { Formats } from '../../format/formats.ts';
import { keepFresh } from '../../live/keep-fresh.ts';
import { LiveValues } from '../../live/live-values.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { RelayChip } from '../../money/relay-chip.ts';
import { Notices } from '../../notices/notices.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

/** The meter mounted at a point: reachable or not, its switch, its registers and electrical values, live. */
@Component({
  selector: 'wl-meter-card',
  imports: [TableBox, Answer, Icon, RelayChip],
  templateUrl: './meter-card.html',
  styleUrl: './meter-card.css',
})
export class MeterCard {
  readonly meterId = input.required<string>();
  private readonly devices = inject(DevicesApi);
  private readonly metering = inject(MeteringApi);
  private readonly live = inject(LiveValues);
  private readonly clock = inject(Clock);
  private readonly notices = inject(Notices);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  private readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly asking = signal(false);

  protected readonly detail = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null ? undefined : { projectId, meterId: this.meterId() };
    },
    load: ({ projectId, meterId }, abort) => this.metering.meterState(projectId, meterId, abort),
    subject: ({ meterId }) => meterId,
  });
  protected readonly state = computed(() => this.detail.value()?.state ?? null);
  private readonly map = ask({
    params: () => this.state()?.modelId ?? undefined,
    load: (modelId, abort) => this.devices.registerMap(modelId, abort),
    subject: (modelId) => modelId,
  });
  /** Rows of the register map that no document of the maker confirms. */
  protected readonly inferred = computed(
    () =>
      new Set(
        (this.map.value()?.registers ?? [])
          .filter((register) => register.confidence === 'inferred')
          .map((register) => register.name),
      ),
  );
  private readonly telemetry = computed(() => this.live.telemetry().get(this.meterId()));
  protected readonly online = computed(() => this.telemetry()?.online ?? this.state()?.online ?? null);
  protected readonly relay = computed(() => this.telemetry()?.relay ?? this.state()?.relay ?? 'unknown');
  protected readonly lastReadingMs = computed(() => {
    const telemetry = this.telemetry();
    return Math.max(telemetry?.online === true ? telemetry.at : 0, this.state()?.lastReadingMs ?? 0) || null;
  });
  protected readonly age = computed(() => {
    const at = this.lastReadingMs();
    return at === null ? '' : this.formats.age(Math.max(0, this.clock.nowMs() - at));
  });
  /** The last fault, as long as the meter has not answered since. */
  protected readonly trouble = computed(() => {
    const state = this.state();
    return state !== null && (state.missedCycles > 0 || this.online() === false) ? state.lastFault : null;
  });
  /** Electrical parameters in the order and unit of the register map. */
  protected readonly parameters = computed(() => {
    const values = { ...this.state()?.parameters, ...this.telemetry()?.parameters };
    const map = this.map.value();
    const order = new Map(map?.registers.map((register, index) => [register.name, index]) ?? []);
    const units = new Map(map?.registers.map((register) => [register.name, register.unit]) ?? []);
    return Object.entries(values)
      .sort(([a], [b]) => (order.get(a) ?? 999) - (order.get(b) ?? 999))
      .map(([name, value]) => ({
        inferred: this.isInferred(name),
        name: this.nameOf(name),
        value: this.formats.significant(value),
        unit: unitText(units.get(name)),
      }));
  });

  constructor() {
    keepFresh(['telemetry', 'commands'], [this.detail], 10_000);
  }

  /** Of a cabinet the map says one circuit for all: `circuit7.energy.total` is its row `energy.total`. */
  protected isInferred(name: string): boolean {
    return this.inferred().has(name.replace(/^circuit\d+\./, ''));
  }

  protected nameOf(name: string): string {
    return this.words.nameOf('parameter.' + name, name);
  }

  protected async readNow(): Promise<void> {
    this.asking.set(true);
    try {
      await this.metering.readNow(
        this.site.projectId() ?? '',
        this.meterId(),
        this.t('meter.read-now-reason'),
      );
      this.notices.done(this.t('meter.read-now-sent'));
      this.detail.reload();
    } catch (error) {
      this.notices.failed(error);
    } finally {
      this.asking.set(false);
    }
  }
}

/** Units as they are written; maps use plain letters. */
function unitText(unit: string | undefined): string {
  if (unit === undefined || unit === 'enum' || unit === 'bits') return '';
  return unit === 'degC' ? '°C' : unit === 'm3/h' ? 'm³/h' : unit;
}
