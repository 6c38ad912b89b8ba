// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createLoadModel, type LoadProfile } from './load-model.ts';
import { createSummedFlow, createSwitchedFlow } from './metered-flow.ts';
import { createLocalDayLine, dayOfIso, halfHourMs, isoOfDay } from './local-day-line.ts';
import { dayKindOf } from './day-kinds.ts';
import { loadKinds } from './load-shapes.ts';
import { darkMinutesOf, meanTemperatureTenths } from './climate.ts';

const days = createLocalDayLine('Asia/Shanghai');
const firstDay = dayOfIso('2024-11-01');
const site = { days, climateSeed: 7 };
/** One for all: the weights of a day are worked out once per kind. */
const model = createLoadModel(site, firstDay);
const profiles: fc.Arbitrary<LoadProfile> = fc.record({
  kind: fc.constantFrom(...loadKinds),
  dayConsumption: fc.integer({ min: 1, max: 40_000_000 }),
  seed: fc.integer({ min: 0, max: 0x7fffffff }),
});
const dayNumbers = fc.integer({ min: firstDay, max: firstDay + 760 });
const instants = fc.integer({ min: days.startMsOf(firstDay), max: days.startMsOf(firstDay + 760) });

describe('load model', () => {
  it('shares a day out over its half-hours without rest, never below zero, in whole units', () => {
    fc.assert(
      fc.property(profiles, dayNumbers, (profile, day) => {
        const curve = model.curve(profile);
        const flowed = new Float64Array(64);
        const count = curve.fillDay(day, flowed);
        expect(count).toBe(48);
        expect(flowed[count]).toBe(curve.consumptionOfDay(day));
        const steps = Array.from(
          flowed.subarray(1, count + 1),
          (value, index) => value - (flowed[index] as number),
        );
        expect(steps.filter((step) => !Number.isSafeInteger(step) || step < 0)).toEqual([]);
      }),
    );
  });

  it('is one function of the instant: the same read by day, by half-hour or at once, and it never falls', () => {
    fc.assert(
      fc.property(profiles, fc.array(instants, { minLength: 2, maxLength: 12 }), (profile, unsorted) => {
        const sorted = unsorted.toSorted((a, b) => a - b);
        const forwards = model.curve(profile);
        const backwards = model.curve(profile);
        const up = sorted.map((instant) => forwards.consumedUntil(instant));
        const down = sorted
          .toReversed()
          .map((instant) => backwards.consumedUntil(instant))
          .toReversed();
        expect(up).toEqual(down);
        for (const [index, value] of up.entries())
          if (index > 0) expect(value).toBeGreaterThanOrEqual(up[index - 1] as number);
        const day = days.dayAt(sorted[0] as number);
        const flowed = new Float64Array(64);
        forwards.fillDay(day, flowed);
        for (const halfHour of [0, 1, 17, 47, 48]) {
          const read = forwards.consumedUntil(days.startMsOf(day) + halfHour * halfHourMs);
          expect(read - forwards.consumedBefore(day)).toBe(flowed[halfHour]);
        }
      }),
    );
  });

  it('draws differ between seeds, and the same seed gives the same year', () => {
    const year = (seed: number): readonly number[] => {
      const curve = model.curve({ kind: 'shop', dayConsumption: 80_000, seed });
      return Array.from({ length: 365 }, (_, index) => curve.consumptionOfDay(firstDay + index));
    };
    expect(year(3)).toEqual(year(3));
    expect(year(3)).not.toEqual(year(4));
  });

  it('looks like life: cooling in August, offices shut on Sunday, shops busier, lamps at night', () => {
    const amount = (kind: LoadProfile['kind'], iso: string, span = 1): number => {
      const curve = model.curve({ kind, dayConsumption: 100_000, seed: 11 });
      let sum = 0;
      for (let index = 0; index < span; index += 1) sum += curve.consumptionOfDay(dayOfIso(iso) + index);
      return sum;
    };
    expect(amount('cooling-plant', '2026-08-01', 28)).toBeGreaterThan(
      3 * amount('cooling-plant', '2026-04-01', 28),
    );
    expect(amount('office', '2026-06-14')).toBeLessThan(amount('office', '2026-06-10') / 2);
    expect(amount('shop', '2026-06-13')).toBeGreaterThan(amount('shop', '2026-06-10') * 0.9);
    expect(amount('workshop', '2026-02-18')).toBeLessThan(amount('workshop', '2026-03-04') / 3);
    expect(amount('outdoor-lighting', '2025-12-01', 28)).toBeGreaterThan(
      amount('outdoor-lighting', '2026-06-01', 28),
    );
    expect(darkMinutesOf(dayOfIso('2026-06-21'), 24)).toBe(0);
    expect(darkMinutesOf(dayOfIso('2026-06-21'), 2)).toBe(30);
    const august = Array.from({ length: 31 }, (_, index) =>
      meanTemperatureTenths(7, dayOfIso('2026-08-01') + index),
    );
    expect(Math.max(...august)).toBeLessThan(400);
    expect(Math.min(...august)).toBeGreaterThan(180);
  });

  it('knows the holidays of the Chinese calendar', () => {
    const kinds = new Map<string, string>();
    for (let day = dayOfIso('2025-01-01'); day < dayOfIso('2027-01-01'); day += 1)
      kinds.set(isoOfDay(day), dayKindOf(day));
    expect(kinds.get('2025-01-28')).toBe('festival');
    expect(kinds.get('2025-01-29')).toBe('festival');
    expect(kinds.get('2026-02-17')).toBe('festival');
    expect(kinds.get('2026-02-15')).toBe('sunday');
    expect(kinds.get('2025-04-04')).toBe('holiday');
    expect(kinds.get('2025-05-31')).toBe('holiday');
    expect(kinds.get('2025-10-06')).toBe('holiday');
    expect(kinds.get('2026-06-19')).toBe('holiday');
    expect(kinds.get('2026-11-20')).toBe('workday');
    expect(kinds.get('2026-11-21')).toBe('saturday');
  });

  it('keeps days of 23 and 25 hours whole', () => {
    const berlin = { days: createLocalDayLine('Europe/Berlin'), climateSeed: 7 };
    const curve = createLoadModel(berlin, firstDay).curve({ kind: 'flat', dayConsumption: 9_000, seed: 5 });
    const flowed = new Float64Array(64);
    for (const [iso, halfHours] of [
      ['2026-03-29', 46],
      ['2026-10-25', 50],
      ['2026-10-26', 48],
    ] as const) {
      const day = dayOfIso(iso);
      expect(curve.fillDay(day, flowed)).toBe(halfHours);
      expect(curve.consumedUntil(berlin.days.startMsOf(day + 1))).toBe(
        curve.consumedBefore(day) + (flowed[halfHours] as number),
      );
    }
  });
});

