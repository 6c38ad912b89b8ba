// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import type { MeteringPointSnapshot } from '@wattledger/contracts';
import { lossFieldsOf, suspicionsOf, totalLoss, type ChildFacts, type Parent } from './loss.ts';

function point(id: string): MeteringPointSnapshot {
  return {
    id,
    projectId: 'p',
    code: id,
    name: id,
    medium: 'electricity',
    role: 'sub',
    subItem: 'other',
    placeId: null,
    tenantId: null,
    areaM2: null,
    headcount: null,
    parentLinks: [],
    mountings: [],
  };
}
const parent: Parent = { point: point('main'), parentId: null, depth: 0, childIds: ['a', 'b'] };
const compared = (input: number, children: number, slotsCompared = 48) =>
  lossFieldsOf({ input, children, slotsCompared }, 48);
const child = (id: string, consumption: number | null, before: number | null, missing = 0): ChildFacts => ({
  point: point(id),
  consumption,
  before,
  slots: { measured: 48 - missing, estimated: 0, edited: 0, missing },
});
const kinds = (
  now: ReturnType<typeof compared>,
  before: ReturnType<typeof compared> | null,
  children: readonly ChildFacts[] = [],
): string[] =>
  suspicionsOf(parent, now, before, children).map((suspicion) => `${suspicion.kind} ${suspicion.code}`);

describe('loss', () => {
  test('may be negative, and without a compared slot it is unknown', () => {
    expect(compared(1_000, 1_010)).toMatchObject({ loss: -10, rate: -0.01, comparedShare: 1 });
    expect(lossFieldsOf(undefined, 48)).toEqual({
      input: null,
      children: null,
      loss: null,
      rate: null,
      slotsCompared: 0,
      slotsExpected: 48,
      comparedShare: 0,
    });
  });

  test('each rule tells at its limit and not before', () => {
    expect(kinds(compared(1_000, 1_020), null)).toEqual([]);
    expect(kinds(compared(1_000, 1_021), null)).toEqual(['children-exceed-parent main']);
    expect(kinds(compared(1_000, 900), null)).toEqual([]);
    expect(kinds(compared(1_000, 899), null)).toEqual(['loss-high main']);
    expect(kinds(compared(1_000, 920), compared(1_000, 969))).toEqual([]);
    expect(kinds(compared(1_000, 920), compared(1_000, 970))).toEqual(['loss-risen main']);
    expect(kinds(compared(1_000, 970), null, [child('a', 0, 500), child('b', 0, 0)])).toEqual([
      'child-silent a',
    ]);
    expect(kinds(compared(1_000, 970), null, [child('a', 5, 5, 4), child('b', 5, 5, 5)])).toEqual([
      'child-missing b',
    ]);
  });

  test('a few slots prove nothing', () => {
    expect(kinds(compared(1_000, 100, 23), null)).toEqual([]);
  });

  test('the total counts the input once and every loss', () => {
    const main = { parentId: null, ...compared(1_000, 950) };
    const feeder = { parentId: 'main', ...compared(400, 390) };
    expect(totalLoss([main, feeder])).toEqual({ input: 1_000, loss: 60, rate: 0.06, comparedShare: 1 });
  });
});
