// SPDX-License-Identifier: Apache-2.0
import { slotLengthMs } from '@wattledger/contracts';
import type {
  ComparisonKind,
  LossAnswer,
  LossParent,
  LossSeriesAnswer,
} from '@wattledger/contracts/http/analytics';
import { RequestError } from '@wattledger/platform';
import {
  askEnergy,
  figureOfGroup,
  headOf,
  slotsOfGroup,
  type AskedEnergy,
} from '../../asking/asked-energy.ts';
import type { Asker, Scope } from '../../asking/asker.ts';
import { ratioOf } from '../../asking/figures.ts';
import type { AskedSpan } from '../../calendar/span.ts';
import { dayOfNumber } from '../../calendar/wall-clock.ts';
import { isSelected } from '../../selection/selection.ts';
import { treesOver, type Tree } from '../../site/site.ts';
import { endDayAt, firstDayFrom, startOfDayNumber } from '../../sums/ranges.ts';
import {
  addLossSums,
  expectedOfParents,
  lossFieldsOf,
  parentsIn,
  suspicionsOf,
  totalLoss,
  type ChildFacts,
  type LossFields,
  type LossSums,
  type Parent,
} from './loss.ts';
import { readLossDays, sumLossDays, sumLossSlots, type LossScope } from './loss-store.ts';

interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

const scopeForStore = (scope: Scope): LossScope => ({
  projectId: scope.site.project.id,
  quantity: scope.selection.quantity,
});

/** Compared sums of every parent over a range: whole local days as the stream compared them, the ends from slots. */
async function sumsOver(asker: Asker, scope: Scope, range: Range): Promise<ReadonlyMap<string, LossSums>> {
  const { grid } = scope;
  const fromDay = firstDayFrom(grid, range.fromMs);
  const toDay = endDayAt(grid, range.toMs);
  const ends: Range[] = [];
  if (toDay > fromDay)
    ends.push(
      { fromMs: range.fromMs, toMs: startOfDayNumber(grid, fromDay) },
      { fromMs: startOfDayNumber(grid, toDay), toMs: range.toMs },
    );
  else ends.push(range);
  const parts = await Promise.all([
    toDay > fromDay
      ? sumLossDays(asker.warehouse, scopeForStore(scope), { fromDay, toDay })
      : new Map<string, LossSums>(),
    ...ends.map(async (end) => await sumsOfSlots(asker, scope, end)),
  ]);
  const sums = new Map<string, LossSums>();
  for (const part of parts) {
    for (const [parent, value] of part) {
      const added = addLossSums(sums.get(parent), value);
      if (added !== undefined) sums.set(parent, added);
    }
  }
  return sums;
}

/** Slots that have ended, under the tree of their time. */
async function sumsOfSlots(asker: Asker, scope: Scope, range: Range): Promise<ReadonlyMap<string, LossSums>> {
  const { site, grid, selection, nowMs } = scope;
  const length = slotLengthMs(grid.slotMinutes);
  const toMs = Math.min(range.toMs, Math.floor(nowMs / length) * length);
  const sums = new Map<string, LossSums>();
  if (toMs <= range.fromMs) return sums;
  for (const tree of treesOver(site, selection.quantity, range.fromMs, toMs)) {
    const families = [...tree.linkedChildrenOf].map(([parentId, childIds]) => ({ parentId, childIds }));
    const part = {
      fromMs: Math.ceil(tree.fromMs / 1_000) * 1_000,
      toMs: Math.ceil(tree.toMs / 1_000) * 1_000,
    };
    for (const [parent, value] of await sumLossSlots(asker.warehouse, scopeForStore(scope), families, part)) {
      const added = addLossSums(sums.get(parent), value);
      if (added !== undefined) sums.set(parent, added);
    }
  }
  return sums;
}

interface Compared {
  readonly trees: readonly Tree[];
  readonly fieldsOf: (parentId: string) => LossFields;
}

async function compare(asker: Asker, scope: Scope, range: Range): Promise<Compared> {
  const trees = treesOver(scope.site, scope.selection.quantity, range.fromMs, range.toMs);
  const sums = await sumsOver(asker, scope, range);
  const expected = expectedOfParents(scope.site, trees, scope.nowMs);
  return { trees, fieldsOf: (parentId) => lossFieldsOf(sums.get(parentId), expected.get(parentId) ?? 0) };
}

/** Losses of all parents of a medium: for the overview. null when nobody has metered children. */
export async function askLossTotal(
  asker: Asker,
  scope: Scope,
  range: Range,
): Promise<{
  input: number;
  children: number;
  loss: number;
  rate: number | null;
  comparedShare: number | null;
} | null> {
  const { trees, fieldsOf } = await compare(asker, scope, range);
  const parents = parentsIn(scope.site, trees, () => true).map((parent) => ({
    parentId: parent.parentId,
    ...fieldsOf(parent.point.id),
  }));
  const total = totalLoss(parents);
  if (total.input === null || total.loss === null) return null;
  return {
    input: total.input,
    children: total.input - total.loss,
    loss: total.loss,
    rate: total.rate,
    comparedShare: total.comparedShare,
  };
}

/** Every point by itself with the span before it: for heads, children and suspicions. */
async function askPoints(
  asker: Asker,
  scope: Scope,
  range: Range,
  kind: ComparisonKind,
): Promise<AskedEnergy> {
  const everything = { ...scope, selection: { ...scope.selection, points: null, places: null } };
  return await askEnergy(asker, everything, {
    ...range,
    compare: kind === 'none' ? 'previous' : kind,
    grain: null,
    grouping: 'point',
    among: 'all',
  });
}

