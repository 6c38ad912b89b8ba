// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { divideRounded } from '@wattledger/contracts';

/**
 * Charge of one slot: consumption (Wh, l, dm³) × rate (micros per kWh or m³) / 1000, rounded half away from zero to
 * whole micros. Every amount of the house is a sum of these, so that parts and wholes agree.
 */
export function chargeAmountMicros(consumption: number, rateMicros: number): number {
  const product = consumption * rateMicros;
  // Below 2^49 the quotient's neighbours (1/2000 apart) are distinct doubles, so floor cannot be misled.
  if (Math.abs(product) < 2 ** 49) {
    const magnitude = Math.floor((2 * Math.abs(product) + 1000) / 2000);
    return product < 0 && magnitude > 0 ? -magnitude : magnitude;
  }
  const amount = Number(divideRounded(BigInt(consumption) * BigInt(rateMicros), 1000n));
  assert.ok(Number.isSafeInteger(amount), 'a slot costs less than 2^53 micros');
  return amount;
}

/** What rounding added, in thousandths of a micro: amount × 1000 − consumption × rate. Within ±500. */
export function roundingMilliMicros(consumption: number, rateMicros: number, amountMicros: number): number {
  return Number(BigInt(amountMicros) * 1000n - BigInt(consumption) * BigInt(rateMicros));
}
