// SPDX-License-Identifier: Apache-2.0
import { combineAsOf } from './combine-as-of.ts';
import { freshnessOf, qualityShares } from './quality-shares.ts';

const asOf = {
  asOfMs: 1000,
  slotsMeasured: 90,
  slotsEstimated: 6,
  slotsEdited: 1,
  slotsMissing: 3,
  points: 2,
  pointsStale: 1,
};

test('shares of the slots asked about; nothing asked is nothing claimed', () => {
  expect(qualityShares(asOf)).toEqual({
    slots: 100,
    measured: 0.9,
    estimated: 0.06,
    edited: 0.01,
    missing: 0.03,
  });
  expect(qualityShares({ slotsMeasured: 0, slotsEstimated: 0, slotsEdited: 0, slotsMissing: 0 })).toEqual({
    slots: 0,
    measured: 0,
    estimated: 0,
    edited: 0,
    missing: 0,
  });
});

test('several answers are as fresh as the one furthest behind', () => {
  expect(combineAsOf([asOf, { ...asOf, asOfMs: 500 }])).toEqual({
    asOfMs: 500,
    slotsMeasured: 180,
    slotsEstimated: 12,
    slotsEdited: 2,
    slotsMissing: 6,
    points: 4,
    pointsStale: 2,
  });
  expect(combineAsOf([{ ...asOf, asOfMs: null }, asOf])?.asOfMs).toBe(1000);
  expect(combineAsOf([])).toBeNull();
});

test('freshness', () => {
  const now = 100 * 3_600_000;
  expect(freshnessOf(now - 60_000, now)).toBe('fresh');
  expect(freshnessOf(now - 2 * 3_600_000, now)).toBe('late');
  expect(freshnessOf(now - 30 * 3_600_000, now)).toBe('stale');
  expect(freshnessOf(null, now)).toBe('none');
});
