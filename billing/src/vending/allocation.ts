// SPDX-License-Identifier: Apache-2.0
/** How a vend is divided: arrears by share and cap, emergency credit used, the rest to the balance. Pure. */
import assert from 'node:assert/strict';
import { divideRounded } from '@wattledger/contracts';
import type { VendParts } from '@wattledger/contracts/http/billing';

/** What an arrears agreement may take of a vend. */
export interface ArrearsRecovery {
  /** Still owed under the agreement. */
  readonly owedMicros: number;
  /** Share of the vend, parts per million. */
  readonly sharePpm: number;
  readonly capPerVendMicros: number | null;
  /** What this local month's cap leaves; null: no cap. */
  readonly monthLeftMicros: number | null;
}

const millionth = 1_000_000n;

/** What of a vend goes to the arrears: the share, never more than a cap leaves or than is owed. */
export function arrearsPart(amountMicros: number, recovery: ArrearsRecovery): number {
  const share = Number(divideRounded(BigInt(amountMicros) * BigInt(recovery.sharePpm), millionth));
  const limits = [share, recovery.owedMicros, recovery.capPerVendMicros, recovery.monthLeftMicros];
  return Math.max(0, Math.min(...limits.filter((limit) => limit !== null)));
}

/**
 * Parts of a vend, in order: arrears under an agreement, emergency credit used, the rest to the balance (where it first
 * fills what the balance is below zero). The parts always sum to the amount.
 */
export function allocateVend(vend: {
  readonly amountMicros: number;
  /** Null: no agreement. */
  readonly arrears: ArrearsRecovery | null;
  readonly emergencyOwedMicros: number;
}): VendParts {
  assert.ok(
    vend.amountMicros > 0 && vend.emergencyOwedMicros >= 0,
    'a vend is positive, a debt not negative',
  );
  const arrearsMicros = vend.arrears === null ? 0 : arrearsPart(vend.amountMicros, vend.arrears);
  const emergencyMicros = Math.min(vend.amountMicros - arrearsMicros, vend.emergencyOwedMicros);
  return {
    arrearsMicros,
    emergencyMicros,
    balanceMicros: vend.amountMicros - arrearsMicros - emergencyMicros,
  };
}

/** Of an emergency credit, what the balance has used: it is the first part below zero. */
export const emergencyUsed = (creditMicros: number, balanceMicros: number): number =>
  Math.min(creditMicros, Math.max(0, -balanceMicros));
