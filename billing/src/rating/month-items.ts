// SPDX-License-Identifier: Apache-2.0
/**
 * What a month costs beyond its energy: demand, fixed charges, the minimum, surcharges, taxes and rebates. A pure
 * function of one account's month at one metering point: absolute amounts, whatever the order of what it is given; what
 * is posted is the difference to what stood before. docs/decisions/0020-rating.md has the rules.
 */
import { divideRounded } from '@wattledger/contracts';
import { demandItems } from './demand-items.ts';
import { wholeMicros, type MonthInput, type MonthItem, type MonthRange } from './month-input.ts';

/** Name of the line that lifts a month to the version's minimum. */
export const minimumItemName = 'minimum';

/** A version's part of the month with what has been found of it so far. */
interface RangeItems {
  readonly range: MonthRange;
  readonly items: MonthItem[];
}

/** Items of the month whose amount is not zero, by range and in the order in which the version lists them. */
export function monthItems(input: MonthInput): readonly MonthItem[] {
  const ranges = [...input.ranges].sort((a, b) => a.fromMs - b.fromMs);
  const found = ranges.map((range): RangeItems => ({
    range,
    items: [...demandItems(range, input.daysInMonth)],
  }));
  addFixed(input, found);
  if (input.ended) addMinimum(input, found);
  for (const part of found) addAdjustments(part);
  return found.flatMap((part) => part.items.filter((item) => item.amountMicros !== 0));
}

/**
 * Fixed charges by finished days. Rounded on the running total of the month, so that a month cut into versions that ask
 * the same comes to the whole amount.
 */
function addFixed(input: MonthInput, found: readonly RangeItems[]): void {
  const days = BigInt(input.daysInMonth);
  const contractedW = BigInt(input.contractedDemandW ?? 0);
  const totals = new Map<string, bigint>();
  for (const { range, items } of found) {
    for (const fixed of range.version.terms.fixed) {
      const before = totals.get(fixed.name) ?? 0n;
      const amount =
        BigInt(fixed.amountMicros) *
        (fixed.basis === 'kw' ? contractedW : 1000n) *
        BigInt(range.daysFinished) *
        (fixed.per === 'day' ? days : 1n);
      const after = before + amount;
      totals.set(fixed.name, after);
      const whole = 1000n * days;
      items.push({
        component: 'fixed',
        item: fixed.name,
        priceVersionId: range.version.priceVersionId,
        amountMicros: wholeMicros(divideRounded(after, whole) - divideRounded(before, whole)),
        working: {
          kind: 'fixed',
          per: fixed.per,
          amountMicros: fixed.amountMicros,
          days: range.daysFinished,
          daysInMonth: input.daysInMonth,
          contractedDemandW: fixed.basis === 'kw' ? (input.contractedDemandW ?? 0) : null,
        },
      });
    }
  }
}

/** What energy, demand and fixed charges of the month lack of its minimum, in the name of the last version that asks for one. */
function addMinimum(input: MonthInput, found: readonly RangeItems[]): void {
  const asking = found.findLast(({ range }) => range.version.terms.minimumMonthMicros > 0);
  if (asking === undefined) return;
  const owed = found.reduce(
    (sum, { range }) => sum + BigInt(range.version.terms.minimumMonthMicros) * BigInt(range.days.length),
    0n,
  );
  const minimumMicros = wholeMicros(divideRounded(owed, BigInt(input.daysInMonth)));
  const chargedMicros = found.reduce(
    (sum, { range, items }) => sum + range.energy.amountMicros + sumOf(items),
    0,
  );
  asking.items.push({
    component: 'minimum',
    item: minimumItemName,
    priceVersionId: asking.range.version.priceVersionId,
    amountMicros: Math.max(0, minimumMicros - chargedMicros),
    working: { kind: 'minimum', minimumMicros, chargedMicros },
  });
}

/** Surcharges, taxes and rebates in the order of the version; each sees those before it. */
function addAdjustments({ range, items }: RangeItems): void {
  const { version, energy } = range;
  for (const adjustment of version.terms.adjustments) {
    const { basis, value } = adjustment;
    const baseMicros = adjustment.of.reduce(
      (sum, component) =>
        sum +
        (component === 'energy'
          ? energy.amountMicros
          : sumOf(items.filter((item) => item.component === component))),
      0,
    );
    const amountMicros =
      basis === 'share'
        ? wholeMicros(divideRounded(BigInt(baseMicros) * BigInt(value), 1_000_000n))
        : wholeMicros(divideRounded(BigInt(energy.consumption) * BigInt(value), 1000n));
    items.push({
      component: adjustment.component,
      item: adjustment.name,
      priceVersionId: version.priceVersionId,
      amountMicros,
      working:
        basis === 'share'
          ? { kind: 'share', baseMicros, sharePpm: value, of: adjustment.of }
          : { kind: 'unit', consumption: energy.consumption, rateMicros: value },
    });
  }
}

const sumOf = (items: readonly MonthItem[]): number =>
  items.reduce((sum, item) => sum + item.amountMicros, 0);
