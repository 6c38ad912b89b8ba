// SPDX-License-Identifier: Apache-2.0
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { allocateVend } from './allocation.ts';

test('parts sum to the amount; debts come first, and none is overpaid', () => {
  const money = fc.integer({ min: 1, max: 10 ** 12 });
  fc.assert(
    fc.property(
      money,
      fc.integer({ min: -(10 ** 12), max: 10 ** 12 }),
      fc.nat(10 ** 9),
      (amountMicros, balanceMicros, emergencyOwedMicros) => {
        const parts = allocateVend({ amountMicros, balanceMicros, emergencyOwedMicros });
        const { arrearsMicros, emergencyMicros } = parts;
        expect(arrearsMicros + emergencyMicros + parts.balanceMicros).toBe(amountMicros);
        expect(Math.min(arrearsMicros, emergencyMicros, parts.balanceMicros)).toBeGreaterThanOrEqual(0);
        expect(arrearsMicros).toBe(Math.min(amountMicros, Math.max(0, -balanceMicros)));
        if (parts.balanceMicros > 0) expect(emergencyMicros).toBe(emergencyOwedMicros);
      },
    ),
  );
});