describe('metered flow', () => {
  const switchings = fc.array(instants, { maxLength: 6 }).map((times) => times.toSorted((a, b) => a - b));

  it('a parent never counts less than its children together, whatever their switches do', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(profiles, switchings), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 0, max: 60 }),
        fc.array(instants, { minLength: 2, maxLength: 8 }),
        (loads, lossPermille, unsorted) => {
          const children = loads.map(([profile, times]) => {
            const flow = createSwitchedFlow(model.curve(profile), days);
            for (const time of times) flow.switchAt(time, !flow.closed);
            return flow;
          });
          const unmetered = model.curve({ kind: 'small-unmetered', dayConsumption: 4_000, seed: 1 });
          const parent = createSummedFlow(children, lossPermille, unmetered, days);
          const sorted = unsorted.toSorted((a, b) => a - b);
          for (const [index, to] of sorted.entries()) {
            const from = sorted[index - 1] ?? to;
            const into = parent.flowedUntil(to) - parent.flowedUntil(from);
            const out = children.reduce(
              (sum, child) => sum + child.flowedUntil(to) - child.flowedUntil(from),
              0,
            );
            expect(into).toBeGreaterThanOrEqual(out);
          }
        },
      ),
    );
  });

  it('stands still while the switch is open and loses nothing at the edges', () => {
    fc.assert(
      fc.property(profiles, switchings, instants, (profile, times, instant) => {
        const curve = model.curve(profile);
        const flow = createSwitchedFlow(curve, days);
        for (const time of times) flow.switchAt(time, !flow.closed);
        let expected = 0;
        let fromMs = -Infinity;
        for (const [index, time] of [...times, Infinity].entries()) {
          const toMs = Math.min(time, instant);
          if (index % 2 === 0 && toMs > fromMs)
            expected += curve.consumedUntil(toMs) - (index === 0 ? 0 : curve.consumedUntil(fromMs));
          fromMs = time;
          if (time >= instant) break;
        }
        expect(flow.flowedUntil(instant)).toBe(expected);
      }),
    );
  });

  it('worked out by day it equals itself read instant by instant', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(profiles, switchings), { minLength: 1, maxLength: 3 }),
        dayNumbers,
        (loads, day) => {
          const children = loads.map(([profile, times]) => {
            const flow = createSwitchedFlow(model.curve(profile), days);
            for (const time of times) flow.switchAt(time, !flow.closed);
            return flow;
          });
          const parent = createSummedFlow(
            children,
            23,
            model.curve({ kind: 'pumps', dayConsumption: 900, seed: 2 }),
            days,
          );
          for (const flow of [...children, parent]) {
            const flowed = flow.flowedOnDay(day);
            const differing: number[] = [];
            for (const [index, value] of flowed.entries()) {
              if (value !== flow.flowedUntil(days.startMsOf(day) + index * halfHourMs)) differing.push(index);
            }
            expect(differing).toEqual([]);
          }
        },
      ),
    );
  });
});
