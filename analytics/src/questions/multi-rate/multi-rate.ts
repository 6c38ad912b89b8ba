// SPDX-License-Identifier: Apache-2.0
/** Energy and money per time-of-use period, put into rows. Pure. */
import { touPeriods, type TouPeriod } from '@wattledger/contracts';
import type { MultiRateAnswer } from '@wattledger/contracts/http/analytics';
import type { Table } from '../../csv/csv.ts';

type Row = MultiRateAnswer['rows'][number];
type Cell = Row['cells'][number];

/** What adds up in one row: by period, and in all. */
export class MultiRateSums {
  readonly #cells = new Map<
    TouPeriod,
    { consumption: number; chargedConsumption: number; amountMicros: number }
  >();
  #known = false;
  unpricedConsumption = 0;
  itemsMicros = 0;

  addEnergy(period: TouPeriod, consumption: number): void {
    this.#known = true;
    this.#cell(period).consumption += consumption;
  }

  addMoney(period: TouPeriod, consumption: number, amountMicros: number): void {
    const cell = this.#cell(period);
    cell.chargedConsumption += consumption;
    cell.amountMicros += amountMicros;
  }

  #cell(period: TouPeriod): { consumption: number; chargedConsumption: number; amountMicros: number } {
    let cell = this.#cells.get(period);
    if (cell === undefined)
      this.#cells.set(period, (cell = { consumption: 0, chargedConsumption: 0, amountMicros: 0 }));
    return cell;
  }

  get periods(): Iterable<TouPeriod> {
    return this.#cells.keys();
  }

  /** @param periods the columns of the whole answer, so that rows line up */
  answer(
    periods: readonly TouPeriod[],
  ): Pick<
    Row,
    'cells' | 'consumption' | 'chargedConsumption' | 'unpricedConsumption' | 'itemsMicros' | 'amountMicros'
  > {
    const cells = periods.map((period): Cell => ({
      period,
      ...(this.#cells.get(period) ?? { consumption: 0, chargedConsumption: 0, amountMicros: 0 }),
    }));
    return {
      cells,
      consumption: this.#known ? cells.reduce((sum, cell) => sum + cell.consumption, 0) : null,
      chargedConsumption: cells.reduce((sum, cell) => sum + cell.chargedConsumption, 0),
      unpricedConsumption: this.unpricedConsumption,
      itemsMicros: this.itemsMicros,
      amountMicros: cells.reduce((sum, cell) => sum + cell.amountMicros, 0),
    };
  }
}

/** In the order people read them: tip, peak, flat, valley, deep valley. */
export function periodsInOrder(periods: Iterable<TouPeriod>): TouPeriod[] {
  const present = new Set(periods);
  return touPeriods.filter((period) => present.has(period));
}

export function multiRateTable(answer: MultiRateAnswer): Table {
  const { unit, currency } = answer;
  const perPeriod = answer.periods.flatMap((period) => [`${period}_${unit}`, `${period}_micros_${currency}`]);
  return {
    columns: [
      'kind',
      'code',
      'name',
      'label',
      ...perPeriod,
      `consumption_${unit}`,
      `charged_${unit}`,
      `unpriced_${unit}`,
      `items_micros_${currency}`,
      `amount_micros_${currency}`,
      'slots_estimated',
      'slots_missing',
    ],
    rows: answer.rows.map((row) => [
      row.subject.kind,
      row.subject.code,
      row.subject.name,
      row.bucket?.label ?? null,
      ...row.cells.flatMap((cell) => [cell.consumption, cell.amountMicros]),
      row.consumption,
      row.chargedConsumption,
      row.unpricedConsumption,
      row.itemsMicros,
      row.amountMicros,
      row.slots.estimated,
      row.slots.missing,
    ]),
  };
}
