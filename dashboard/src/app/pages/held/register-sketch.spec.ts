// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import { sketchHeight, sketchOf, sketchWidth } from './register-sketch.ts';

const reading = (instantMs: number, value: number, counts = true, scaler = 0) => ({
  instantMs,
  value,
  scaler,
  counts,
});

describe('the sketch of a register', () => {
  test('spans time and value, high up where the register is high', () => {
    const { points, xOf } = sketchOf([reading(0, 90), reading(10, 100), reading(20, 0, false)]);
    expect(points.map(({ x }) => x)).toEqual([8, sketchWidth / 2, sketchWidth - 8]);
    expect(points.map(({ y }) => y)).toEqual([17.4, 8, sketchHeight - 8]);
    expect(xOf(15)).toBe(236);
  });

  test('leads the doubtful line from the last reading that counts', () => {
    const { path, doubtfulPath } = sketchOf([reading(0, 0), reading(10, 10), reading(20, 5, false)]);
    expect(path).toBe('M8 102L160 8');
    expect(doubtfulPath).toBe('M160 8L312 55');
  });

  test('compares positions, not counts, and stands a lone reading', () => {
    expect(sketchOf([reading(0, 10, true, 1), reading(1, 100, true, 0)]).points.map(({ y }) => y)).toEqual([
      102, 102,
    ]);
    expect(sketchOf([reading(5, 7)]).points).toEqual([{ x: 8, y: 102, counts: true }]);
    expect(sketchOf([]).path).toBe('');
  });
});
