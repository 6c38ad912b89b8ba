// SPDX-License-Identifier: Apache-2.0
/** Branded integers. A number carries its unit in its type, so that Wh are never added to micros. */

declare const unit: unique symbol;
type Branded<Unit extends string> = number & { readonly [unit]: Unit };

/** Whole watt-hours. */
export type EnergyWh = Branded<'Wh'>;
/** Whole watts. */
export type PowerW = Branded<'W'>;
/**
 * Whole base units of a metering point's quantity: Wh for electricity, litres for water, dm³ for gas.
 * Slots, rollups and charges count in these, whatever the medium.
 */
export type Consumption = Branded<'consumption'>;
/** Money: whole 10⁻⁶ of the project's currency. */
export type Micros = Branded<'micros'>;
/** Milliseconds since 1970-01-01T00:00:00Z. */
export type InstantMs = Branded<'instantMs'>;

function whole(value: number, name: string): number {
  if (!Number.isSafeInteger(value))
    throw new RangeError(`${name} must be a whole number within ±2^53, got ${value}`);
  return value;
}

export const energyWh = (value: number): EnergyWh => whole(value, 'energyWh') as EnergyWh;
export const powerW = (value: number): PowerW => whole(value, 'powerW') as PowerW;
export const consumption = (value: number): Consumption => whole(value, 'consumption') as Consumption;
export const micros = (value: number): Micros => whole(value, 'micros') as Micros;
export const instantMs = (value: number): InstantMs => whole(value, 'instantMs') as InstantMs;

/** The quantities a metering point can count; each has one base unit. */
export const quantities = ['active-import', 'active-export', 'water-volume', 'gas-volume'] as const;
export type Quantity = (typeof quantities)[number];
export const baseUnitOf: Readonly<Record<Quantity, 'Wh' | 'l' | 'dm3'>> = {
  'active-import': 'Wh',
  'active-export': 'Wh',
  'water-volume': 'l',
  'gas-volume': 'dm3',
};

/** The medium of a metering point. */
export const media = ['electricity', 'water', 'gas'] as const;
export type Medium = (typeof media)[number];

/**
 * numerator / denominator rounded half away from zero: the one rounding rule of the house. Exact for any safe
 * integers because it works in BigInt when the product could leave the safe range.
 * @throws RangeError when the denominator is not positive
 */
export function divideRounded(numerator: bigint, denominator: bigint): bigint {
  if (denominator <= 0n) throw new RangeError('denominator must be positive');
  const doubled = 2n * (numerator < 0n ? -numerator : numerator) + denominator;
  const magnitude = doubled / (2n * denominator);
  return numerator < 0n ? -magnitude : magnitude;
}
