// SPDX-License-Identifier: Apache-2.0
/**
 * Loss = what a parent measured − Σ of what its children measured, over the slots that all of them have. Children are
 * those linked to it at the time; a generator beneath it gives instead of taking (import less export). Pure.
 */
import type { LossParent, SlotCounts, Suspicion } from '@wattledger/contracts/http/analytics';
import type { MeteringPointSnapshot } from '@wattledger/contracts';
import { ratioOf } from '../../asking/figures.ts';
import { ExpectedSlots } from '../../coverage/expected-slots.ts';
import type { Site, Tree } from '../../site/site.ts';

/** What the compared slots of a parent add up to. */
export interface LossSums {
  readonly input: number;
  readonly children: number;
  readonly slotsCompared: number;
}

export interface LossFields {
  readonly input: number | null;
  readonly children: number | null;
  readonly loss: number | null;
  readonly rate: number | null;
  readonly slotsCompared: number;
  readonly slotsExpected: number;
  readonly comparedShare: number | null;
}

export function lossFieldsOf(sums: LossSums | undefined, slotsExpected: number): LossFields {
  const slotsCompared = sums?.slotsCompared ?? 0;
  const share = { slotsCompared, slotsExpected, comparedShare: ratioOf(slotsCompared, slotsExpected) };
  if (sums === undefined || slotsCompared === 0)
    return { input: null, children: null, loss: null, rate: null, ...share };
  const loss = sums.input - sums.children;
  return { input: sums.input, children: sums.children, loss, rate: ratioOf(loss, sums.input), ...share };
}

export function addLossSums(a: LossSums | undefined, b: LossSums | undefined): LossSums | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return {
    input: a.input + b.input,
    children: a.children + b.children,
    slotsCompared: a.slotsCompared + b.slotsCompared,
  };
}

/** A point with children linked to it at some time of the span. */
export interface Parent {
  readonly point: MeteringPointSnapshot;
  /** Nearest parent above that is in the list too. */
  readonly parentId: string | null;
  readonly depth: number;
  /** As linked at the end of the span. */
  readonly childIds: readonly string[];
}

/** Parents of the trees, uppermost first and children after their parent; `wanted` narrows them. */
export function parentsIn(
  site: Site,
  trees: readonly Tree[],
  wanted: (tree: Tree, point: MeteringPointSnapshot) => boolean,
): readonly Parent[] {
  const last = trees.at(-1);
  if (last === undefined) return [];
  const chosen = new Set<string>();
  for (const tree of trees) {
    for (const id of tree.linkedChildrenOf.keys()) {
      const point = site.points.get(id);
      // Without a meter of its own a point groups others and has no loss.
      if (point !== undefined && point.mountings.length > 0 && wanted(tree, point)) chosen.add(id);
    }
  }
  const parentOf = (id: string): string | null => {
    let parent = last.linkOf.get(id);
    while (parent !== undefined && !chosen.has(parent)) parent = last.linkOf.get(parent);
    return parent ?? null;
  };
  const below = new Map<string | null, MeteringPointSnapshot[]>();
  for (const point of site.points.values()) {
    if (!chosen.has(point.id)) continue;
    const parent = parentOf(point.id);
    below.set(parent, [...(below.get(parent) ?? []), point]);
  }
  const ordered: Parent[] = [];
  const visit = (parentId: string | null, depth: number): void => {
    for (const point of below.get(parentId) ?? []) {
      ordered.push({ point, parentId, depth, childIds: last.linkedChildrenOf.get(point.id) ?? [] });
      visit(point.id, depth + 1);
    }
  };
  visit(null, 0);
  return ordered;
}

