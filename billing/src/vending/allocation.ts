// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { VendParts } from '@wattledger/contracts/http/billing';

/**
 * Parts of a vend, in order: what the balance is below zero (arrears), emergency credit used, the rest to spend.
 * The parts always sum to the amount.
 */
export function allocateVend(vend: {
  readonly amountMicros: number;
  /** Before the vend. */
  readonly balanceMicros: number;
  readonly emergencyOwedMicros: number;
}): VendParts {
  assert.ok(
    vend.amountMicros > 0 && vend.emergencyOwedMicros >= 0,
    'a vend is positive, a debt not negative',
  );
  let rest = vend.amountMicros;
  const take = (owed: number): number => {
    const part = Math.min(rest, Math.max(0, owed));
    rest -= part;
    return part;
  };
  const arrearsMicros = take(-vend.balanceMicros);
  const emergencyMicros = take(vend.emergencyOwedMicros);
  return { arrearsMicros, emergencyMicros, balanceMicros: rest };
}
