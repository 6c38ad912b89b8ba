// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { MeteringApi } from '../../api/metering-api.ts';
import { Answer } from '../../api/answer.ts';
import { Formats } from '../../format/formats.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { CommandList } from '../../metering/command-list.ts';
import { meterNow } from '../../metering/meter-now.ts';
import { withoutCircuit } from '../../metering/parameter-families.ts';
import { unitText } from '../../metering/unit-text.ts';
import { RelayChip } from '../../money/relay-chip.ts';
import { Notices } from '../../notices/notices.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

/** The meter mounted at a point: reachable or not, its switch, its registers and electrical values, live. */
@Component({
  selector: 'wl-meter-card',
  imports: [Answer, CommandList, Icon, RelayChip, RouterLink, TableBox],
  templateUrl: './meter-card.html',
  styleUrl: './meter-card.css',
})
export class MeterCard {
  readonly meterId = input.required<string>();
  private readonly metering = inject(MeteringApi);
  private readonly notices = inject(Notices);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  private readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly asking = signal(false);
  protected readonly now = meterNow(this.meterId);
  protected readonly state = this.now.state;

  /** Rows of the register map that no document of the maker confirms. */
  protected readonly inferred = computed(
    () =>
      new Set(
        (this.now.map()?.registers ?? [])
          .filter((register) => register.confidence === 'inferred')
          .map((register) => register.name),
      ),
  );
  /** Electrical parameters in the order and unit of the register map. */
  protected readonly parameters = computed(() => {
    const map = this.now.map();
    const order = new Map(map?.registers.map((register, index) => [register.name, index]) ?? []);
    const units = new Map(map?.registers.map((register) => [register.name, register.unit]) ?? []);
    return Object.entries(this.now.parameters())
      .sort(([a], [b]) => (order.get(withoutCircuit(a)) ?? 999) - (order.get(withoutCircuit(b)) ?? 999))
      .map(([name, value]) => ({
        inferred: this.isInferred(name),
        name: this.nameOf(name),
        value: this.formats.significant(value),
        unit: unitText(units.get(withoutCircuit(name))),
      }));
  });

  protected isInferred(name: string): boolean {
    return this.inferred().has(withoutCircuit(name));
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
      this.now.detail.reload();
    } catch (error) {
      this.notices.failed(error);
    } finally {
      this.asking.set(false);
    }
  }
}
