// SPDX-License-Identifier: Apache-2.0
/** A register reading with its value in whole base units of the metering point: what the fold works on. */
export interface UnitReading {
  readonly instantMs: number;
  /** Register counts as read. */
  readonly value: number;
  readonly scaler: number;
  /** Code, of the span that ends here. */
  readonly quality: number;
  /** NaN when the value leaves ±2^53 base units. */
  readonly baseUnits: number;
}

/** The same register position, even when written with another scaler (10 × 10¹ = 100 × 10⁰). */
export function sameValue(
  a: { readonly value: number; readonly scaler: number },
  b: { readonly value: number; readonly scaler: number },
): boolean {
  if (a.scaler === b.scaler) return a.value === b.value;
  const [coarse, fine] = a.scaler > b.scaler ? [a, b] : [b, a];
  return BigInt(coarse.value) * 10n ** BigInt(coarse.scaler - fine.scaler) === BigInt(fine.value);
}
