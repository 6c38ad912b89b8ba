// SPDX-License-Identifier: Apache-2.0
import { amountFor, boughtFor, daysFor } from './bought.ts';

describe('what money buys', () => {
  it('goes both ways, rounded up to the smallest coin', () => {
    expect(boughtFor(10_000_000, 500_000)).toBe(20);
    expect(amountFor(20, 500_000, 2)).toBe(10_000_000);
    expect(amountFor(1, 333_333, 2)).toBe(340_000);
    expect(amountFor(3, 25_500_000, 0)).toBe(77_000_000);
  });
  it('says nothing where nothing is known', () => {
    expect(boughtFor(10, null)).toBeNull();
    expect(boughtFor(null, 10)).toBeNull();
    expect(daysFor(10_000_000, null)).toBeNull();
    expect(daysFor(10_000_000, 3_000_000)).toBe(3);
  });
});
