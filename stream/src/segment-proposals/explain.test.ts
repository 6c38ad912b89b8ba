// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: of a register that waits for a decision the rules tell what a person would, with the energy of each story.
 * Method: short histories folded as the stream folds them; every figure is worked out here by hand.
 */
import { describe, expect, test } from '@jest/globals';
import type { Mounting, Segment } from '@wattledger/contracts';
import type { Explanation } from '@wattledger/contracts/http/segment-proposals';
import type { KeptReading } from '../interval-energy/kept-reading.ts';
import { mountingInForce } from '../interval-energy/meter-state.ts';
import { wordOfVerdict } from '../interval-energy/verdict.ts';
import { foldWhole } from '../interval-energy/whole-register.ts';
import { half, mountingOf, segmentOf, startMs } from '../testing/test-stream.ts';
import { explain } from './explain.ts';
import { evidenceOf, type DeviceRatioChange, type HeldEvidence } from './held-evidence.ts';
import { tryOut } from './trial.ts';

/** Readings at every half hour, folded; what is held of them as the stream would show it. */
function heldOf(
  values: readonly number[],
  more: Partial<Segment> = {},
  ratioChange: DeviceRatioChange | null = null,
): HeldEvidence {
  const mounting: Mounting = mountingOf('mtr_x', [segmentOf('mtr_x', more)]);
  const readings = values.map((value, index): KeptReading => ({
    instantMs: startMs + index * half,
    value,
    scaler: 0,
    quality: 0,
    source: 'poll',
    receivedAt: 0,
    logOffset: index,
    verdict: 0,
    revision: 0,
  }));
  const inForce = mountingInForce(mounting, 0);
  const plan = inForce.plans.get('import');
  if (plan === undefined) throw new Error('the register is mounted');
  const { state, verdicts } = foldWhole(inForce, plan, readings);
  for (const [reading, verdict] of verdicts) reading.verdict = verdict;
  const segment = state.segments.get('seg_mtr_x');
  const doubt = segment?.tail?.doubt;
  const last = segment?.extents.at(-1)?.last;
  if (doubt == null || !doubt.confirmed || last === undefined) throw new Error('nothing is held');
  const evidence = evidenceOf({
    projectId: 'prj_1',
    meterId: 'mtr_x',
    mounting,
    segmentId: 'seg_mtr_x',
    reason: wordOfVerdict(doubt.verdict) as 'register-fell',
    lastMs: last.instantMs,
    heldFromMs: doubt.sinceMs,
    readings,
    ratioChange,
  });
  if (evidence === null) throw new Error('there is evidence');
  return evidence;
}

/** `count` values that rise by `by` from `from` on. */
const rising = (from: number, by: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => from + by * index);
const kindsOf = (explanations: readonly Explanation[]): string[] =>
  explanations.map(({ kind, confidence }) => `${kind} ${confidence}`);
const explained = (...given: Parameters<typeof heldOf>): readonly Explanation[] =>
  explain(heldOf(...given), 'p').explanations;

describe('rollover', () => {
  test('of a register of unknown width near a whole power of ten: the width is proposed', () => {
    const [best, ...others] = explained([...rising(99_940, 10, 6), 3, 13, 23]);
    expect(best).toMatchObject({
      kind: 'rollover',
      confidence: 'likely',
      // From the reading before the last good one (99,980): 10 + 13 + 10 + 10; the last two steps are lost so far.
      consumption: 10 + 13 + 10 + 10,
      consumptionChange: 33,
      settles: true,
      readingsCounted: 3,
      request: {
        action: 'correct',
        segmentId: 'seg_mtr_x',
        registerMax: 99_999,
        madeFrom: { proposalId: 'p', segments: [{ segmentId: 'seg_mtr_x' }] },
      },
    });
    expect(best?.request).not.toHaveProperty('powerMax');
    expect(kindsOf(others)).toEqual(['restart possible', 'exchange possible']);
  });

  test('of a word of 32 bits', () => {
    const end = 2 ** 32 - 1;
    expect(explained([...rising(end - 45, 10, 5), 4, 14])[0]).toMatchObject({
      kind: 'rollover',
      request: { registerMax: end },
      consumptionChange: 5 + 4 + 1 + 10 - 1 + 1,
    });
  });

  test('that took more than a tenth of the width needs a power limit, and the proposal brings one', () => {
    const values = [...rising(9_000, 200, 4), 9_990, 1_100, 1_300, 1_500];
    expect(explained(values, { registerMax: 9_999 }).find(({ kind }) => kind === 'rollover')).toMatchObject({
      // Five times what was seen could not have brought it so far: it is told, not recommended.
      confidence: 'unlikely',
      consumptionChange: 10 + 1_100 + 400,
      request: { powerMax: 5_000 },
    });
  });

  test('is not proposed in the middle of the width', () => {
    expect(kindsOf(explained([...rising(50_000, 10, 6), 3, 13]))).not.toContain('rollover likely');
    expect(explained([...rising(50_000, 10, 6), 3, 13]).map(({ kind }) => kind)).toEqual([
      'restart',
      'exchange',
    ]);
  });
});