function childFactsOf(asked: AskedEnergy): ReadonlyMap<string, ChildFacts> {
  const facts = new Map<string, ChildFacts>();
  asked.groups.forEach((group, index) => {
    const point = asked.scope.site.points.get(group.id ?? '');
    if (point === undefined) return;
    const figure = figureOfGroup(asked, index);
    facts.set(point.id, {
      point,
      consumption: figure.consumption,
      before: figure.before,
      slots: slotsOfGroup(asked, index),
    });
  });
  return facts;
}

/** The part of the span before that has the same length as what is known of this one. */
const comparable = (comparison: AskedSpan): Range => ({
  fromMs: comparison.fromMs,
  toMs: comparison.untilMs,
});

function lossParent(
  parent: Parent,
  now: LossFields,
  before: LossFields | null,
  shown: boolean,
  facts: ReadonlyMap<string, ChildFacts>,
): LossParent {
  const children = parent.childIds.flatMap((id) => facts.get(id) ?? []);
  return {
    meteringPointId: parent.point.id,
    code: parent.point.code,
    name: parent.point.name,
    role: parent.point.role,
    parentId: parent.parentId,
    depth: parent.depth,
    childCount: parent.childIds.length,
    ...now,
    before: shown ? before : null,
    suspicions: suspicionsOf(parent, now, before, children),
  };
}

async function askParents(
  asker: Asker,
  scope: Scope,
  range: Range,
  kind: ComparisonKind,
  wanted: (tree: Tree, id: string) => boolean,
): Promise<{
  readonly asked: AskedEnergy;
  readonly parents: LossParent[];
  readonly facts: ReadonlyMap<string, ChildFacts>;
}> {
  const asked = await askPoints(asker, scope, range, kind);
  const [now, before] = await Promise.all([
    compare(asker, scope, range),
    asked.comparison === null || asked.comparison.untilMs <= asked.comparison.fromMs
      ? null
      : compare(asker, scope, comparable(asked.comparison)),
  ]);
  const facts = childFactsOf(asked);
  const parents = parentsIn(scope.site, now.trees, (tree, point) => wanted(tree, point.id)).map((parent) =>
    lossParent(
      parent,
      now.fieldsOf(parent.point.id),
      before?.fieldsOf(parent.point.id) ?? null,
      kind !== 'none',
      facts,
    ),
  );
  return { asked, parents, facts };
}

function lossHead(asked: AskedEnergy, kind: ComparisonKind): ReturnType<typeof headOf> {
  const head = headOf(asked, 'gross');
  return kind === 'none' ? { ...head, comparison: null, comparisonAsOf: null } : head;
}

/** @throws RequestError as askEnergy */
export async function askLoss(
  asker: Asker,
  scope: Scope,
  range: Range,
  kind: ComparisonKind,
): Promise<LossAnswer> {
  const { site, selection } = scope;
  const { asked, parents } = await askParents(asker, scope, range, kind, (tree, id) => {
    const point = site.points.get(id);
    return point !== undefined && isSelected(site, selection, tree, point);
  });
  return { ...lossHead(asked, kind), parents, total: totalLoss(parents) };
}

/**
 * One parent day by day.
 * @throws RequestError no-such-metering-point, no-children
 */
export async function askLossSeries(
  asker: Asker,
  scope: Scope,
  parentId: string,
  range: Range,
): Promise<LossSeriesAnswer> {
  const { asked, parents, facts } = await askParents(
    asker,
    scope,
    range,
    'none',
    (_tree, id) => id === parentId,
  );
  const parent = parents[0];
  if (parent === undefined) {
    throw new RequestError({
      status: 404,
      code: 'no-children',
      message: 'nothing was linked beneath this metering point in the period',
      hint: 'Losses are asked for points that have children in the metering tree.',
    });
  }
  const last = treesOver(scope.site, scope.selection.quantity, range.fromMs, range.toMs).at(-1);
  const input = facts.get(parentId)?.consumption ?? null;
  const children = (last?.linkedChildrenOf.get(parentId) ?? []).flatMap((id) => facts.get(id) ?? []);
  return {
    ...lossHead(asked, 'none'),
    parent,
    days: await lossDays(asker, scope, parentId, range),
    children: children.map(({ point, consumption, slots }) => ({
      meteringPointId: point.id,
      code: point.code,
      name: point.name,
      consumption,
      share: ratioOf(consumption, input),
      slots,
    })),
  };
}

async function lossDays(
  asker: Asker,
  scope: Scope,
  parentId: string,
  range: Range,
): Promise<LossSeriesAnswer['days']> {
  const { site, grid, selection, nowMs } = scope;
  const fromDay = endDayAt(grid, range.fromMs);
  const toDay = endDayAt(grid, range.toMs - 1) + 1;
  const found = await readLossDays(asker.warehouse, scopeForStore(scope), parentId, { fromDay, toDay });
  return Array.from({ length: toDay - fromDay }, (_unused, index) => {
    const day = fromDay + index;
    const trees = treesOver(
      site,
      selection.quantity,
      startOfDayNumber(grid, day),
      startOfDayNumber(grid, day + 1),
    );
    return {
      localDay: dayOfNumber(day),
      ...lossFieldsOf(found.get(day), expectedOfParents(site, trees, nowMs).get(parentId) ?? 0),
    };
  });
}
