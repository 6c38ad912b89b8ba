// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import { usualRule, type DetectedAlarmKind } from '@wattledger/contracts';
import type { Verdict } from './episode.ts';
import {
  judgeAbnormal,
  judgeOverConsumption,
  judgeVolume,
  medianOf,
  type PointDay,
  type PointDays,
} from './judge-days.ts';
import { telemetryRules, type Parameters } from './judge-telemetry.ts';
import { judgeLoss } from './loss-alarms.ts';

const thresholds = (kind: DetectedAlarmKind, more: Record<string, number> = {}) => ({
  ...usualRule(kind).thresholds,
  ...more,
});

describe('telemetry', () => {
  const of = (kind: keyof typeof telemetryRules, parameters: Parameters, more: Record<string, number> = {}) =>
    telemetryRules[kind](parameters, thresholds(kind, more));

  test('overload, by power or by the worst phase', () => {
    const power = (powerW: number) =>
      of('overload', { 'power.active.total': powerW }, { powerW: 5000 })?.verdict;
    expect([power(5001), power(4800), power(4500)]).toEqual(['bad', 'between', 'good']);
    const current = of('overload', { 'current.l1': 10, 'current.l2': 66 }, { currentA: 60 });
    expect(current).toEqual({ verdict: 'bad', facts: { phase: 'L2', currentA: '66', limit: '60' } });
    // No limit: whatever was raised ends.
    expect(of('overload', { 'power.active.total': 1e9 })?.verdict).toBe('good');
    expect(of('overload', { 'voltage.l1': 230 }, { powerW: 1 })).toBeNull();
  });
  test('overload: where the scheme has no limit, that of the mounting, of each circuit its own', () => {
    const limits = { usualPowerW: 3000, 'circuit4.usualPowerW': 1000 };
    expect(of('overload', { 'power.active.total': 3100 }, limits)?.verdict).toBe('bad');
    expect(of('overload', { 'power.active.total': 3100 }, { ...limits, powerW: 4000 })?.verdict).toBe('good');
    const circuits = { 'circuit3.power.active.total': 9000, 'circuit4.power.active.total': 1100 };
    expect(of('overload', circuits, limits)).toMatchObject({
      verdict: 'bad',
      facts: { circuit: '4', limit: '1000' },
    });
  });
  test('a phase without voltage; a circuit of a cabinet is named', () => {
    expect(of('voltage-loss', { 'voltage.l1': 231, 'voltage.l2': 3, 'voltage.l3': 230 })).toMatchObject({
      verdict: 'bad',
      facts: { phase: 'L2', voltageV: '3' },
    });
    expect(of('voltage-loss', { 'circuit4.voltage.l1': 0 })).toMatchObject({ facts: { circuit: '4' } });
    expect(of('voltage-loss', { 'voltage.l1': 170 })?.verdict).toBe('between');
    expect(of('voltage-loss', {})).toBeNull();
  });
  test('reverse flow: all of it, or one phase against the others', () => {
    expect(of('reverse-flow', { 'power.active.total': -800 })).toMatchObject({
      verdict: 'bad',
      facts: { cause: 'reverse-power' },
    });
    const turned = { 'power.active.l1': 900, 'power.active.l2': -870, 'power.active.l3': 910 };
    expect(of('reverse-flow', turned)).toMatchObject({ facts: { cause: 'phase-reversed', phase: 'L2' } });
    expect(of('reverse-flow', { 'power.active.total': -10 })?.verdict).toBe('good');
  });
  test('imbalance counts only where there is current', () => {
    const currents = (l1: number, l2: number, l3: number) =>
      of('phase-imbalance', { 'current.l1': l1, 'current.l2': l2, 'current.l3': l3 })?.verdict;
    expect([currents(30, 10, 10), currents(1, 0, 0), currents(10, 10, 11)]).toEqual(['bad', 'good', 'good']);
    expect(of('phase-imbalance', { 'current.l1': 30 })).toBeNull();
  });
  test('the clock', () => {
    const drift = (seconds: number): Verdict | undefined =>
      of('clock-drift', { 'clock.driftSeconds': seconds })?.verdict;
    expect([drift(-121), drift(90), drift(60)]).toEqual(['bad', 'between', 'good']);
  });
});

