// SPDX-License-Identifier: Apache-2.0
/** Goal: no flapping. Method: random signals; an alarm must not be raised more often than the value was truly good for the clear time. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { calm, isCalm, stepEpisode, type Episode, type Verdict } from './episode.ts';
import { above } from './finding.ts';

const holds = { holdSeconds: 60, clearSeconds: 300 };

function turnsOf(
  samples: readonly { readonly atMs: number; readonly verdict: Verdict }[],
  rule = holds,
): { readonly raised: number; readonly cleared: number; readonly last: Episode } {
  let episode = calm;
  let raised = 0;
  let cleared = 0;
  for (const { atMs, verdict } of samples) {
    const step = stepEpisode(episode, verdict, atMs, rule);
    episode = step.episode;
    if (step.turned === 'raised') raised += 1;
    if (step.turned === 'cleared') cleared += 1;
  }
  return { raised, cleared, last: episode };
}

const stepsArbitrary = fc.array(
  fc.record({ waitMs: fc.integer({ min: 1, max: 200_000 }), value: fc.integer({ min: 80, max: 120 }) }),
  {
    maxLength: 300,
  },
);

test('law: a value that trembles about a threshold raises once an episode', () => {
  fc.assert(
    fc.property(stepsArbitrary, (steps) => {
      let atMs = 0;
      // Limit 100, cleared at 90: an episode is over when it was at or below 90 for five minutes without a break.
      const samples = steps.map(({ waitMs, value }) => ({
        atMs: (atMs += waitMs),
        verdict: above(value, 100, 90),
      }));
      let calmSpans = 0;
      let goodSince: number | null = null;
      let counted = false;
      for (const { atMs: at, verdict } of samples) {
        if (verdict !== 'good') [goodSince, counted] = [null, false];
        else {
          goodSince ??= at;
          if (!counted && at - goodSince >= 300_000) [calmSpans, counted] = [calmSpans + 1, true];
        }
      }
      const { raised, cleared } = turnsOf(samples);
      expect(raised).toBeLessThanOrEqual(calmSpans + 1);
      expect(raised - cleared).toBeGreaterThanOrEqual(0);
      expect(raised - cleared).toBeLessThanOrEqual(1);
    }),
  );
});

test('law: never good for the clear time means raised once at most, however it trembles', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 91, max: 120 }), { maxLength: 200 }), (values) => {
      const samples = values.map((value, index) => ({
        atMs: index * 30_000,
        verdict: above(value, 100, 90),
      }));
      expect(turnsOf(samples).raised).toBeLessThanOrEqual(1);
    }),
  );
});

test('law: the same samples told again after the end change nothing', () => {
  fc.assert(
    fc.property(stepsArbitrary, (steps) => {
      let atMs = 0;
      const samples = steps.map(({ waitMs, value }) => ({
        atMs: (atMs += waitMs),
        verdict: above(value, 100, 90),
      }));
      const once = turnsOf(samples);
      let { last } = once;
      for (const { atMs: at, verdict } of samples.slice(0, -1)) {
        const step = stepEpisode(last, verdict, at, holds);
        expect(step.turned).toBeNull();
        last = step.episode;
      }
      expect(last).toEqual(once.last);
    }),
  );
});

describe('hold and clear times', () => {
  const at = (seconds: number, verdict: Verdict) => ({ atMs: seconds * 1000, verdict });
  test('bad once is not enough, and a break begins anew', () => {
    expect(turnsOf([at(0, 'bad'), at(59, 'bad')]).raised).toBe(0);
    expect(turnsOf([at(0, 'bad'), at(60, 'bad')]).raised).toBe(1);
    expect(turnsOf([at(0, 'bad'), at(30, 'between'), at(60, 'bad'), at(90, 'bad')]).raised).toBe(0);
  });
  test('without hold times it turns at once', () => {
    const none = { holdSeconds: 0, clearSeconds: 0 };
    const { raised, cleared, last } = turnsOf([at(0, 'bad'), at(1, 'good'), at(2, 'bad')], none);
    expect([raised, cleared, last.isRaised]).toEqual([2, 1, true]);
  });
  test('what is calm need not be remembered', () => {
    expect(isCalm(turnsOf([at(0, 'bad'), at(1, 'good')]).last)).toBe(true);
    expect(isCalm(turnsOf([at(0, 'bad')]).last)).toBe(false);
  });
});
