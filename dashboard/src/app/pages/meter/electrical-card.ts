// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import { Answer } from '../../api/answer.ts';
import { Formats } from '../../format/formats.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import type { MeterNow } from '../../metering/meter-now.ts';
import {
  circuitOf,
  imbalanceOf,
  phaseTable,
  quantityScales,
  withoutCircuit,
  type PhaseRow,
} from '../../metering/parameter-families.ts';
import { unitText } from '../../metering/unit-text.ts';
import { Words } from '../../words/words.ts';

/** From here on the currents of the phases differ noticeably. */
const imbalanceShown = 0.01;

/** What the meter sees now, by quantity and phase; follows the live stream. */
@Component({
  selector: 'wl-electrical-card',
  imports: [Answer, Icon, TableBox],
  templateUrl: './electrical-card.html',
  styleUrl: './electrical-card.css',
})
export class ElectricalCard {
  readonly now = input.required<MeterNow>();
  /** Of a cabinet with many users: whose values. */
  readonly circuit = input.required<string | null>();
  readonly heading = input.required<string>();
  protected readonly formats = inject(Formats);
  private readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly scales = quantityScales;
  protected readonly table = computed(() =>
    phaseTable(
      Object.fromEntries(
        Object.entries(this.now().parameters())
          .filter(([name]) => circuitOf(name) === this.circuit())
          .map(([name, value]) => [withoutCircuit(name), value]),
      ),
    ),
  );
  protected readonly hasTotal = computed(() => this.table().rows.some(({ total }) => total !== null));
  protected readonly empty = computed(() => this.table().rows.length + this.table().rest.length === 0);
  protected readonly imbalance = computed(() => {
    const currents = this.table().rows.find(({ quantity }) => quantity === 'current');
    const share = currents === undefined ? null : imbalanceOf(currents.byPhase);
    return share === null || share < imbalanceShown ? null : share;
  });
  protected readonly rest = computed(() => {
    const registers = this.now().map()?.registers ?? [];
    return this.table().rest.map(({ name, value }) => ({
      name: this.words.nameOf('parameter.' + name, name),
      value: this.formats.significant(value),
      unit: unitText(registers.find((register) => register.name === name)?.unit),
    }));
  });

  protected written(row: PhaseRow, value: number | null): string {
    const { divisor, digits } = quantityScales[row.quantity];
    return value === null ? '–' : this.formats.decimal(value / divisor, digits);
  }

  /** Columns of `phases` only. */
  protected cells(row: PhaseRow): readonly (number | null)[] {
    return row.byPhase.filter((_, index) => this.table().phases.includes(`L${index + 1}` as 'L1'));
  }

  /** How much of the largest phase a phase has: drawn under currents and power, where balance matters. */
  protected barOf(row: PhaseRow, value: number | null): number | null {
    if (value === null || this.table().phases.length < 2) return null;
    if (row.quantity !== 'current' && row.quantity !== 'active') return null;
    const largest = Math.max(...row.byPhase.map((one) => Math.abs(one ?? 0)));
    return largest === 0 ? 0 : (100 * Math.abs(value)) / largest;
  }
}
