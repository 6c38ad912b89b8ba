// SPDX-License-Identifier: Apache-2.0
/** Charges of an account by day or month, absolute, from the summed days. */
import type { Medium, TouPeriod } from '@wattledger/contracts';
import type { ChargeComponent, ChargeRow, Charges } from '@wattledger/contracts/http/billing';
import type { Queryable } from '@wattledger/platform';
import type { DayLine } from './rate-slot-day.ts';

export interface ChargesQuestion {
  readonly projectId: string;
  readonly accountId: string;
  readonly meteringPointId: string | null;
  readonly fromDay: string;
  readonly toDay: string;
  readonly grain: 'day' | 'month';
}

interface DayRow {
  readonly local_day: string;
  readonly metering_point_id: string;
  readonly medium: Medium;
  readonly lines: readonly StoredLine[];
}

/** A line as it is kept: of energy, component and item are left out. */
type StoredLine = Pick<
  DayLine,
  'period' | 'priceVersionId' | 'unpricedReason' | 'consumption' | 'amountMicros'
> &
  Partial<Pick<DayLine, 'component' | 'item'>>;

export async function loadCharges(
  queryable: Queryable,
  question: ChargesQuestion,
): Promise<Pick<Charges, 'rows' | 'totals'>> {
  const { rows } = await queryable.query<DayRow>(
    `SELECT day.local_day, day.metering_point_id, day.medium, day.lines
       FROM billing.charge_days AS day
      WHERE day.account_id = $1 AND day.project_id = $2 AND day.local_day BETWEEN $3::date AND $4::date
        AND ($5::text IS NULL OR day.metering_point_id = $5)
      ORDER BY day.local_day, day.medium, day.metering_point_id, day.segment_id`,
    [question.accountId, question.projectId, question.fromDay, question.toDay, question.meteringPointId],
  );
  return sumCharges(
    rows.map((row) => ({
      ...row,
      span: question.grain === 'day' ? row.local_day : row.local_day.slice(0, 7),
    })),
  );
}

type MutableRow = { -readonly [K in keyof ChargeRow]: ChargeRow[K] };

/** Sums the lines of the days by span and metering point. */
export function sumCharges(
  days: readonly (Omit<DayRow, 'local_day'> & { readonly span: string })[],
): Pick<Charges, 'rows' | 'totals'> {
  const rows = new Map<string, MutableRow>();
  const totals = new Map<Medium, Charges['totals'][number]>();
  for (const day of days) {
    const key = `${day.span}/${day.metering_point_id}`;
    let row = rows.get(key);
    if (row === undefined) {
      row = {
        span: day.span,
        meteringPointId: day.metering_point_id,
        medium: day.medium,
        consumption: 0,
        amountMicros: 0,
        unpricedConsumption: 0,
        periods: [],
        items: [],
      };
      rows.set(key, row);
    }
    let total = totals.get(day.medium);
    if (total === undefined)
      totals.set(
        day.medium,
        (total = { medium: day.medium, consumption: 0, amountMicros: 0, unpricedConsumption: 0 }),
      );
    for (const line of day.lines) {
      for (const sum of [row, total]) {
        sum.amountMicros += line.amountMicros;
        if (line.priceVersionId === null) sum.unpricedConsumption += line.consumption;
        else sum.consumption += line.consumption;
      }
      if (line.period !== null && line.priceVersionId !== null)
        addPeriod(row, line.period, line.priceVersionId, line);
      if (line.component !== undefined && line.priceVersionId !== null)
        addItem(row, line.component, line.item ?? '', { ...line, priceVersionId: line.priceVersionId });
    }
  }
  return { rows: [...rows.values()], totals: [...totals.values()] };
}

function addItem(
  row: MutableRow,
  component: ChargeComponent,
  item: string,
  { priceVersionId, amountMicros }: { readonly priceVersionId: string; readonly amountMicros: number },
): void {
  const found = row.items.find(
    (candidate) => candidate.item === item && candidate.priceVersionId === priceVersionId,
  );
  if (found === undefined) row.items.push({ component, item, priceVersionId, amountMicros });
  else found.amountMicros += amountMicros;
}

function addPeriod(row: MutableRow, period: TouPeriod, priceVersionId: string, line: StoredLine): void {
  const found = row.periods.find(
    (candidate) => candidate.period === period && candidate.priceVersionId === priceVersionId,
  );
  if (found === undefined) {
    row.periods.push({
      period,
      priceVersionId,
      consumption: line.consumption,
      amountMicros: line.amountMicros,
    });
    return;
  }
  found.consumption += line.consumption;
  found.amountMicros += line.amountMicros;
}