describe('restart', () => {
  test('at zero: what the register shows now has passed since', () => {
    const [best, ...others] = explained([...rising(1_000, 10, 6), 3, 13, 23]);
    expect(best).toMatchObject({
      kind: 'restart',
      confidence: 'likely',
      atMs: startMs + 5.5 * half,
      consumption: 10 + 23,
      consumptionChange: 23,
      settles: true,
      after: [
        { segmentId: 'seg_mtr_x', toMs: startMs + 5.5 * half },
        { segmentId: 'new', openingReading: { value: 0 } },
      ],
      request: { action: 'exchange', next: { meterId: 'mtr_x', openingReading: { value: 0, scaler: 0 } } },
    });
    // The other story leaves out what passed before the first new reading.
    expect(others).toMatchObject([{ kind: 'exchange', confidence: 'possible', consumptionChange: 20 }]);
  });

  test('twice: the first is settled, the second waits', () => {
    const [best] = explained([...rising(1_000, 10, 6), 3, 13, 23, 2, 12]);
    expect(best).toMatchObject({
      kind: 'restart',
      settles: false,
      readingsCounted: 3,
      consumptionChange: 23,
    });
  });
});

test('a fall to the middle of nowhere is an exchange: nothing is invented for what passed between', () => {
  const explanations = explained([...rising(50_000, 10, 6), 7_777, 7_787, 7_797]);
  expect(explanations).toMatchObject([
    {
      kind: 'exchange',
      confidence: 'likely',
      consumptionChange: 20,
      request: { atMs: startMs + 6 * half, next: { openingReading: { value: 7_777, scaler: 0 } } },
    },
  ]);
});

test('a jump to the level of another meter is an exchange', () => {
  const explanations = explained([...rising(50_100, 10, 6), 70_333, 70_343, 70_353], { powerMax: 1_000 });
  expect(explanations).toMatchObject([{ kind: 'exchange', confidence: 'likely', consumptionChange: 20 }]);
});

describe('ratio change', () => {
  test('the meter multiplies by itself from here on: the multiplier is divided, the energy goes on', () => {
    // Behind a ratio of 20; from the seventh reading on the register shows twenty times as much.
    const values = [...rising(10_000, 2, 6), 10_012 * 20, 10_014 * 20];
    const explanations = explained(values, { multiplierNumerator: 20, powerMax: 5_000 });
    expect(explanations[0]).toMatchObject({
      kind: 'ratio-change',
      confidence: 'likely',
      consumption: 2 * 20 + 4 * 20,
      after: [{}, { multiplierNumerator: 1, multiplierDenominator: 1, openingReading: { value: 200_200 } }],
    });
    expect(explanations.map(({ kind }) => kind)).toEqual(['ratio-change', 'exchange']);
  });

  test('and the other way', () => {
    const values = [...rising(200_000, 20, 6), 10_006, 10_007];
    expect(explained(values)[0]).toMatchObject({
      kind: 'ratio-change',
      after: [{}, { multiplierNumerator: 20, multiplierDenominator: 1 }],
      consumption: 20 + (10_007 - 10_005) * 20,
    });
  });

  test('told by the device is more than chance', () => {
    const told = { from: 20, to: 1, sinceMs: startMs + 6 * half };
    const [best] = explained(
      [...rising(100, 4, 6), 2_480, 2_560],
      { multiplierNumerator: 20, powerMax: 5_000 },
      told,
    );
    expect(best).toMatchObject({ kind: 'ratio-change', confidence: 'likely' });
    expect(best?.evidence.map(({ code }) => code)).toContain('device-ratio-changed');
  });
});

describe('spike', () => {
  test('that was taken for consumption, because no limit was given: it is taken back', () => {
    const evidence = heldOf([...rising(1_000, 10, 6), 999_999, 1_070, 1_080, 1_090]);
    const { consumptionNow, explanations } = explain(evidence, 'p');
    // Counted since the reading before the bad one.
    expect(consumptionNow).toBe(999_999 - 1_050);
    expect(explanations[0]).toMatchObject({
      kind: 'spike',
      confidence: 'likely',
      atMs: startMs + 6 * half,
      consumption: 1_090 - 1_050,
      settles: true,
      request: { action: 'correct', powerMax: 100 },
    });
  });

  test('downward: the fallen readings are left out', () => {
    expect(explained([...rising(1_000, 10, 6), 3, 1_070, 1_080, 1_090])[0]).toMatchObject({
      kind: 'spike',
      consumption: 10 + 40,
      readingsCounted: 3,
    });
  });
});

test('every story closes: what it counts is what a fold of its segments counts, and nothing before the doubt moves', () => {
  const evidence = heldOf([...rising(99_900, 10, 10), 3, 13, 23]);
  const before = tryOut(evidence, evidence.segments, evidence.spanFromMs).consumption;
  const { explanations, consumptionNow } = explain(evidence, 'p');
  expect(explanations.length).toBeGreaterThan(1);
  for (const { before: old, after, consumption, consumptionChange } of explanations) {
    const segments = evidence.segments.flatMap((one) => (old.includes(one) ? after : [one]));
    expect(tryOut(evidence, segments).consumption - before).toBe(consumption);
    expect(consumption - consumptionNow).toBe(consumptionChange);
  }
});