/** Slots that have ended by now and in which children were linked to the parent. */
export function expectedOfParents(
  site: Site,
  trees: readonly Tree[],
  nowMs: number,
): ReadonlyMap<string, number> {
  const expected = new Map<string, number>();
  const always = { fromMs: 0, toMs: null };
  for (const tree of trees) {
    const counter = new ExpectedSlots(
      { startsMs: [tree.fromMs], endMs: tree.toMs },
      site.project.slotMinutes,
      nowMs,
    );
    counter.add(always, tree.fromMs, tree.toMs);
    const slots = counter.counts()[0] ?? 0;
    for (const id of tree.linkedChildrenOf.keys()) expected.set(id, (expected.get(id) ?? 0) + slots);
  }
  return expected;
}

/** What is known of one child in the span and in the span before. */
export interface ChildFacts {
  readonly point: MeteringPointSnapshot;
  readonly consumption: number | null;
  readonly before: number | null;
  readonly slots: SlotCounts;
}

export const suspicionLimits = {
  /** Children above their parent by more than this share of it: beyond what meter classes explain. */
  excessShare: 0.02,
  lossRate: 0.1,
  lossRateRise: 0.05,
  missingShare: 0.1,
  /** Below this many compared slots a rate says nothing. */
  slotsComparedMin: 24,
} as const;

/** Points out what a person should look at. Rules with named limits, each with the numbers behind it; no verdicts. */
export function suspicionsOf(
  parent: Parent,
  now: LossFields,
  before: LossFields | null,
  children: readonly ChildFacts[],
): Suspicion[] {
  const found: Suspicion[] = [];
  const tell = (
    kind: Suspicion['kind'],
    point: MeteringPointSnapshot,
    facts: Record<string, number>,
  ): void => {
    found.push({ kind, meteringPointId: point.id, code: point.code, name: point.name, facts });
  };
  if (now.input !== null && now.children !== null && now.slotsCompared >= suspicionLimits.slotsComparedMin) {
    const excess = now.children - now.input;
    if (excess > suspicionLimits.excessShare * Math.abs(now.input))
      tell('children-exceed-parent', parent.point, { input: now.input, children: now.children, excess });
    if (now.rate !== null && now.rate > suspicionLimits.lossRate)
      tell('loss-high', parent.point, { input: now.input, loss: now.loss ?? 0, rate: now.rate });
    const comparable = before !== null && before.slotsCompared >= suspicionLimits.slotsComparedMin;
    if (
      now.rate !== null &&
      comparable &&
      before.rate !== null &&
      now.rate - before.rate >= suspicionLimits.lossRateRise
    ) {
      tell('loss-risen', parent.point, { rate: now.rate, rateBefore: before.rate });
    }
  }
  for (const { point, consumption, before: childBefore, slots } of children) {
    const expected = slots.measured + slots.estimated + slots.edited + slots.missing;
    if (
      consumption === 0 &&
      childBefore !== null &&
      childBefore > 0 &&
      slots.measured >= suspicionLimits.slotsComparedMin
    )
      tell('child-silent', point, { before: childBefore, slotsMeasured: slots.measured });
    if (expected > 0 && slots.missing > suspicionLimits.missingShare * expected)
      tell('child-missing', point, { slotsMissing: slots.missing, slotsExpected: expected });
  }
  return found;
}

/** Over all parents: what the top-most were supplied with, and what was lost anywhere below. */
export function totalLoss(
  parents: readonly Pick<LossParent, 'parentId' | 'input' | 'loss' | 'slotsCompared' | 'slotsExpected'>[],
): { input: number | null; loss: number | null; rate: number | null; comparedShare: number | null } {
  let input: number | null = null;
  let loss: number | null = null;
  let compared = 0;
  let expected = 0;
  for (const parent of parents) {
    if (parent.parentId === null && parent.input !== null) input = (input ?? 0) + parent.input;
    if (parent.loss !== null) loss = (loss ?? 0) + parent.loss;
    compared += parent.slotsCompared;
    expected += parent.slotsExpected;
  }
  return { input, loss, rate: ratioOf(loss, input), comparedShare: ratioOf(compared, expected) };
}
