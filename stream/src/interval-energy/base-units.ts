// SPDX-License-Identifier: Apache-2.0
/** Register counts → whole base units (Wh, l, dm³), before any subtraction, so that differences telescope. */
import { divideRounded } from '@wattledger/contracts';

/** value × factor / divisor: 10^scaler and the multiplier in one fraction of whole numbers. */
export interface UnitScale {
  readonly factor: number;
  readonly divisor: number;
}

/**
 * The scale of a register with `scaler` behind a CT × PT ratio of numerator / denominator.
 * @throws RangeError when the fraction leaves ±2^53: no transformer has such a ratio
 */
export function unitScaleOf(scaler: number, numerator: number, denominator: number): UnitScale {
  const factor = scaler > 0 ? numerator * 10 ** scaler : numerator;
  const divisor = scaler < 0 ? denominator * 10 ** -scaler : denominator;
  if (!Number.isSafeInteger(factor) || !Number.isSafeInteger(divisor) || divisor <= 0) {
    throw new RangeError(`multiplier ${numerator}/${denominator} with scaler ${scaler} is beyond ±2^53`);
  }
  return { factor, divisor };
}

/** Whole base units of a register value, rounded half away from zero; NaN when they would leave ±2^53. */
export function baseUnitsOf(value: number, scale: UnitScale): number {
  const product = value * scale.factor;
  if (!Number.isSafeInteger(product)) return exactBaseUnits(value, scale);
  if (scale.divisor === 1) return product;
  return roundedQuotient(product, scale.divisor);
}

function exactBaseUnits(value: number, scale: UnitScale): number {
  const units = Number(divideRounded(BigInt(value) * BigInt(scale.factor), BigInt(scale.divisor)));
  return Number.isSafeInteger(units) ? units : Number.NaN;
}

/** numerator / denominator rounded half away from zero, for safe integers and a positive denominator. */
export function roundedQuotient(numerator: number, denominator: number): number {
  // The remainder and the division of a multiple are exact in doubles; a plain division is not.
  const remainder = numerator % denominator;
  const quotient = (numerator - remainder) / denominator;
  const magnitude = remainder < 0 ? -remainder : remainder;
  // Not 2 × magnitude: that could leave the safe range.
  if (magnitude < denominator - magnitude) return quotient;
  return numerator < 0 ? quotient - 1 : quotient + 1;
}
