// SPDX-License-Identifier: Apache-2.0
/**
 * Meters that keep money in registers: a credit is written with the number of its purchase and read back. The meter's own
 * count of purchases tells whether a write whose end is not known was carried out.
 */
import type { MeterPrepayment } from './meter-prepayment.ts';

/** The meter's count has sixteen bits. */
const countsUntilAgain = 65_536;
/** Meters count hundredths. */
const microsOfStep = 10_000;

export const nextPurchaseNumber = (purchaseCount: number): number => (purchaseCount + 1) % countsUntilAgain;

export const registerPrepayment: MeterPrepayment = {
  provider: 'vendor-registers',
  refusal: ({ meterId, register }) =>
    meterId === null || register === null ? 'no meter is mounted at this metering point' : null,
  fix({ amountMicros, point: { balance } }) {
    if (amountMicros % microsOfStep !== 0)
      return { kind: 'refused', reason: 'the meter counts hundredths, and this amount is none of them' };
    if (balance === null) return { kind: 'read-first' };
    return {
      kind: 'fixed',
      fix: {
        kind: 'register-write',
        purchaseNumber: nextPurchaseNumber(balance.purchaseCount),
        purchasedBeforeMicros: balance.purchasedMicros,
      },
    };
  },
  async issue({ amountMicros, point }, fix) {
    const { register, terms } = point;
    if (fix.kind !== 'register-write' || terms.provider !== 'vendor-registers' || register === null)
      return { kind: 'refused', reason: 'no meter of registers is mounted at this metering point' };
    const { purchaseNumber, purchasedBeforeMicros } = fix;
    const { registersConfirmed } = terms;
    return {
      kind: 'register-write',
      setting: {
        kind: 'meter-credit',
        register,
        amountMicros,
        purchaseNumber,
        purchasedBeforeMicros,
        registersConfirmed,
      },
    };
  },
  confirmed: ({ amountMicros }, fix, read) =>
    fix.kind === 'register-write' &&
    read.purchaseCount === fix.purchaseNumber &&
    read.purchasedMicros === fix.purchasedBeforeMicros + amountMicros,
  readRemaining: ({ register }) => (register === null ? null : { kind: 'meter-balance', register }),
};
