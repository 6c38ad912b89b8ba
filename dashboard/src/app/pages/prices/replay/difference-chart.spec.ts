// SPDX-License-Identifier: Apache-2.0
import { classesInOrder, type DifferenceClass } from './difference-chart.ts';

const edges = [-10, -2, 0, 2, 10];
const found = (
  fromPercent: number | null,
  toPercent: number | null,
  fromNothing = false,
): DifferenceClass => ({
  fromPercent,
  toPercent,
  fromNothing,
  accounts: 3,
  differenceMicros: 7,
});

describe('classes of differences', () => {
  it('stand from the least to the most, with those that nobody is in', () => {
    const classes = classesInOrder([found(2, 10), found(null, -10), found(0, 0)], edges);
    expect(classes.map((one) => [one.fromPercent, one.toPercent, one.accounts])).toEqual([
      [null, -10, 3],
      [-10, -2, 0],
      [-2, 0, 0],
      [0, 0, 3],
      [0, 2, 0],
      [2, 10, 3],
      [10, null, 0],
    ]);
  });
  it('end with those who paid nothing before, if there are any', () => {
    expect(classesInOrder([found(null, null, true)], edges).at(-1)).toMatchObject({
      fromNothing: true,
      accounts: 3,
    });
    expect(classesInOrder([], edges).at(-1)).toMatchObject({ fromNothing: false });
  });
});
