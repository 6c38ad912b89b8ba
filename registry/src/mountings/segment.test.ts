// SPDX-License-Identifier: Apache-2.0
/** Goal: an overlap is found exactly when there is one. Method: random segments, compared pair by pair. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { faultsOfSegment, overlapsOf, segmentOf, spansOverlap, type MountedSegment } from './segment.ts';

const plain: MountedSegment = {
  segmentId: 'seg_a',
  meterId: 'm',
  register: 'r',
  meteringPointId: 'p',
  quantity: 'active-import',
  fromMs: 0,
  toMs: null,
  multiplierNumerator: 1,
  multiplierDenominator: 1,
  registerMax: null,
  powerMax: null,
  openingReading: null,
  closingReading: null,
};
const segmentArbitrary = fc
  .record({
    meterId: fc.constantFrom('m1', 'm2', 'm3'),
    register: fc.constantFrom('r1', 'r2'),
    meteringPointId: fc.constantFrom('p1', 'p2', 'p3'),
    fromMs: fc.nat(10),
    length: fc.option(fc.integer({ min: 1, max: 6 })),
  })
  .map(({ length, ...rest }) => ({ ...plain, ...rest, toMs: length === null ? null : rest.fromMs + length }));

const segmentsArbitrary = fc
  .array(segmentArbitrary, { maxLength: 8 })
  .map((segments) =>
    segments.map((segment, index): MountedSegment => ({ ...segment, segmentId: `seg_${index}` })),
  );

/** Instants up to the last change, one by one. */
function overlapSlowly(segments: readonly MountedSegment[]): boolean {
  for (let instant = 0; instant <= 20; instant += 1) {
    const now = segments.filter(({ fromMs, toMs }) => fromMs <= instant && (toMs === null || instant < toMs));
    if (new Set(now.map((segment) => segment.meteringPointId)).size < now.length) return true;
    if (new Set(now.map((segment) => `${segment.meterId} ${segment.register}`)).size < now.length)
      return true;
  }
  return false;
}

describe('segments', () => {
  test('overlap exactly when some instant has two at a point or two of a register', () => {
    fc.assert(
      fc.property(segmentsArbitrary, (segments) => {
        expect(overlapsOf(segments).length > 0).toBe(overlapSlowly(segments));
      }),
      { numRuns: 2000 },
    );
  });

  test('spans overlap exactly when they share an instant', () => {
    fc.assert(
      fc.property(segmentArbitrary, segmentArbitrary, (a, b) => {
        const twins = [a, b].map((segment, index) => ({
          ...segment,
          segmentId: String(index),
          meteringPointId: 'p',
        }));
        expect(spansOverlap(a, b)).toBe(overlapSlowly(twins));
      }),
    );
  });

  test('a point that counts two quantities is at fault even without an overlap', () => {
    const earlier = { ...plain, toMs: 10 };
    const later = { ...plain, segmentId: 'seg_b', fromMs: 10, quantity: 'active-export' as const };
    expect(overlapsOf([earlier, later]).map((overlap) => overlap.kind)).toEqual(['quantity-changed']);
  });

  test.each([
    ['ends before it begins', { fromMs: 5, toMs: 5 }, 'toMs'],
    ['counts another medium', { quantity: 'water-volume' }, 'quantity'],
    ['closing reading without an end', { closingReading: { value: 1, scaler: 0 } }, 'closingReading'],
    [
      'opening beyond the register',
      { registerMax: 999, openingReading: { value: 1000, scaler: 0 } },
      'openingReading',
    ],
  ] as const)('%s', (_name, change, path) => {
    expect(faultsOfSegment({ ...plain, ...change }, 'electricity').map((fault) => fault.path)).toEqual([
      path,
    ]);
  });

  test('hand readings hold at the ends of the segment', () => {
    const read = {
      ...plain,
      fromMs: 5,
      toMs: 9,
      openingReading: { value: 1, scaler: 2 },
      closingReading: { value: 3, scaler: 2 },
    };
    expect(segmentOf(read)).toMatchObject({
      openingReading: { instantMs: 5, value: 1, scaler: 2 },
      closingReading: { instantMs: 9, value: 3, scaler: 2 },
    });
  });
});