describe('days', () => {
  const day = (index: number, consumption: number, more: Partial<PointDay> = {}): PointDay => ({
    localDay: `2026-03-${String(index + 1).padStart(2, '0')}`,
    consumption,
    nightConsumption: Math.round(consumption / 10),
    nightSlots: 8,
    nightMovedSlots: 5,
    nightSlotsOfDay: 8,
    slots: 48,
    slotsOfDay: 48,
    ...more,
  });
  const usual = Array.from({ length: 24 }, (_, index) => day(index, 10_000 + (index % 3) * 300));
  const point = (today: number, more: Partial<PointDays> = {}): PointDays => ({
    days: [...usual, day(24, today, { slots: 20 })],
    standingHours: 0,
    ...more,
  });

  test('over-consumption against a limit and against the usual', () => {
    const over = (today: number, more: Record<string, number> = {}) =>
      judgeOverConsumption(point(today), thresholds('over-consumption', more)).verdict;
    expect([over(29_000), over(31_500)]).toEqual(['good', 'bad']);
    expect(over(12_001, { dayWh: 12_000 })).toBe('bad');
    expect(over(31_500, { timesUsual: 0 })).toBe('good');
    const young = { days: [...usual.slice(0, 5), day(5, 90_000)], standingHours: 0 };
    expect(judgeOverConsumption(young, thresholds('over-consumption')).verdict).toBe('good');
  });
  test('a sudden change of a whole day, up or down, is told with its day', () => {
    const change = (consumption: number) =>
      judgeAbnormal(
        { days: [...usual, day(24, consumption), day(25, 100, { slots: 1 })], standingHours: 0 },
        thresholds('abnormal-consumption'),
      );
    expect(change(10_400).verdict).toBe('good');
    expect(change(25_000)).toMatchObject({
      verdict: 'bad',
      facts: { cause: 'sudden-change', localDay: '2026-03-25' },
    });
    expect(change(1_000).verdict).toBe('bad');
  });
  test('a Saturday is compared with Saturdays, and a young point with nothing', () => {
    const weekly = Array.from({ length: 27 }, (_, index) => day(index, index % 7 < 5 ? 10_000 : 2_000));
    const newest = (index: number) =>
      judgeAbnormal(
        { days: [...weekly.slice(0, index + 1), day(index + 1, 0, { slots: 1 })], standingHours: 0 },
        thresholds('abnormal-consumption'),
      ).verdict;
    expect([newest(25), newest(26)]).toEqual(['good', 'good']);
    const young = {
      days: [...usual.slice(0, 12), day(12, 90_000), day(13, 0, { slots: 1 })],
      standingHours: 0,
    };
    expect(judgeAbnormal(young, thresholds('abnormal-consumption')).verdict).toBe('good');
  });
  test('water that never stops at night is a leak after three nights; one quiet or unknown night ends the count', () => {
    const flowing = { nightMovedSlots: 8, nightConsumption: 60 };
    const leaky = (nights: readonly Partial<PointDay>[]) =>
      judgeVolume(
        {
          days: [...usual, ...nights.map((more, at) => day(24 + at, 400, more)), day(27, 10, { slots: 3 })],
          standingHours: 0,
        },
        thresholds('abnormal-consumption'),
      );
    expect(leaky([flowing, flowing, flowing])).toEqual({
      verdict: 'bad',
      facts: { cause: 'night-flow', nights: '3', nightL: '60' },
    });
    expect(leaky([flowing, flowing, {}]).verdict).toBe('good');
    expect(leaky([flowing, { ...flowing, nightSlots: 4, nightMovedSlots: 4 }, flowing]).verdict).toBe('good');
    expect(leaky([{}, flowing, flowing]).verdict).toBe('good');
  });
  test('a water meter that stands still, whose usual is in litres', () => {
    const litres = usual.map((each) => ({ ...each, consumption: 300 }));
    const still = { days: [...litres, day(24, 0), day(25, 0)], standingHours: 30 };
    expect(judgeVolume(still, thresholds('abnormal-consumption'))).toEqual({
      verdict: 'bad',
      facts: { cause: 'standing-still', hours: '30', usualL: '300' },
    });
    expect(judgeVolume(still, thresholds('abnormal-consumption', { usualLMin: 500 })).verdict).toBe('good');
  });
  test('night use beyond the usual nights', () => {
    const nights = [...usual, day(24, 10_500, { nightConsumption: 6_000 }), day(25, 0, { slots: 1 })];
    const found = judgeAbnormal({ days: nights, standingHours: 0 }, thresholds('abnormal-consumption'));
    expect(found).toMatchObject({ verdict: 'bad', facts: { cause: 'night-use' } });
  });
  test('standing still, where it usually moves', () => {
    const limits = thresholds('abnormal-consumption', { deviations: 0 });
    expect(judgeAbnormal(point(0, { standingHours: 25 }), limits)).toMatchObject({
      verdict: 'bad',
      facts: { cause: 'standing-still', hours: '25' },
    });
    expect(judgeAbnormal(point(0, { standingHours: 5 }), limits).verdict).toBe('good');
    const lazy = { days: [...usual.slice(0, 23), day(23, 0), day(24, 0)], standingHours: 25 };
    expect(
      judgeAbnormal(
        { ...lazy, days: lazy.days.map((one, index) => (index === 4 ? { ...one, consumption: 0 } : one)) },
        limits,
      ).verdict,
    ).toBe('good');
  });
  test('the median', () => {
    expect([medianOf([3, 1, 2]), medianOf([4, 1, 3, 2]), medianOf([])]).toEqual([2, 2.5, 0]);
  });
});

test('losses beyond the limits, and children that take more than their parent', () => {
  const loss = (input: number, children: number): Verdict =>
    judgeLoss(
      { pointId: 'p', localDay: '2026-03-01', input, children, childCount: 2 },
      thresholds('energy-not-closing'),
    ).verdict;
  expect([
    loss(100_000, 75_000),
    loss(100_000, 81_000),
    loss(100_000, 95_000),
    loss(100_000, 106_000),
  ]).toEqual(['bad', 'between', 'good', 'bad']);
  expect(loss(500, 0)).toBe('good');
});
