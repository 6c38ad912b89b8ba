// SPDX-License-Identifier: Apache-2.0
/** Goal: times of a point never overlap, whatever is changed. Method: random changes against a naive line of instants. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  openTime,
  timeAt,
  withDemandFrom,
  withoutFrom,
  withSchemeFrom,
  withTermsFrom,
  type PointTerms,
  type PointTime,
} from './point-times.ts';

const instants = 12;
const at = fc.integer({ min: 0, max: instants - 1 });
const scheme = fc.constantFrom('s1', 's2', 's3');
const demand = fc.constantFrom(null, 1000, 2000);
const step = fc.oneof(
  fc.record({ kind: fc.constant('bind' as const), at, scheme, demand }),
  fc.record({ kind: fc.constant('scheme' as const), at, scheme }),
  fc.record({ kind: fc.constant('demand' as const), at, demand }),
  fc.record({ kind: fc.constant('end' as const), at }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What holds at each instant. */
type Line = readonly (PointTerms | null)[];

function naive(line: Line, item: Step): Line {
  return line.map((terms, instant) => {
    if (instant < item.at) return terms;
    switch (item.kind) {
      case 'bind':
        return { priceSchemeId: item.scheme, contractedDemandW: item.demand };
      case 'end':
        return null;
      case 'scheme':
        return terms === null ? null : { ...terms, priceSchemeId: item.scheme };
      case 'demand':
        return terms === null ? null : { ...terms, contractedDemandW: item.demand };
    }
  });
}

function changed(times: readonly PointTime[], item: Step): readonly PointTime[] {
  switch (item.kind) {
    case 'bind':
      return withTermsFrom(times, item.at, { priceSchemeId: item.scheme, contractedDemandW: item.demand });
    case 'end':
      return withoutFrom(times, item.at);
    case 'scheme':
      return withSchemeFrom(times, item.at, item.scheme);
    case 'demand':
      return withDemandFrom(times, item.at, item.demand);
  }
}

const termsAt = (times: readonly PointTime[], instant: number): PointTerms | null => {
  const time = timeAt(times, instant);
  return time === undefined
    ? null
    : { priceSchemeId: time.priceSchemeId, contractedDemandW: time.contractedDemandW };
};

describe('times of a point', () => {
  test('say at every instant what was said last of it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let times: readonly PointTime[] = [];
        let line: Line = Array.from({ length: instants }, () => null);
        for (const item of steps) {
          times = changed(times, item);
          line = naive(line, item);
          expect(line.map((_, instant) => termsAt(times, instant))).toEqual(line);
          const inOrder = times.every(
            (time, index) => index === 0 || (times[index - 1]?.closedAtMs ?? Infinity) <= time.openedAtMs,
          );
          expect(inOrder).toBe(true);
          expect(openTime(times) === undefined).toBe(line.at(-1) === null);
        }
      }),
    );
  });

  test('a change and its opposite leave no trace', () => {
    const times: readonly PointTime[] = [
      { priceSchemeId: 's1', contractedDemandW: null, openedAtMs: 0, closedAtMs: null },
    ];
    expect(withSchemeFrom(withSchemeFrom(times, 5, 's2'), 5, 's1')).toEqual(times);
    expect(withDemandFrom(withDemandFrom(times, 5, 1000), 5, null)).toEqual(times);
    const back = withTermsFrom(withoutFrom(times, 5), 5, { priceSchemeId: 's1', contractedDemandW: null });
    expect(back).toEqual(times);
  });

  test('a point taken away at its own beginning stays for no time, because charges may name it', () => {
    const times = withTermsFrom([], 5, { priceSchemeId: 's1', contractedDemandW: null });
    expect(withoutFrom(times, 5)).toEqual([
      { priceSchemeId: 's1', contractedDemandW: null, openedAtMs: 5, closedAtMs: 5 },
    ]);
  });
});
