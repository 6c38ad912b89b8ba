// SPDX-License-Identifier: Apache-2.0
/** Arithmetic with unknowns. Null is "not known", never zero. */
import type { Figure } from '@wattledger/contracts/http/analytics';

export type Known = number | null;

/** Sum of what is known; null when nothing is. */
export function sumKnown(values: Iterable<Known>): Known {
  let sum: Known = null;
  for (const value of values) if (value !== null) sum = (sum ?? 0) + value;
  return sum;
}

/** a / b to nine digits after the point; null where either is unknown or b is zero. */
export function ratioOf(a: Known, b: Known): number | null {
  if (a === null || b === null || b === 0) return null;
  const ratio = Math.round((a / b) * 1e9) / 1e9;
  return Object.is(ratio, -0) ? 0 : ratio;
}

export function figureOf(consumption: Known, samePart: Known, before: Known): Figure {
  const change = samePart === null || before === null ? null : samePart - before;
  return { consumption, samePart, before, change, changeShare: ratioOf(change, before) };
}

/** Figures of parts make the figure of the whole. */
export function sumFigures(figures: readonly Figure[]): Figure {
  return figureOf(
    sumKnown(figures.map((figure) => figure.consumption)),
    sumKnown(figures.map((figure) => figure.samePart)),
    sumKnown(figures.map((figure) => figure.before)),
  );
}
