// SPDX-License-Identifier: Apache-2.0
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { allocatePot } from './allocate-pot.ts';

const lines = fc.uniqueArray(
  fc.record({
    key: fc.string({ minLength: 1, maxLength: 6 }),
    weight: fc.bigInt({ min: 0n, max: 10n ** 14n }),
  }),
  { minLength: 1, maxLength: 200, selector: (line) => line.key },
);
const pot = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

test('Σ lines = pot exactly, no share is negative, each is within a micro of the exact one', () => {
  fc.assert(
    fc.property(pot, lines, (potMicros, weighted) => {
      const sum = weighted.reduce((total, { weight }) => total + weight, 0n);
      const amounts = allocatePot(potMicros, weighted);
      const total = [...amounts.values()].reduce((all, amount) => all + BigInt(amount), 0n);
      expect(total).toBe(sum === 0n ? 0n : BigInt(potMicros));
      for (const { key, weight } of weighted) {
        const amount = BigInt(amounts.get(key) ?? -1);
        expect(amount).toBeGreaterThanOrEqual(0n);
        if (sum === 0n) continue;
        const difference = amount * sum - BigInt(potMicros) * weight;
        expect(difference < sum && difference > -sum).toBe(true);
        if (weight === 0n) expect(amount).toBe(0n);
      }
    }),
  );
});

test('the order of the lines changes no amount', () => {
  fc.assert(
    fc.property(
      pot,
      lines.chain((weighted) =>
        fc.tuple(fc.constant(weighted), fc.shuffledSubarray(weighted, { minLength: weighted.length })),
      ),
      (potMicros, [weighted, shuffled]) => {
        const sorted = (amounts: ReadonlyMap<string, number>) =>
          [...amounts].sort(([a], [b]) => (a < b ? -1 : 1));
        expect(sorted(allocatePot(potMicros, shuffled))).toEqual(sorted(allocatePot(potMicros, weighted)));
      },
    ),
  );
});

test('ties go to the smaller key', () => {
  const equal = ['c', 'a', 'b'].map((key) => ({ key, weight: 1n }));
  expect(Object.fromEntries(allocatePot(100, equal))).toEqual({ a: 34, b: 33, c: 33 });
  expect(Object.fromEntries(allocatePot(101, equal))).toEqual({ a: 34, b: 34, c: 33 });
});
