// SPDX-License-Identifier: Apache-2.0
/** Decimal numbers of prices: a point or a comma is the decimal sign, nothing groups thousands. Pure. */
import { microsToDecimal } from '../../../format/money-format.ts';

/** Millionths as short as they can be written: 538000 → "0.538". */
export const decimalText = (micros: number): string => microsToDecimal(micros).replace(/\.?0+$/, '');

/** Millionths of a number as typed; null when it is none. A price of 0.538 has three decimals and means no thousands. */
export function parseDecimal(text: string, digitsMax = 6): number | null {
  const match = /^([-−]?)(\d{1,9})(?:[.,](\d*))?$/.exec(text.trim());
  if (match === null) return null;
  const [, sign, whole = '', fraction = ''] = match;
  if (fraction.length > digitsMax) return null;
  const micros = Number(whole) * 1_000_000 + Number(fraction.padEnd(6, '0'));
  return sign === '' ? micros : 0 - micros;
}
